import { RingQueue } from '@nodekeeper/protocol';
import type { RequestSpan } from '../roles/request-span.js';
import type { AuditEntry } from './audit.js';

/**
 * Reads before a write are answered in one go before the write is applied. So a write is not taken in after reads that cost
 * more than this together, and no request is taken in after requests of more bytes.
 */
const waitingCostMax = 256;
const waitingBytesMax = 1024 * 1024;
/** The writes of others wait for all that is on its way already, so no client has more than this there. */
const waitingRequestsMax = 128;
/** Shorter requests are many enough to be limited by their number. */
const countedBytesMin = 4096;

/** A request that waits for the writes before it. */
export interface DeferredRequest {
  /** A copy: the bytes of the connection are overwritten before it is answered. */
  readonly request: RequestSpan;
  readonly cost: number;
  /** Where the answer is known already, because the request could not be taken in: its code. */
  readonly err: number | undefined;
}

/** A write on its way; its answer comes with its commit. */
const write = Symbol('a write that is not committed yet');

/** A sync on its way. */
export class PendingSync {
  /** `confirmed`: only what is in front of it keeps its answer back. */
  state: 'asked' | 'confirmed' | 'answered' = 'asked';

  constructor(
    readonly xid: number,
    readonly receivedMs: number,
    /** The reply's body. */
    readonly path: string | null,
  ) {}
}

interface LargeRequest {
  readonly pushedCount: number;
  readonly bytes: number;
  readonly limited: boolean;
  readonly weight: number;
}

/**
 * Keeps one client's answers in the order of its requests: its writes that are on their way, and the requests that came
 * after them. While it is empty, reads are answered at once.
 */
export class Lane {
  readonly #queue = new RingQueue<DeferredRequest | PendingSync | typeof write>();

  readonly #audited = new RingQueue<AuditEntry>();

  /** Requests that wait for nothing but their turn. */
  deferredCount = 0;
  #waitingCost = 0;
  #waitingBytes = 0;
  #pushedCount = 0;
  /** Large requests among what waits, by how many were pushed up to each. */
  readonly #large = new RingQueue<LargeRequest>();

  get length(): number {
    return this.#queue.length;
  }

  /** So many requests wait that no more are to be taken in. */
  get isFull(): boolean {
    return this.#isLong || this.#queue.length >= waitingRequestsMax;
  }

  /** Enough of it is answered to take in more: not one request for each answer, which would cost a system call each. */
  get hasRoom(): boolean {
    return !this.#isLong && this.#queue.length <= waitingRequestsMax / 2;
  }

  get #isLong(): boolean {
    return this.#waitingCost >= waitingCostMax || this.#waitingBytes >= waitingBytesMax;
  }

  /** The size of the request just pushed; `limited`: the server counts it as a large one; `weight`: of a byte of it. */
  noteSize(bytes: number, limited: boolean, weight: number): void {
    if (bytes < countedBytesMin && !limited) return;
    this.#waitingBytes += bytes * weight;
    this.#large.push({ pushedCount: this.#pushedCount, bytes, limited, weight });
  }

  /** Forgets the sizes of what is answered. Gives the bytes of the large ones among it since the last call. */
  takeLargeAnswered(): number {
    const answeredCount = this.#pushedCount - this.length;
    let limitedBytes = 0;
    while (this.#large.length > 0 && this.#large.peek()!.pushedCount <= answeredCount) {
      const { bytes, limited, weight } = this.#large.shift();
      this.#waitingBytes -= bytes * weight;
      if (limited) limitedBytes += bytes;
    }
    return limitedBytes;
  }

  /** With an entry for each write where writes are audited, and for none where they are not. */
  pushWrite(audited?: AuditEntry): void {
    this.#pushedCount++;
    this.#queue.push(write);
    if (audited !== undefined) this.#audited.push(audited);
  }

  pushSync(sync: PendingSync): void {
    this.#pushedCount++;
    this.#queue.push(sync);
  }

  defer(request: DeferredRequest): void {
    this.#pushedCount++;
    this.#queue.push(request);
    this.deferredCount++;
    this.#waitingCost += request.cost;
  }

  /** Nothing is in front of the first write. */
  get isWriteNext(): boolean {
    return this.#queue.peek() === write;
  }

  /** The entry of the write that is committed now. */
  takeAudited(): AuditEntry | undefined {
    return this.#audited.length > 0 ? this.#audited.shift() : undefined;
  }

  /** The first write was committed, and is answered now; commits come in the order of the requests. */
  writeCommitted(): void {
    if (this.#queue.shift() !== write) throw new Error('a write is answered before the reads in front of it');
  }

  syncConfirmed(sync: PendingSync): void {
    sync.state = 'confirmed';
    this.deferredCount++;
  }

  /** The next request that waits for nothing any more, taken off the queue. */
  nextReady(): DeferredRequest | PendingSync | undefined {
    const first = this.#queue.peek();
    if (first === undefined || first === write) return undefined;
    return first instanceof PendingSync && first.state === 'asked' ? undefined : this.shiftBeforeWrite();
  }

  /** Takes off what stands in front of the first write. */
  shiftBeforeWrite(): DeferredRequest | PendingSync {
    const first = this.#queue.shift();
    if (first === write) throw new Error('nothing is in front of the write');
    if (!(first instanceof PendingSync) || first.state === 'confirmed') this.deferredCount--;
    if (!(first instanceof PendingSync)) this.#waitingCost -= first.cost;
    return first;
  }
}
