import type { Scheduler } from '../ports/scheduler.js';

/** A connection or task whose remaining work waits for its next turn. */
export interface TurnTaker {
  /** Continues the work until it is complete or `Turns.isSpent` is true. */
  takeTurn(): void;
}

/** `begin` is called before each turn of a round, and `end` after the last turn of the round. */
interface EventBounds {
  begin(): void;
  end(): void;
}

/**
 * Every waiting connection or task gets a turn within about this time, regardless of their number. The time is short
 * because one write needs several iterations of the event loop, and each iteration may contain such a round of turns.
 */
const roundMs = 2;
const sliceMsMin = 0.25;

/**
 * Approximate costs of work, relative to a read of one node. `Turns` reads the clock only after work whose costs add up
 * to `walking`, because reading the clock is expensive.
 */
export const Cost = {
  /** A read or a write of one node. */
  light: 1,
  /** An operation on a part of the tree that may be large. */
  walking: 64,
} as const;

/**
 * Shares the event loop among connections and tasks: each may use the loop for one slice of time. A connection with
 * work left at the end of its slice waits. It continues once all other waiting connections have had a turn and the
 * sockets were polled.
 */
export class Turns {
  readonly #scheduler: Scheduler;
  readonly #events: EventBounds;
  #waiting: TurnTaker[] = [];
  #isScheduled = false;
  #sliceMs = roundMs;
  #sliceEndMs = 0;
  /**
   * Cost of the work allowed before the clock is read again. It is a plain field for speed, because every request
   * subtracts from it.
   */
  credit: number = Cost.walking;

  constructor(scheduler: Scheduler, events: EventBounds) {
    this.#scheduler = scheduler;
    this.#events = events;
  }

  /** Starts a slice at `nowMs`. */
  begin(nowMs: number): void {
    this.#sliceEndMs = nowMs + this.#sliceMs;
    this.credit = Cost.walking;
  }

  /** True if the slice is over. The caller must then leave its remaining work to its next turn. */
  get isSpent(): boolean {
    if (this.credit > 0) return false;
    if (this.#scheduler.monotonicMs() >= this.#sliceEndMs) return true;
    this.credit = Cost.walking;
    return false;
  }

  wait(taker: TurnTaker): void {
    this.#waiting.push(taker);
    this.#share(this.#waiting.length + 1);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#scheduler.nextTurn(this.#round);
  }

  #share(count: number): void {
    this.#sliceMs = Math.max(sliceMsMin, roundMs / count);
  }

  readonly #round = (): void => {
    this.#isScheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const taker of waiting) {
      this.#share(waiting.length);
      this.#events.begin();
      taker.takeTurn();
    }
    this.#share(this.#waiting.length + 1);
    this.#events.end();
  };
}

/** A task that is done in steps. The iterator does one step per call and yields the cost of that step. */
export class Chore implements TurnTaker {
  readonly #turns: Turns;
  readonly #steps: Iterator<number>;

  constructor(turns: Turns, steps: Iterator<number>) {
    this.#turns = turns;
    this.#steps = steps;
  }

  takeTurn(): void {
    for (let step = this.#steps.next(); step.done !== true; step = this.#steps.next()) {
      this.#turns.credit -= step.value;
      if (!this.#turns.isSpent) continue;
      this.#turns.wait(this);
      return;
    }
  }
}
