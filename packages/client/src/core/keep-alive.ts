import type { Timing } from './timing.js';

/** Who was silent for how long on a session's connections, and what is due for it. */
export class KeepAlive {
  timing: Timing;
  pings = 0;
  /** How long the last ping took; undefined before the first answer. */
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

  /** A ping without an answer is none of the next connection's. */
  disconnected(): void {
    this.#pingSentMs = undefined;
  }

  silenceMs(nowMs: number): number {
    return Math.round(nowMs - this.#lastHeardMs);
  }

  /** When a connected session must ping. */
  get pingDueMs(): number {
    return this.#lastSentMs + this.timing.pingMs;
  }

  /** When a connected session must give its server up. */
  get givenUpMs(): number {
    return this.#lastHeardMs + this.timing.readMs;
  }

  /** When the session is certainly over, without a server having said so. */
  get expiredMs(): number {
    return this.#lastHeardMs + this.timing.expireMs;
  }
}
