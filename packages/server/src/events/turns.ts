import type { Scheduler } from '../ports/scheduler.js';

/** A connection or task with work left for its next turn. */
export interface TurnTaker {
  /** Continues its work until `Turns.isSpent`. */
  takeTurn(): void;
}

/** Called before each turn of a round and after the last one. */
interface EventBounds {
  begin(): void;
  end(): void;
}

/**
 * Every waiting taker gets a turn within about this time, regardless of their number. A write needs several turns of
 * the loop.
 */
const roundMs = 2;
const sliceMsMin = 0.25;

/** Approximate costs of work. Reading the clock pays off after `walking`. */
export const Cost = {
  /** A read or a write of one node. */
  light: 1,
  /** One operation on something that may be large. */
  walking: 64,
} as const;

/**
 * Shares the event loop: no connection uses it for longer than one slice. A connection with work left when its slice is
 * spent waits here. It continues after all other connections with work had a turn and the sockets were polled.
 */
export class Turns {
  readonly #scheduler: Scheduler;
  readonly #events: EventBounds;
  #waiting: TurnTaker[] = [];
  #isScheduled = false;
  #sliceMs = roundMs;
  #sliceEndMs = 0;
  /** Work allowed before the clock is read again. A plain field, because every request subtracts from it. */
  credit: number = Cost.walking;

  constructor(scheduler: Scheduler, events: EventBounds) {
    this.#scheduler = scheduler;
    this.#events = events;
  }

  /** Starts a slice. */
  begin(nowMs: number): void {
    this.#sliceEndMs = nowMs + this.#sliceMs;
    this.credit = Cost.walking;
  }

  /** Whether the slice is over. Remaining work must then wait. */
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

/** Work in steps; each step yields its cost. */
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
