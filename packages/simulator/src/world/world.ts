import { randomFrom, Timeline } from '@nodekeeper/server/testing';
import { Violation } from './violation.js';

const notesKept = 100_000;

/** The clock, the random sources and the trace of a run. */
export class World extends Timeline<Violation> {
  #notes: string[] = [];
  #hash = 0x811c9dc5;
  #noteCount = 0;

  constructor(readonly seed: number) {
    super();
  }

  /**
   * Returns the source of random numbers for a purpose. Each purpose has its own source. If one part is left out of a
   * run, the other parts therefore change little.
   */
  random(purpose: string): () => number {
    return randomFrom(hashOf(purpose, this.seed ^ 0x2545f491));
  }

  /** Throws a violation and records it. If code catches the exception, the run still fails. */
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

  /** A hash of the trace. Two runs of the same seed have the same hash. */
  get traceHash(): string {
    return `${this.#noteCount}-${(this.#hash >>> 0).toString(16)}`;
  }

  lastNotes(count: number): string[] {
    return this.#notes.slice(-count);
  }
}

/** Continues the FNV-1a hash `start` with a text. */
function hashOf(text: string, start: number): number {
  let hash = start | 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}
