import type { Scheduler } from './ports.js';

/**
 * A timer that is later than this means that the process stood still. The messages that arrived then must be read
 * first.
 */
const stallMs = 200;
const graceMs = 50;

/**
 * One timer for a deadline that moves with every message. A later deadline costs nothing: the timer that is already set
 * fires early, reads the deadline, and sets itself again.
 */
export class Alarm {
  readonly #scheduler: Scheduler;
  readonly #deadlineMs: () => number;
  readonly #ring: (nowMs: number) => void;
  #setForMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};
  #isInGrace = false;

  /** `ring` is called at the deadline or before it. An early call must have no effect. */
  constructor(scheduler: Scheduler, deadlineMs: () => number, ring: (nowMs: number) => void) {
    this.#scheduler = scheduler;
    this.#deadlineMs = deadlineMs;
    this.#ring = ring;
  }

  /** The owner calls this when the deadline may have moved to an earlier time. */
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
