import type { Clock } from './clock.js';

/** When work is done: the clock port with its timers. */
export interface Scheduler extends Clock {
  /** After everything that has arrived this turn was handled, before waiting for more. */
  nextTurn(work: () => void): void;
  /** Repeats until the returned function is called. */
  every(intervalMs: number, work: () => void): () => void;
}
