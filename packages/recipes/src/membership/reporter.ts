import type { Data, Scheduler } from '@nodekeeper/client';

/** Passes on at most one report in each interval. A later report replaces an earlier one that still waits. */
export class Reporter {
  readonly #scheduler: Scheduler;
  readonly #intervalMs: number;
  readonly #write: (data: Data) => void;
  #waiting: { readonly data: Data } | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(scheduler: Scheduler, intervalMs: number, write: (data: Data) => void) {
    this.#scheduler = scheduler;
    this.#intervalMs = intervalMs;
    this.#write = write;
  }

  report(data: Data): void {
    if (this.#cancelTimer !== undefined) {
      this.#waiting = { data };
      return;
    }
    this.#cancelTimer = this.#scheduler.after(this.#intervalMs, () => this.#intervalOver());
    this.#write(data);
  }

  #intervalOver(): void {
    this.#cancelTimer = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.report(waiting.data);
  }

  /** Drops a report that waits. */
  stop(): void {
    this.#waiting = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
