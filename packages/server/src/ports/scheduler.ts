import type { Clock } from './clock.js';

/** The clock with timers. */
export interface Scheduler extends Clock {
  /** Runs the work after everything that arrived in this turn was handled, and before the loop waits again. */
  nextTurn(work: () => void): void;
  /** Repeats until the returned function is called. */
  every(intervalMs: number, work: () => void): () => void;
}
