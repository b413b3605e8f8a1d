import { RingQueue } from '@nodekeeper/protocol';
import type { Scheduler } from './core/ports.js';
import type { ClientRequest } from './core/request.js';

/** Creating an error with its stack, and running the caller's handler, take about ten microseconds. */
const failuresPerTurn = 200;

/**
 * Limits how many callers learn of a failure in one turn. Many requests may fail at once: with their connection, their
 * session or their signal. Their callers learn of it in order, a few hundred in each turn of the event loop, so that the
 * process does not block.
 */
export class FailurePace<Watcher> {
  readonly #scheduler: Scheduler;
  readonly #waiting = new RingQueue<ClientRequest<Watcher>>();
  #failures = 0;
  #isTurnDue = false;
  #isTelling = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Returns true if the call must wait. `FailurePace` calls `tell` of the request again when its turn comes. */
  delays(request: ClientRequest<Watcher>): boolean {
    if (this.#isTelling) return false;
    this.#expectTurn();
    if (this.#waiting.length === 0 && this.#failures < failuresPerTurn) {
      this.#failures++;
      return false;
    }
    this.#waiting.push(request);
    return true;
  }

  #expectTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    this.#scheduler.after(0, this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isTurnDue = false;
    this.#isTelling = true;
    for (this.#failures = 0; this.#waiting.length > 0 && this.#failures < failuresPerTurn; this.#failures++) {
      this.#waiting.shift().tell();
    }
    this.#isTelling = false;
    if (this.#waiting.length > 0) this.#expectTurn();
    else this.#failures = 0;
  };
}
