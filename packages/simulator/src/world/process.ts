import type { Scheduler } from '@nodekeeper/server/testing';
import type { Timeline } from './timeline.js';
import type { World } from './world.js';

/** How far a machine's clock is off. */
export interface ClockSkew {
  /** Its milliseconds per millisecond of the world. */
  readonly rate: number;
  readonly offsetMs: number;
  /** Timers fire up to this much too late. */
  readonly lateMsMax: number;
}

/** Most clocks are right, and most timers on time. */
export function drawSkew(random: () => number): ClockSkew {
  const chance = (probability: number) => random() < probability;
  return {
    rate: chance(0.3) ? 0.93 + random() * 0.14 : 1,
    offsetMs: random() * 100_000,
    lateMsMax: chance(0.3) ? random() * 60 : random() * 3,
  };
}

const trueTime: ClockSkew = { rate: 1, offsetMs: 0, lateMsMax: 0 };
const startOfTimeMs = 1_000_000;
const startOfWallMs = 1_700_000_000_000;
/** From a turn's end to what was put off to the next one. */
const turnMsMax = 0.05;

/**
 * An event loop: timers, turns, and whatever arrives, one after the other, unless the process stands still or is gone.
 */
export class Process<Time extends Timeline = World> implements Scheduler {
  /** What came for an earlier life of the process is lost. */
  life = 0;
  isUp = false;
  wallOffsetMs = 0;
  #pausedUntilMs = 0;
  #turns: (() => void)[] = [];
  /** What has come due while nothing runs. */
  #held: { readonly due: () => void; readonly rank: number }[] = [];

  /** `guard` runs the code of the process, and deals with what it throws. */
  constructor(
    readonly world: Time,
    readonly name: string,
    readonly random: () => number,
    readonly guard: (work: () => void) => void,
    readonly skew: ClockSkew = trueTime,
  ) {}

  begin(): void {
    this.life++;
    this.isUp = true;
    this.#turns = [];
  }

  end(): void {
    this.life++;
    this.isUp = false;
    this.#turns = [];
  }

  // ---- the scheduler port

  monotonicMs(): number {
    return startOfTimeMs + this.skew.offsetMs + this.world.nowMs * this.skew.rate;
  }

  wallMs(): number {
    return Math.floor(startOfWallMs + this.wallOffsetMs + this.world.nowMs * this.skew.rate);
  }

  nextTurn(work: () => void): void {
    this.#turns.push(work);
    if (this.#turns.length > 1) return;
    this.post(this.random() * turnMsMax, () => {
      const turns = this.#turns;
      this.#turns = [];
      for (const turn of turns) turn();
    });
  }

  /** Once; the returned function cancels it. */
  after(delayMs: number, work: () => void): () => void {
    let isOver = false;
    const lateMs = this.random() * this.skew.lateMsMax;
    this.post(delayMs / this.skew.rate + lateMs, () => isOver || work(), 0);
    return () => {
      isOver = true;
    };
  }

  every(intervalMs: number, work: () => void): () => void {
    let isOver = false;
    const again = () => {
      const lateMs = this.random() * this.skew.lateMsMax;
      this.post(
        intervalMs / this.skew.rate + lateMs,
        () => {
          if (isOver) return;
          again();
          work();
        },
        0,
      );
    };
    again();
    return () => {
      isOver = true;
    };
  }

  // ---- what happens to it

  /** Nothing of this process runs for so long; then overdue timers are first, and what has arrived comes after them. */
  pause(durationMs: number): void {
    const untilMs = this.world.nowMs + durationMs;
    if (untilMs <= this.#pausedUntilMs) return;
    this.#pausedUntilMs = untilMs;
    // not for one that goes on sooner, or stands still for longer, by then
    const due = () => this.#pausedUntilMs === untilMs && this.resume();
    this.world.after(durationMs, due, 0);
  }

  resume(): void {
    this.#pausedUntilMs = 0;
    const held = this.#held;
    this.#held = [];
    for (const { due, rank } of held) this.world.after(0, due, rank);
  }

  /** Runs code of this life of the process, then or when the process goes on. */
  post(delayMs: number, work: () => void, rank = 1): void {
    const { life } = this;
    const due = () => {
      if (this.life !== life) return;
      if (this.#pausedUntilMs > 0) this.#held.push({ due, rank });
      else this.guard(work);
    };
    this.world.after(delayMs, due, rank);
  }
}
