import type { Logger } from '../log/logger.js';

const silenceMs = 60_000;
/**
 * The largest number of remembered reasons. It limits memory, because a reason may contain a number that differs each
 * time.
 */
const reasonsMax = 100;

/**
 * Logs a recurring failure without flooding the log. Logs the first failure and each new reason at once. After that,
 * logs each reason at most once a minute, with the number of failures. Finally logs that the operation works again.
 */
export class RecurringTrouble {
  readonly #logger: Logger;
  readonly #works: string | undefined;
  /** When each reason was last logged. */
  readonly #loggedMs = new Map<string, number>();
  #count = 0;
  #sinceMs = 0;

  /** @param works the text to log when the operation works again; undefined if another log line says so */
  constructor(logger: Logger, works?: string) {
    this.#logger = logger;
    this.#works = works;
  }

  happened(reason: string, nowMs: number): void {
    if (this.#count++ === 0) this.#sinceMs = nowMs;
    const loggedMs = this.#loggedMs.get(reason);
    if (loggedMs !== undefined && nowMs - loggedMs < silenceMs) return;
    if (this.#loggedMs.size >= reasonsMax) this.#loggedMs.clear();
    this.#loggedMs.set(reason, nowMs);
    this.#logger.warn(this.#count === 1 ? reason : `${reason} (${this.#count} times in ${this.#duration(nowMs)})`);
  }

  over(nowMs: number): void {
    if (this.#count === 0) return;
    if (this.#works !== undefined) {
      const failures = this.#count === 1 ? 'a failure' : `${this.#count} failures in ${this.#duration(nowMs)}`;
      this.#logger.info(`${this.#works}, after ${failures}`);
    }
    this.#loggedMs.clear();
    this.#count = 0;
  }

  #duration(nowMs: number): string {
    return `${Math.round((nowMs - this.#sinceMs) / 1000)} s`;
  }
}
