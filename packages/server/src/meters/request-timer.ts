import type { Clock } from '../ports/clock.js';

/** Reading the clock costs as much as a small part of a request, so only one request in 32 is timed. */
const timedInterval = 32;
export const untimed = -1;

/** Selects the requests to time, starting with the first. */
export class RequestTimer {
  #left = 1;
  readonly #clock: Pick<Clock, 'monotonicMs'>;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** The time when the request began; `untimed` if it is not one of them. */
  begin(): number {
    if (--this.#left > 0) return untimed;
    this.#left = timedInterval;
    return this.#clock.monotonicMs();
  }
}
