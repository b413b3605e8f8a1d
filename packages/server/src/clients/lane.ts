import { RingQueue } from '@nodekeeper/protocol';
import type { RequestSpan } from '../roles/request-span.js';
import type { AuditEntry } from './audit.js';

/**
 * Limit on the total cost of one client's waiting requests. At this limit, the server accepts no further request from
 * the client. All reads that precede a write are answered in one go, before the server applies the write. Without this
 * limit, one client could occupy the server for a long time.
 */
const waitingCostMax = 256;
/** Limit on the total bytes of one client's waiting requests. It has the same effect as `waitingCostMax`. */
const waitingBytesMax = 1024 * 1024;
/**
 * Maximum number of queued requests of one client. Other clients' writes wait until these requests are handled, so a
 * higher number would delay those writes.
 */
const waitingRequestsMax = 128;
/**
 * A request with fewer bytes than this does not count towards `waitingBytesMax`, because `waitingRequestsMax` limits
 * the memory for such requests.
 */
const countedBytesMin = 4096;

/** A request whose reply must wait for earlier writes or syncs of the same client. */
export interface DeferredRequest {
  /** A copy of the request, because the input buffer of the connection is overwritten before the reply is sent. */
  readonly request: RequestSpan;
  readonly cost: number;
  /** The error code of the reply if the request was rejected; undefined if the request is still to be executed. */
  readonly err: number | undefined;
}

/** Stands in the queue for a write in progress. The write is answered when it is committed. */
const write = Symbol('a write that is not committed yet');

/** A sync request, and the stage of its processing. */
export class PendingSync {
  /**
   * `asked`: the leader has not confirmed the sync; `confirmed`: the reply waits only for the client's earlier
   * requests.
   */
  state: 'asked' | 'confirmed' | 'answered' = 'asked';

  constructor(
    readonly xid: number,
    readonly receivedMs: number,
    /** The path in the request, which the reply repeats. */
    readonly path: string | null,
  ) {}
}

interface LargeRequest {
  /** The position of this request among all requests that were pushed to the lane. The first request has position 1. */
  readonly pushedCount: number;
  readonly bytes: number;
  readonly limited: boolean;
  readonly weight: number;
}

/**
 * A queue that keeps the replies of one client in the order of its requests. The queue contains the writes and syncs in
 * progress, and all requests after them. While the queue is empty, reads are answered at once.
 */
export class Lane {
  readonly #queue = new RingQueue<DeferredRequest | PendingSync | typeof write>();

  readonly #audited = new RingQueue<AuditEntry>();

  /** The number of queued requests that need no commit or confirmation: reads, rejected writes and confirmed syncs. */
  deferredCount = 0;
  #waitingCost = 0;
  #waitingBytes = 0;
  #pushedCount = 0;
  /** The waiting requests whose bytes count towards a limit. */
  readonly #large = new RingQueue<LargeRequest>();

  get length(): number {
    return this.#queue.length;
  }

  /** True if the server must not accept further requests from this client for now. */
  get isFull(): boolean {
    return this.#isLong || this.#queue.length >= waitingRequestsMax;
  }

  /**
   * True if the server may accept requests again, because at most half of the permitted number is waiting. Resuming
   * after each single reply would cost one system call for each request.
   */
  get hasRoom(): boolean {
    return !this.#isLong && this.#queue.length <= waitingRequestsMax / 2;
  }

  get #isLong(): boolean {
    return this.#waitingCost >= waitingCostMax || this.#waitingBytes >= waitingBytesMax;
  }

  /**
   * Records the size of the request that was just pushed.
   * @param limited true if the request counts towards `largeRequestMaxBytes`
   * @param weight the factor by which `bytes` is multiplied before it counts towards `waitingBytesMax`
   */
  noteSize(bytes: number, limited: boolean, weight: number): void {
    if (bytes < countedBytesMin && !limited) return;
    this.#waitingBytes += bytes * weight;
    this.#large.push({ pushedCount: this.#pushedCount, bytes, limited, weight });
  }

  /**
   * Forgets the sizes of answered requests. Returns the total bytes of the forgotten requests that counted towards
   * `largeRequestMaxBytes`.
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

  /** Adds a write. `audited` is undefined if the server keeps no audit log, and for the creation of a session. */
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

  /** True if the first request in the queue is a write. */
  get isWriteNext(): boolean {
    return this.#queue.peek() === write;
  }

  /** Removes and returns the audit entry of the write that was just committed; undefined if there is none. */
  takeAudited(): AuditEntry | undefined {
    return this.#audited.length > 0 ? this.#audited.shift() : undefined;
  }

  /** Removes the first request, a write that was just committed. Commits arrive in the order of the requests. */
  writeCommitted(): void {
    if (this.#queue.shift() !== write) throw new Error('a write is answered before the reads that precede it');
  }

  syncConfirmed(sync: PendingSync): void {
    sync.state = 'confirmed';
    this.deferredCount++;
  }

  /**
   * Removes and returns the first request if it can be answered now. Returns undefined if the queue is empty, or starts
   * with an uncommitted write or an unconfirmed sync.
   */
  nextReady(): DeferredRequest | PendingSync | undefined {
    const first = this.#queue.peek();
    if (first === undefined || first === write) return undefined;
    return first instanceof PendingSync && first.state === 'asked' ? undefined : this.shiftBeforeWrite();
  }

  /** Removes and returns the first request in the queue, which must not be a write. */
  shiftBeforeWrite(): DeferredRequest | PendingSync {
    const first = this.#queue.shift();
    if (first === write) throw new Error('no request precedes the write');
    if (!(first instanceof PendingSync) || first.state === 'confirmed') this.deferredCount--;
    if (!(first instanceof PendingSync)) this.#waitingCost -= first.cost;
    return first;
  }
}
