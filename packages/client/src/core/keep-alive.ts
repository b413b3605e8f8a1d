import type { Timing } from './timing.js';

/**
 * Measures how long the servers of a session have been silent. Computes when to ping, when to leave the server, and
 * when the session has expired.
 */
export class KeepAlive {
  timing: Timing;
  pings = 0;
  /** The time between the last answered ping and its reply, in milliseconds; undefined before the first reply. */
  pingMs: number | undefined;
  #lastHeardMs: number;
  #lastSentMs = 0;
  #pingSentMs: number | undefined;

  constructor(timing: Timing, nowMs: number) {
    this.timing = timing;
    this.#lastHeardMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#lastHeardMs = nowMs;
  }

  sent(nowMs: number): void {
    this.#lastSentMs = nowMs;
  }

  pinged(nowMs: number): void {
    this.pings++;
    this.#pingSentMs = nowMs;
  }

  ponged(): void {
    if (this.#pingSentMs !== undefined) this.pingMs = this.#lastHeardMs - this.#pingSentMs;
    this.#pingSentMs = undefined;
  }

  /** Forgets an unanswered ping, because its reply cannot arrive on another connection. */
  disconnected(): void {
    this.#pingSentMs = undefined;
  }

  silenceMs(nowMs: number): number {
    return Math.round(nowMs - this.#lastHeardMs);
  }

  /** The time at which a connected session must send a ping. */
  get pingDueMs(): number {
    return this.#lastSentMs + this.timing.pingMs;
  }

  /** The time at which a connected session must leave its server. */
  get givenUpMs(): number {
    return this.#lastHeardMs + this.timing.readMs;
  }

  /** The time at which the session has certainly expired, even if no server has said so. */
  get expiredMs(): number {
    return this.#lastHeardMs + this.timing.expireMs;
  }
}
