import type { Scheduler } from '../../src/ports/scheduler.js';

/** A clock that only the test moves, and deferred work that only the test runs. */
export class ManualScheduler implements Scheduler {
  nowMs = 1_000_000;
  wallOffsetMs = 1_700_000_000_000;
  /** Work seems to take time: each reading of the clock moves it by so much. */
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

  /** Runs the work that was deferred to the next turn; false if there was none. */
  runTurn(): boolean {
    const turns = this.#turns;
    this.#turns = [];
    for (const work of turns) work();
    return turns.length > 0;
  }

  /** Moves to the next timer within the time left and runs it; false if there is none. */
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

  /** Drops all timers and work, like a restart of the process. */
  forget(): void {
    this.#turns = [];
    this.#timers.clear();
  }
}
