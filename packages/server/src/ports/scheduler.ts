import type { Clock } from './clock.js';

/** A clock that can also call functions later. */
export interface Scheduler extends Clock {
  /** Calls `work` once all events of this turn of the event loop are handled, before the loop waits for new events. */
  nextTurn(work: () => void): void;
  /** Calls `work` at this interval until the returned function is called. */
  every(intervalMs: number, work: () => void): () => void;
}
