import type { Scheduler } from '../../src/ports/scheduler.js';

/** Time that moves only when the test says so, and work that is done only when it asks for it. */
export class ManualScheduler implements Scheduler {
  nowMs = 1_000_000;
  wallOffsetMs = 1_700_000_000_000;
  /** Work seems to take time: each look at the clock finds it later by so much. */
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

  /** Does what was put off to the next turn; false when there was nothing. */
  runTurn(): boolean {
    const turns = this.#turns;
    this.#turns = [];
    for (const work of turns) work();
    return turns.length > 0;
  }

  /** Moves to the next timer within the time left and runs it; false when there is none any more. */
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

  /** As a restart of the process does. */
  forget(): void {
    this.#turns = [];
    this.#timers.clear();
  }
}
