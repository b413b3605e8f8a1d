import { randomFrom } from '@nodekeeper/server/testing';

interface WorldEvent {
  readonly ms: number;
  /** Of what is due at the same time, the lower rank goes first, and then what was planned first. */
  readonly rank: number;
  readonly order: number;
  readonly work: () => void;
}

/** A promise that was not kept; `check` is its name in docs/internals/simulator.md. */
export class Violation extends Error {
  constructor(
    readonly check: string,
    message: string,
  ) {
    super(`${check}: ${message}`);
  }
}

const notesKept = 100_000;

/** One clock, one list of what will happen, and chance: everything that goes on in a run. */
export class World {
  nowMs = 0;
  /** The first promise that was broken; everything stops then. */
  failure: Violation | undefined;
  readonly #heap: WorldEvent[] = [];
  #order = 0;
  #notes: string[] = [];
  #hash = 0x811c9dc5;
  #noteCount = 0;

  constructor(readonly seed: number) {}

  /** A source of chance of its own for each purpose, so that taking one thing out of a run changes little elsewhere. */
  random(purpose: string): () => number {
    return randomFrom(hashOf(purpose, this.seed ^ 0x2545f491));
  }

  after(delayMs: number, work: () => void, rank = 1): void {
    push(this.#heap, { ms: this.nowMs + Math.max(0, delayMs), rank, order: this.#order++, work });
  }

  /** Lets things happen until then, or until `isDone`. */
  run(untilMs: number, isDone: () => boolean = () => false): void {
    const heap = this.#heap;
    while (heap.length > 0 && heap[0].ms <= untilMs) {
      const event = pop(heap);
      this.nowMs = event.ms;
      event.work();
      if (this.failure !== undefined) throw this.failure;
      if (isDone()) return;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** Whoever swallows the exception does not save the run. */
  violate(check: string, message: string): never {
    this.failure ??= new Violation(check, message);
    this.note(`VIOLATION ${this.failure.message}`);
    throw this.failure;
  }

  demand(isSo: boolean, check: string, message: () => string): void {
    if (!isSo) this.violate(check, message());
  }

  note(text: string): void {
    this.#noteCount++;
    this.#hash = hashOf(text, this.#hash ^ (this.nowMs * 1000));
    this.#notes.push(`${this.nowMs.toFixed(2).padStart(10)} ${text}`);
    if (this.#notes.length > notesKept * 2) this.#notes = this.#notes.slice(-notesKept);
  }

  /** Two runs of one seed have the same. */
  get traceHash(): string {
    return `${this.#noteCount}-${(this.#hash >>> 0).toString(16)}`;
  }

  lastNotes(count: number): string[] {
    return this.#notes.slice(-count);
  }
}

/** FNV-1a. */
function hashOf(text: string, start: number): number {
  let hash = start | 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

function push(heap: WorldEvent[], event: WorldEvent): void {
  let at = heap.push(event) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (isBefore(heap[parent], event)) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: WorldEvent[]): WorldEvent {
  const first = heap[0];
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (isBefore(last, heap[child])) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return first;
}

function isBefore(one: WorldEvent, other: WorldEvent): boolean {
  if (one.ms !== other.ms) return one.ms < other.ms;
  return one.rank !== other.rank ? one.rank < other.rank : one.order < other.order;
}
