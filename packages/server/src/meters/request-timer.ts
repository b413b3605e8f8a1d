import type { Clock } from '../ports/clock.js';

/** Reading the clock costs as much as a small part of a request does, so one request in so many is timed. */
const timedInterval = 32;
export const untimed = -1;

/** Picks the requests that are timed, the first among them. */
export class RequestTimer {
  #left = 1;
  readonly #clock: Pick<Clock, 'monotonicMs'>;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** When the request began; `untimed`: it is none of those. */
  begin(): number {
    if (--this.#left > 0) return untimed;
    this.#left = timedInterval;
    return this.#clock.monotonicMs();
  }
}
