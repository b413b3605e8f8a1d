import type { Logger } from '../log/logger.js';

const silenceMs = 60_000;
/** Reasons may have numbers in them that never come again. */
const reasonsMax = 100;

/**
 * Something that fails again and again, told so that a log stays readable: at once when it begins and with each new reason,
 * then once a minute with a count, and when it works again.
 */
export class RecurringTrouble {
  readonly #logger: Logger;
  readonly #works: string | undefined;
  /** When each reason was told last. */
  readonly #toldMs = new Map<string, number>();
  #count = 0;
  #sinceMs = 0;

  /** @param works the line for when it works again; undefined where another one says so */
  constructor(logger: Logger, works?: string) {
    this.#logger = logger;
    this.#works = works;
  }

  happened(reason: string, nowMs: number): void {
    if (this.#count++ === 0) this.#sinceMs = nowMs;
    const toldMs = this.#toldMs.get(reason);
    if (toldMs !== undefined && nowMs - toldMs < silenceMs) return;
    if (this.#toldMs.size >= reasonsMax) this.#toldMs.clear();
    this.#toldMs.set(reason, nowMs);
    this.#logger.warn(this.#count === 1 ? reason : `${reason} (${this.#count} times in ${this.#duration(nowMs)})`);
  }

  over(nowMs: number): void {
    if (this.#count === 0) return;
    if (this.#works !== undefined) {
      const failures = this.#count === 1 ? 'a failure' : `${this.#count} failures in ${this.#duration(nowMs)}`;
      this.#logger.info(`${this.#works}, after ${failures}`);
    }
    this.#toldMs.clear();
    this.#count = 0;
  }

  #duration(nowMs: number): string {
    return `${Math.round((nowMs - this.#sinceMs) / 1000)} s`;
  }
}
