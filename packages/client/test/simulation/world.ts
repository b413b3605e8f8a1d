import type { Scheduler } from '../../src/core/ports.js';
import { below } from '../support/random.js';

interface WorldEvent {
  readonly ms: number;
  /** Of what is due at the same time, the lower rank goes first, and then what was planned first. */
  readonly rank: number;
  readonly order: number;
  readonly work: () => void;
  isCancelled: boolean;
}

export class Violation extends Error {}

/** One clock, one list of what will happen, one source of chance: everything that goes on in a schedule. */
export class World {
  nowMs = 0;
  /** The first rule that was broken; everything stops then. */
  failure: string | undefined;
  readonly #heap: WorldEvent[] = [];
  readonly #trace: [ms: number, ...words: unknown[]][] = [];
  #order = 0;

  constructor(readonly random: () => number) {}

  after(delayMs: number, work: () => void, rank = 1): () => void {
    const event = { ms: this.nowMs + delayMs, rank, order: this.#order++, work, isCancelled: false };
    this.#push(event);
    return () => {
      event.isCancelled = true;
    };
  }

  run(untilMs: number): void {
    for (let event = this.#heap[0]; event !== undefined && event.ms <= untilMs; event = this.#heap[0]) {
      this.#pop();
      this.nowMs = event.ms;
      if (!event.isCancelled) event.work();
      if (this.failure !== undefined) throw new Violation(this.failure);
    }
    this.nowMs = untilMs;
  }

  /** A promise was not kept. Whoever swallows the exception does not save the schedule. */
  readonly fault = (what: string): never => {
    this.failure ??= what;
    throw new Violation(what);
  };

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  between(least: number, most: number): number {
    return least + below(this.random, most - least + 1);
  }

  /** A word that is a function is only asked for what it says when someone reads it. */
  note(...words: unknown[]): void {
    this.#trace.push([this.nowMs, ...words]);
  }

  lastNotes(count: number): string {
    const text = (word: unknown): string => (typeof word === 'function' ? word() : String(word));
    return this.#trace
      .slice(-count)
      .map(([ms, ...words]) => `${ms.toFixed(1).padStart(9)} ${words.map(text).join(' ')}`)
      .join('\n');
  }

  #push(event: WorldEvent): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, event)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: WorldEvent, b: WorldEvent): boolean {
  if (a.ms !== b.ms) return a.ms < b.ms;
  return a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
}

/** A process with a client in it: its timers, and its event loop, which can stand still for a while. */
export class ClientProcess implements Scheduler {
  #pausedUntilMs = 0;
  #turns: (() => void)[] = [];

  constructor(readonly world: World) {}

  monotonicMs(): number {
    return this.world.nowMs;
  }

  nextTurn(work: () => void): void {
    this.#turns.push(work);
  }

  after(delayMs: number, work: () => void): () => void {
    let isCancelled = false;
    this.world.after(delayMs, () => this.run(() => isCancelled || work(), 0), 0);
    return () => {
      isCancelled = true;
    };
  }

  /** Nothing of this process runs for so long; then overdue timers are first, and what was received comes after them. */
  pause(durationMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.world.nowMs + durationMs);
  }

  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  /** Runs code of the client, now or when the process goes on. */
  run(work: () => void, rank = 1): void {
    const waitMs = this.#pausedUntilMs - this.world.nowMs;
    if (waitMs > 0) {
      this.world.after(waitMs, () => this.run(work, rank), rank);
      return;
    }
    work();
    while (this.#turns.length > 0) {
      for (const turn of this.#turns.splice(0)) turn();
    }
  }
}
