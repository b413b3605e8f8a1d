import { RingQueue } from '@nodekeeper/protocol';
import { Outbox } from './outbox.js';
import type { ClientRequest, Failure } from './request.js';

const leastSweep = 1024;

/**
 * The requests that wait for a connection. A request is encoded when it is added, because the caller may change its
 * buffers before there is a connection.
 */
export class ParkedRequests<Watcher> {
  readonly #queue = new RingQueue<ClientRequest<Watcher>>();
  readonly #outbox: Outbox;
  /** The queue length at which finished requests are removed. */
  #sweepAt = leastSweep;

  constructor(requestBytesMax: number) {
    this.#outbox = new Outbox(requestBytesMax);
  }

  get length(): number {
    return this.#queue.length;
  }

  /**
   * Adds a request and returns undefined. If the request exceeds the size limit, adds nothing and returns the size in
   * bytes.
   */
  add(request: ClientRequest<Watcher>): number | undefined {
    const oversize = this.#outbox.add(0, request.operation, request.body);
    if (oversize !== undefined) return oversize;
    request.parked = this.#outbox.take();
    this.#queue.push(request);
    if (this.#queue.length >= this.#sweepAt) this.#sweep();
    return undefined;
  }

  /**
   * Removes finished requests. Otherwise, requests that time out during a long outage would accumulate in the queue.
   */
  #sweep(): void {
    for (let left = this.#queue.length; left > 0; left--) {
      const request = this.#queue.shift();
      if (!request.finished) this.#queue.push(request);
    }
    this.#sweepAt = Math.max(leastSweep, 2 * this.#queue.length);
  }

  /** Yields the unfinished requests, oldest first, and leaves them in the queue. */
  *[Symbol.iterator](): Iterator<ClientRequest<Watcher>> {
    for (const request of this.#queue) if (!request.finished) yield request;
  }

  /** Removes all requests from the queue, and yields the unfinished ones, oldest first. */
  *drain(): Iterable<ClientRequest<Watcher>> {
    while (this.#queue.length > 0) {
      const request = this.#queue.shift();
      if (!request.finished) yield request;
    }
  }

  failAll(failure: Failure): void {
    for (const request of this.drain()) request.fail(failure);
  }
}
