import { RingQueue } from '../pipeline/ring-queue.js';

/** A request that waits for the writes before it: kept as bytes until its turn. */
export interface DeferredRequest {
  readonly xid: number;
  readonly type: number;
  readonly body: Buffer;
  readonly receivedMs: number;
  /** The answer is known already (a request that could not be decoded). */
  readonly err: number | undefined;
}

/** A write on its way; its answer comes with its commit. */
export const write = Symbol('a write that is not committed yet');

/**
 * What keeps one client's answers in the order of its requests: writes that are on their way, and whatever came in
 * behind them. While it is empty, reads are answered at once.
 */
export class Lane {
  readonly #queue = new RingQueue<DeferredRequest | typeof write>();

  /** Of what waits, how many are no writes. */
  deferredCount = 0;

  get length(): number {
    return this.#queue.length;
  }

  pushWrite(): void {
    this.#queue.push(write);
  }

  defer(request: DeferredRequest): void {
    this.#queue.push(request);
    this.deferredCount++;
  }

  /** The first write was committed; commits come in the order of the requests. */
  writeCommitted(): void {
    if (this.#queue.shift() !== write)
      throw new Error('a write was committed before the reads in front of it were answered');
  }

  /** The next request that waits for nothing any more, taken off the queue. */
  nextReady(): DeferredRequest | undefined {
    const first = this.#queue.peek();
    if (first === undefined || first === write) return undefined;
    this.#queue.shift();
    this.deferredCount--;
    return first;
  }
}
