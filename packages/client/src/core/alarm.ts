import type { Scheduler } from './ports.js';

/**
 * The lateness of a timer, in milliseconds, which shows that the process was suspended or blocked. The messages that
 * arrived during that time must be read before `ring` is called.
 */
const stallMs = 200;
/**
 * The time, in milliseconds, in which the process reads the messages that arrived while it was suspended or blocked.
 */
const graceMs = 50;

/**
 * Calls `ring` at a deadline that every message postpones, with a single timer. Postponing the deadline costs nothing:
 * the timer fires at the old deadline, reads the new deadline, and is set again.
 */
export class Alarm {
  readonly #scheduler: Scheduler;
  readonly #deadlineMs: () => number;
  readonly #ring: (nowMs: number) => void;
  #setForMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};
  #isInGrace = false;

  /**
   * `ring` is called with the current time when the timer fires, which may be before the deadline. An early call must
   * have no effect.
   */
  constructor(scheduler: Scheduler, deadlineMs: () => number, ring: (nowMs: number) => void) {
    this.#scheduler = scheduler;
    this.#deadlineMs = deadlineMs;
    this.#ring = ring;
  }

  /** Must be called when the deadline may have moved to an earlier time. */
  update(): void {
    this.#setFor(this.#deadlineMs());
  }

  stop(): void {
    this.#cancel();
    this.#setForMs = Number.POSITIVE_INFINITY;
  }

  #setFor(deadlineMs: number): void {
    if (this.#setForMs <= deadlineMs) return;
    this.#cancel();
    this.#setForMs = deadlineMs;
    const delayMs = Math.max(0, deadlineMs - this.#scheduler.monotonicMs());
    this.#cancel = this.#scheduler.after(delayMs, this.#onTimer);
  }

  readonly #onTimer = (): void => {
    const nowMs = this.#scheduler.monotonicMs();
    const isLate = nowMs - this.#setForMs > stallMs;
    this.#setForMs = Number.POSITIVE_INFINITY;
    this.#isInGrace = isLate && !this.#isInGrace;
    if (this.#isInGrace) {
      this.#setFor(nowMs + graceMs);
    } else {
      this.#ring(nowMs);
      this.update();
    }
  };
}
