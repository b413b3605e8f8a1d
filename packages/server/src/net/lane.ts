import { RingQueue } from '@nodekeeper/protocol';

/** A request that waits for the writes before it: kept as bytes until its turn. */
export interface DeferredRequest {
  readonly xid: number;
  readonly type: number;
  readonly body: Buffer;
  readonly receivedMs: number;
  /** The answer is known already (a request that could not be decoded). */
  readonly err: number | undefined;
}

/** The answer to a write, kept because reads before it are not answered yet. */
export interface ReadyReply {
  readonly frame: Buffer;
}

/** A write on its way; its answer comes with its commit. */
const write = Symbol('a write that is not committed yet');

/** A sync on its way; its answer comes from the leader, and may come after that of writes behind it. */
export class PendingSync {
  constructor(
    readonly xid: number,
    readonly receivedMs: number,
    /** The reply's body. */
    readonly path: string | null,
  ) {}
}

/**
 * What keeps one client's answers in the order of its requests: writes that are on their way, and whatever came in
 * behind them. While it is empty, reads are answered at once.
 */
export class Lane {
  readonly #queue = new RingQueue<DeferredRequest | ReadyReply | PendingSync | typeof write>();

  /** Of what waits, how many are no writes. */
  deferredCount = 0;
  #pushedCount = 0;
  /** Large requests among what waits, by how many were pushed up to each. */
  readonly #large = new RingQueue<{ readonly pushedCount: number; readonly bytes: number }>();

  get length(): number {
    return this.#queue.length;
  }

  /** The request just pushed is a large one. */
  noteLarge(bytes: number): void {
    this.#large.push({ pushedCount: this.#pushedCount, bytes });
  }

  /** Bytes of the large requests answered since the last call. */
  takeLargeAnswered(): number {
    const answeredCount = this.#pushedCount - this.length;
    let bytes = 0;
    while (this.#large.length > 0 && this.#large.peek()!.pushedCount <= answeredCount)
      bytes += this.#large.shift().bytes;
    return bytes;
  }

  pushWrite(): void {
    this.#pushedCount++;
    this.#queue.push(write);
  }

  pushSync(sync: PendingSync): void {
    this.#pushedCount++;
    this.#queue.push(sync);
  }

  defer(request: DeferredRequest): void {
    this.#pushedCount++;
    this.#queue.push(request);
    this.deferredCount++;
  }

  /** Nothing but the reads before it (which a client that is behind makes wait) keeps the first write's answer back. */
  get isWriteNext(): boolean {
    return this.#queue.peek() === write;
  }

  /** The first write was committed, and is answered now; commits come in the order of the requests. */
  writeCommitted(): void {
    if (this.#queue.shift() !== write) throw new Error('a write is answered before the reads in front of it');
  }

  /** The first write was committed; its answer waits for its turn. */
  keepReply(frame: Buffer): void {
    if (!this.#queue.replaceFirst(write, { frame })) throw new Error('a write was committed that nobody waits for');
    this.deferredCount++;
  }

  /** A sync was answered; true: nothing is in front of it, and it is taken off; false: the reply waits for its turn. */
  syncCompleted(sync: PendingSync, frame: Buffer): boolean {
    if (this.#queue.peek() === sync) {
      this.#queue.shift();
      return true;
    }
    if (!this.#queue.replaceFirst(sync, { frame })) throw new Error('a sync was answered that nobody waits for');
    this.deferredCount++;
    return false;
  }

  /** The next request that waits for nothing any more, taken off the queue. */
  nextReady(): DeferredRequest | ReadyReply | undefined {
    const first = this.#queue.peek();
    if (first === undefined || first === write || first instanceof PendingSync) return undefined;
    this.#queue.shift();
    this.deferredCount--;
    return first;
  }
}
