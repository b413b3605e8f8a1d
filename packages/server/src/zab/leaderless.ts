import type { Logger } from '../log/logger.js';

const intervalMs = 60_000;

/** Says once a minute that there is still no leader, and whose votes are missing. */
export class Leaderless {
  readonly #logger: Logger;
  #sinceMs: number | undefined;
  #toldMs = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  begins(nowMs: number): void {
    if (this.#sinceMs !== undefined) return;
    this.#sinceMs = nowMs;
    this.#toldMs = nowMs;
  }

  over(): void {
    this.#sinceMs = undefined;
  }

  tick(nowMs: number, voters: Iterable<number>, heardOf: Iterable<number>): void {
    if (this.#sinceMs === undefined || nowMs - this.#toldMs < intervalMs) return;
    this.#toldMs = nowMs;
    const heard = new Set(heardOf);
    const missing = [...voters].filter((serverId) => !heard.has(serverId)).sort((a, b) => a - b);
    const votes = missing.length === 0 ? 'all votes are known' : `no vote is known of server ${missing.join(', ')}`;
    this.#logger.warn(`No leader for ${Math.round((nowMs - this.#sinceMs) / 1000)} s: ${votes}`);
  }
}
