import { RingQueue } from '@nodekeeper/protocol';
import type { Scheduler } from './core/ports.js';
import type { ClientRequest } from './core/request.js';

/** An error with its stack, and what its caller does about it, take some ten microseconds. */
const failuresPerTurn = 200;

/**
 * Any number of requests may fail at one time: with their connection, their session, their signal. Their callers hear of
 * it in order, a few hundred in each turn of the event loop, so that the process does not stand still meanwhile.
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

  /** True: not now; the request tells its end again when it is its turn. */
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
