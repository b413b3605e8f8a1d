import { RingQueue } from '@nodekeeper/protocol';
import { Outbox } from './outbox.js';
import type { ClientRequest, Failure } from './request.js';

const leastSweep = 1024;

/** Requests that wait for a connection: encoded at once, so that what the caller does with its buffers later is of no matter. */
export class ParkedRequests<Watcher> {
  readonly #queue = new RingQueue<ClientRequest<Watcher>>();
  readonly #outbox: Outbox;
  /** The length at which those are looked for that nobody waits for any more. */
  #sweepAt = leastSweep;

  constructor(requestBytesMax: number) {
    this.#outbox = new Outbox(requestBytesMax);
  }

  get length(): number {
    return this.#queue.length;
  }

  /** A number is the size of a request that is over the limit and was not taken. */
  add(request: ClientRequest<Watcher>): number | undefined {
    const oversize = this.#outbox.add(0, request.operation, request.body);
    if (oversize !== undefined) return oversize;
    request.parked = this.#outbox.take();
    this.#queue.push(request);
    if (this.#queue.length >= this.#sweepAt) this.#sweep();
    return undefined;
  }

  /** Servers may be away for long, and requests with a time limit come and go meanwhile. */
  #sweep(): void {
    for (let left = this.#queue.length; left > 0; left--) {
      const request = this.#queue.shift();
      if (!request.finished) this.#queue.push(request);
    }
    this.#sweepAt = Math.max(leastSweep, 2 * this.#queue.length);
  }

  /** Those that somebody still waits for, oldest first. */
  *[Symbol.iterator](): Iterator<ClientRequest<Watcher>> {
    for (const request of this.#queue) if (!request.finished) yield request;
  }

  /** The same; each is taken out. */
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
