import { below, Timeline } from '@nodekeeper/server/testing';
import { Violation } from '../../src/world/violation.js';

/** The clock, the random source and the trace of a schedule. */
export class World extends Timeline<Violation> {
  readonly #trace: [ms: number, ...words: unknown[]][] = [];

  constructor(readonly random: () => number) {
    super();
  }

  /** Throws a violation and records it. If code catches the exception, the schedule still fails. */
  readonly blame = (check: string, what: string): never => {
    this.failure ??= new Violation(check, what);
    throw this.failure;
  };

  readonly fault = (what: string): never => this.blame('Schedule', what);

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  between(least: number, most: number): number {
    return least + below(this.random, most - least + 1);
  }

  /** Adds a line to the trace. A word that is a function is called only when the trace is read. */
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
}
