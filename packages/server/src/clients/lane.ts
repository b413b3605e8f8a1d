import { RingQueue } from '@nodekeeper/protocol';
import type { RequestSpan } from '../roles/request-span.js';
import type { AuditEntry } from './audit.js';

/**
 * All reads before a write are answered together before the write is applied. So the server accepts no write after
 * reads that cost more than this in total, and no request after requests with more bytes.
 */
const waitingCostMax = 256;
const waitingBytesMax = 1024 * 1024;
/**
 * The writes of other clients wait for all requests in progress, so no client has more requests than this in progress.
 */
const waitingRequestsMax = 128;
/** Shorter requests are limited by their number. */
const countedBytesMin = 4096;

/** A request that waits for the writes before it. */
export interface DeferredRequest {
  /** A copy, because the bytes of the connection are overwritten before the reply. */
  readonly request: RequestSpan;
  readonly cost: number;
  /** The code of the reply, if the request could not be accepted. */
  readonly err: number | undefined;
}

/** A write in progress. Its commit answers it. */
const write = Symbol('a write that is not committed yet');

/** A sync in progress. */
export class PendingSync {
  /** `confirmed`: the sync waits only for the requests before it. */
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
 * Keeps the replies of one client in the order of its requests. It holds the writes in progress, and the requests after
 * them. While it is empty, reads are answered at once.
 */
export class Lane {
  readonly #queue = new RingQueue<DeferredRequest | PendingSync | typeof write>();

  readonly #audited = new RingQueue<AuditEntry>();

  /** The number of queued requests that no longer wait for a commit. */
  deferredCount = 0;
  #waitingCost = 0;
  #waitingBytes = 0;
  #pushedCount = 0;
  /** Large waiting requests, with the number of requests that were pushed up to each. */
  readonly #large = new RingQueue<LargeRequest>();

  get length(): number {
    return this.#queue.length;
  }

  /** True if so many requests wait that the server must not accept more. */
  get isFull(): boolean {
    return this.#isLong || this.#queue.length >= waitingRequestsMax;
  }

  /**
   * True if enough requests are answered to accept more. Reading only one request after each reply would cost a system
   * call for each.
   */
  get hasRoom(): boolean {
    return !this.#isLong && this.#queue.length <= waitingRequestsMax / 2;
  }

  get #isLong(): boolean {
    return this.#waitingCost >= waitingCostMax || this.#waitingBytes >= waitingBytesMax;
  }

  /**
   * Notes the size of the request just pushed. `limited`: the server counts it as large; `weight`: the factor for its
   * bytes.
   */
  noteSize(bytes: number, limited: boolean, weight: number): void {
    if (bytes < countedBytesMin && !limited) return;
    this.#waitingBytes += bytes * weight;
    this.#large.push({ pushedCount: this.#pushedCount, bytes, limited, weight });
  }

  /**
   * Drops the sizes of answered requests. Returns the bytes of the large ones that were answered since the last call.
   */
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

  /** Adds a write. Each write has an entry if writes are audited, and none has otherwise. */
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

  /** True if the first request is a write. */
  get isWriteNext(): boolean {
    return this.#queue.peek() === write;
  }

  /** The audit entry of the write that is committed now. */
  takeAudited(): AuditEntry | undefined {
    return this.#audited.length > 0 ? this.#audited.shift() : undefined;
  }

  /** The first write was committed, and is answered now. Commits come in the order of the requests. */
  writeCommitted(): void {
    if (this.#queue.shift() !== write) throw new Error('a write is answered before the reads that precede it');
  }

  syncConfirmed(sync: PendingSync): void {
    sync.state = 'confirmed';
    this.deferredCount++;
  }

  /** Removes and returns the next request that waits for nothing; undefined if there is none. */
  nextReady(): DeferredRequest | PendingSync | undefined {
    const first = this.#queue.peek();
    if (first === undefined || first === write) return undefined;
    return first instanceof PendingSync && first.state === 'asked' ? undefined : this.shiftBeforeWrite();
  }

  /** Removes and returns the first request, which must not be a write. */
  shiftBeforeWrite(): DeferredRequest | PendingSync {
    const first = this.#queue.shift();
    if (first === write) throw new Error('no request precedes the write');
    if (!(first instanceof PendingSync) || first.state === 'confirmed') this.deferredCount--;
    if (!(first instanceof PendingSync)) this.#waitingCost -= first.cost;
    return first;
  }
}
