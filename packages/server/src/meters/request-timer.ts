import type { Clock } from '../ports/clock.js';

/**
 * One of this many requests is timed. Reading the clock takes as long as a small part of a request, so timing every
 * request would cost too much.
 */
const timedInterval = 32;
export const untimed = -1;

/** Selects the requests whose time is measured: the first one, and then one in 32. */
export class RequestTimer {
  #left = 1;
  readonly #clock: Pick<Clock, 'monotonicMs'>;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** Call it when a request begins. Returns the current time in ms if the request is selected, otherwise `untimed`. */
  begin(): number {
    if (--this.#left > 0) return untimed;
    this.#left = timedInterval;
    return this.#clock.monotonicMs();
  }
}
