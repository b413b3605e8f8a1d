import type { Timing } from './timing.js';

/** Measures the silence on a session's connections, and tells when a ping, a new connection or the expiry is due. */
export class KeepAlive {
  timing: Timing;
  pings = 0;
  /** The duration of the last ping; undefined before the first answer. */
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

  /** A pending ping ends with its connection. */
  disconnected(): void {
    this.#pingSentMs = undefined;
  }

  silenceMs(nowMs: number): number {
    return Math.round(nowMs - this.#lastHeardMs);
  }

  /** The time at which a connected session must ping. */
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
