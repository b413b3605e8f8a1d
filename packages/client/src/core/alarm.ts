import type { Scheduler } from './ports.js';

/**
 * A timer that fires later than planned by more than this, in milliseconds, shows that the process was suspended or
 * blocked.
 */
const stallMs = 200;
/**
 * After such a stall, the alarm waits this long, in milliseconds, so that the process first reads the messages that
 * arrived during the stall.
 */
const graceMs = 50;

/**
 * Calls `ring` at a deadline that every message postpones. A message does not touch the timer. The timer fires at the
 * old deadline, reads the new deadline, and is set again.
 */
export class Alarm {
  readonly #scheduler: Scheduler;
  readonly #deadlineMs: () => number;
  readonly #ring: (nowMs: number) => void;
  #setForMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};
  #isInGrace = false;

  /**
   * When the timer fires, `ring` is called with the current time, even if the deadline has been postponed. Before the
   * deadline, `ring` must do nothing.
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
