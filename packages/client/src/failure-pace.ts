import { RingQueue } from '@nodekeeper/protocol';
import type { Scheduler } from './core/ports.js';
import type { ClientRequest } from './core/request.js';

/**
 * The number of callers that learn of a failure in one turn. For each of them, creating an error with its stack and
 * running the handler takes about ten microseconds.
 */
const failuresPerTurn = 200;

/**
 * Limits how many callers learn of a failure in one turn of the event loop, so that the process does not block. Many
 * requests fail at once when their connection is lost, their session ends or their signal is aborted. Their callers
 * learn of the failure in the order of the requests, a few hundred in each turn.
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

  /**
   * Must be called for each failed request. Returns true if the caller of the request must wait. `FailurePace` then
   * calls the `tell` of the request in a later turn.
   */
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
