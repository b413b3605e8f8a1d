import type { Scheduler } from '../ports/scheduler.js';
import type { Timeline } from './timeline.js';

/** The error of a machine's clock. */
export interface ClockSkew {
  /** Milliseconds of the machine's clock per millisecond of the world. */
  readonly rate: number;
  readonly offsetMs: number;
  /** Timers fire up to this many milliseconds late. */
  readonly lateMsMax: number;
}

/** Draws the error of a machine's clock. Most clocks are right, and most timers are on time. */
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
/** The maximum time until deferred work (`nextTurn`) runs. */
const turnMsMax = 0.05;

/**
 * An event loop. It runs timers, deferred work and other events one after the other, unless the process is paused or
 * gone.
 */
export class Process<Time extends Timeline = Timeline> implements Scheduler {
  /** Increases at each start and end of the process. Work that was planned in an earlier life does not run. */
  life = 0;
  isUp = false;
  wallOffsetMs = 0;
  /** When the process last continued after a pause. At this time it handles what it has missed. */
  resumedMs = -1;
  #pausedUntilMs = 0;
  #turns: (() => void)[] = [];
  /** Work that became due while the process was paused. */
  #held: { readonly due: () => void; readonly rank: number }[] = [];

  /** `guard` runs the code of the process and handles its exceptions. */
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

  /** Runs `work` once. The returned function cancels `work`. */
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

  // ---- faults

  /** Pauses the process. When the process resumes, overdue timers run first, then the other events. */
  pause(durationMs: number): void {
    const untilMs = this.world.nowMs + durationMs;
    if (untilMs <= this.#pausedUntilMs) return;
    this.#pausedUntilMs = untilMs;
    // this timer does nothing if the process was resumed earlier, or was paused again for longer
    const due = () => this.#pausedUntilMs === untilMs && this.resume();
    this.world.after(durationMs, due, 0);
  }

  get isPaused(): boolean {
    return this.#pausedUntilMs > 0;
  }

  resume(): void {
    if (this.isPaused) this.resumedMs = this.world.nowMs;
    this.#pausedUntilMs = 0;
    const held = this.#held;
    this.#held = [];
    for (const { due, rank } of held) this.world.after(0, due, rank);
  }

  /**
   * Runs `work` after the delay, or when a paused process resumes. Does nothing if this life of the process has ended.
   */
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
