import type { Scheduler } from './ports.js';

/** A timer later than this means that the process stood still; what was received meanwhile is to be read first. */
const stallMs = 200;
const graceMs = 50;

/**
 * One timer for a deadline that moves on with every message: a later deadline costs nothing, since the timer that is set
 * rings early, asks for the deadline again, and is set anew.
 */
export class Alarm {
  readonly #scheduler: Scheduler;
  readonly #deadlineMs: () => number;
  readonly #ring: (nowMs: number) => void;
  #setForMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};
  #isInGrace = false;

  /** `ring` is called at the deadline or before it, and may be called for nothing. */
  constructor(scheduler: Scheduler, deadlineMs: () => number, ring: (nowMs: number) => void) {
    this.#scheduler = scheduler;
    this.#deadlineMs = deadlineMs;
    this.#ring = ring;
  }

  /** To be called when the deadline may have come nearer. */
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
