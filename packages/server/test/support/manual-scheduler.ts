import type { Scheduler } from '../../src/ports/scheduler.js';

/**
 * A scheduler whose clock moves only when the test moves it, and whose deferred work runs only when the test runs it.
 */
export class ManualScheduler implements Scheduler {
  nowMs = 1_000_000;
  wallOffsetMs = 1_700_000_000_000;
  /** The number of milliseconds by which the clock moves whenever it is read. It simulates the time that work takes. */
  msPerLook = 0;
  #turns: (() => void)[] = [];
  readonly #timers = new Set<{ intervalMs: number; dueMs: number; work: () => void }>();

  monotonicMs(): number {
    this.nowMs += this.msPerLook;
    return this.nowMs;
  }

  wallMs(): number {
    return this.nowMs + this.wallOffsetMs;
  }

  nextTurn(work: () => void): void {
    this.#turns.push(work);
  }

  every(intervalMs: number, work: () => void): () => void {
    const timer = { intervalMs, dueMs: this.nowMs + intervalMs, work };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs the work that was deferred to the next turn. Returns false if there was none. */
  runTurn(): boolean {
    const turns = this.#turns;
    this.#turns = [];
    for (const work of turns) work();
    return turns.length > 0;
  }

  /**
   * Moves the clock to the next timer that is due by `untilMs`, and runs this timer. Returns false if there is no such
   * timer.
   */
  step(untilMs: number): boolean {
    const due = [...this.#timers].filter((timer) => timer.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
    if (due === undefined) {
      this.nowMs = Math.max(this.nowMs, untilMs);
      return false;
    }
    this.nowMs = Math.max(this.nowMs, due.dueMs);
    due.dueMs = this.nowMs + due.intervalMs;
    due.work();
    return true;
  }

  /** Drops all timers and all deferred work, as the end of a process does. */
  forget(): void {
    this.#turns = [];
    this.#timers.clear();
  }
}
