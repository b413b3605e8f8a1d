import * as timers from 'node:timers';
import { Timeline, type TimelineEvent } from '../in-memory/timeline.js';

// A test may replace these functions by those of a fake clock. The servers must not stop then.
const { setImmediate, setTimeout, clearTimeout } = timers;
const realNowMs = performance.now.bind(performance);

/** Returns after the event loop has handled what it has to do now, with all promise callbacks. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A timeline that runs its events by itself: those that are due now, in the next turn of the event loop. */
abstract class LiveTimeline extends Timeline {
  #isWoken = false;
  #isOver = false;

  override after(delayMs: number, work: () => void, rank = 1): TimelineEvent {
    const event = super.after(delayMs, work, rank);
    this.planned(event.ms);
    return event;
  }

  /** Called when an event was planned for the time `ms`. */
  protected abstract planned(ms: number): void;

  protected wake(): void {
    if (this.#isWoken || this.#isOver) return;
    this.#isWoken = true;
    setImmediate(() => {
      this.#isWoken = false;
      if (!this.#isOver) this.runDue();
    });
  }

  /** Runs the events that are due. */
  protected abstract runDue(): void;

  /** No event runs after this call. */
  end(): void {
    this.#isOver = true;
  }

  /** Resolves when the condition is true. Rejects if it is still false after `limitMs` of this timeline. */
  abstract until(what: string, isSo: () => boolean, limitMs: number): Promise<void>;
}

/** The time of this machine. */
export class RealTimeline extends LiveTimeline {
  #timer: { readonly dueMs: number; readonly handle: NodeJS.Timeout } | undefined;
  #isRunning = false;

  constructor() {
    super();
    this.nowMs = realNowMs();
  }

  override after(delayMs: number, work: () => void, rank = 1): TimelineEvent {
    if (!this.#isRunning) this.nowMs = Math.max(this.nowMs, realNowMs());
    return super.after(delayMs, work, rank);
  }

  protected planned(ms: number): void {
    if (this.#isRunning || ms === Number.POSITIVE_INFINITY) return;
    if (ms <= this.nowMs) this.wake();
    else this.#setTimer(ms);
  }

  #setTimer(dueMs: number): void {
    if (this.#timer !== undefined && this.#timer.dueMs <= dueMs) return;
    clearTimeout(this.#timer?.handle);
    const handle = setTimeout(() => {
      this.#timer = undefined;
      this.runDue();
    }, dueMs - this.nowMs);
    this.#timer = { dueMs, handle };
  }

  protected runDue(): void {
    this.#isRunning = true;
    this.nowMs = Math.max(this.nowMs, realNowMs());
    try {
      this.run(this.nowMs);
    } finally {
      this.#isRunning = false;
      this.planned(this.nextMs);
    }
  }

  override end(): void {
    super.end();
    clearTimeout(this.#timer?.handle);
  }

  async until(what: string, isSo: () => boolean, limitMs: number): Promise<void> {
    for (const endMs = realNowMs() + limitMs; !isSo(); ) {
      if (realNowMs() > endMs) throw new Error(`${what}: not within ${limitMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

/** A time that moves only when a test moves it. Events that are due now run by themselves. */
export class ManualTimeline extends LiveTimeline {
  #moving: Promise<unknown> = Promise.resolve();

  protected planned(ms: number): void {
    if (ms <= this.nowMs) this.wake();
  }

  protected runDue(): void {
    try {
      this.run(this.nowMs);
    } finally {
      this.planned(this.nextMs);
    }
  }

  /** Moves the time. Before each event, everything that needs no time is completed. */
  advance(ms: number): Promise<void> {
    return this.#move(async () => {
      const untilMs = this.nowMs + ms;
      while (await this.#step(untilMs));
      this.nowMs = Math.max(this.nowMs, untilMs);
      await this.#settle();
    });
  }

  /** Moves the time until the condition is true. */
  until(what: string, isSo: () => boolean, limitMs: number): Promise<void> {
    return this.#move(async () => {
      const untilMs = this.nowMs + limitMs;
      await this.#settle();
      while (!isSo()) if (!(await this.#step(untilMs))) throw new Error(`${what}: not within ${limitMs} ms`);
    });
  }

  /** Moves are made one after the other. */
  #move(work: () => Promise<void>): Promise<void> {
    const moved = this.#moving.then(work);
    this.#moving = moved.catch(() => {});
    return moved;
  }

  /** Moves to the time of the next event. Returns false if this time is after `untilMs`. */
  async #step(untilMs: number): Promise<boolean> {
    await this.#settle();
    const { nextMs } = this;
    if (nextMs > untilMs) return false;
    this.run(nextMs);
    await this.#settle();
    return true;
  }

  /** Completes what needs no time: events that are due, and the callbacks of promises, until no event is due. */
  async #settle(): Promise<void> {
    do {
      this.runDue();
      await turn();
    } while (this.nextMs <= this.nowMs);
  }
}
