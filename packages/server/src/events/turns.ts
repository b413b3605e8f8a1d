import type { Scheduler } from '../ports/scheduler.js';

/** Whoever has work left that waits for its next turn. */
export interface TurnTaker {
  /** Goes on with it, until `Turns.isSpent`. */
  takeTurn(): void;
}

/** What a round of turns does before each turn and after the last one. */
interface EventBounds {
  begin(): void;
  end(): void;
}

/** All who wait get a turn within about this time, be it one or a thousand. A write needs several turns of the loop. */
const roundMs = 2;
const sliceMsMin = 0.25;

/** What a piece of work costs, roughly: a look at the clock is worth its price after `walking`. */
export const Cost = {
  /** A read or a write of one node. */
  light: 1,
  /** What goes through something that may be large, and does so at once. */
  walking: 64,
} as const;

/**
 * Shares the event loop: no connection has it for longer than a slice at a time. Whoever has more to do when its slice is
 * spent waits here, and goes on once everybody else who had something to do was served, and sockets were looked at.
 */
export class Turns {
  readonly #scheduler: Scheduler;
  readonly #events: EventBounds;
  #waiting: TurnTaker[] = [];
  #isScheduled = false;
  #sliceMs = roundMs;
  #sliceEndMs = 0;
  /** What may be done until the next look at the clock. Plain, since every request takes from it. */
  credit: number = Cost.walking;

  constructor(scheduler: Scheduler, events: EventBounds) {
    this.#scheduler = scheduler;
    this.#events = events;
  }

  /** A slice begins. */
  begin(nowMs: number): void {
    this.#sliceEndMs = nowMs + this.#sliceMs;
    this.credit = Cost.walking;
  }

  /** The slice is over: what is left has to wait. */
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

/** Work that is done a step at a time; each step says what it cost. */
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
