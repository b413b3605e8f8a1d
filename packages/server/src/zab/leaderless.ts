import type { Logger } from '../log/logger.js';

const intervalMs = 60_000;

/** Logs once a minute that the ensemble still has no leader, and which servers have sent no vote. */
export class Leaderless {
  readonly #logger: Logger;
  #sinceMs: number | undefined;
  #loggedMs = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  begins(nowMs: number): void {
    if (this.#sinceMs !== undefined) return;
    this.#sinceMs = nowMs;
    this.#loggedMs = nowMs;
  }

  over(): void {
    this.#sinceMs = undefined;
  }

  tick(nowMs: number, voters: Iterable<number>, knownVoters: Iterable<number>): void {
    if (this.#sinceMs === undefined || nowMs - this.#loggedMs < intervalMs) return;
    this.#loggedMs = nowMs;
    const known = new Set(knownVoters);
    const missing = [...voters].filter((serverId) => !known.has(serverId)).sort((a, b) => a - b);
    const votes =
      missing.length === 0 ? 'all votes were received' : `no vote was received from server ${missing.join(', ')}`;
    this.#logger.warn(`No leader for ${Math.round((nowMs - this.#sinceMs) / 1000)} s: ${votes}`);
  }
}
