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
  /**
   * The time at which the client sent the newest message that a server has answered. A server had the message at this
   * time or later, so it kept the session for a whole timeout from then on. Undefined before the first answer.
   */
  confirmedMs: number | undefined;
  #lastHeardMs: number;
  #lastSentMs = 0;
  #greetedMs = 0;
  #pingSentMs: number | undefined;
  /** The number of pings on this connection without a reply. */
  #pingsOut = 0;
  /** A request whose reply will confirm the time `#markMs`; 0 for none. Only one request in flight is marked. */
  #markXid = 0;
  #markMs = 0;

  constructor(timing: Timing, nowMs: number) {
    this.timing = timing;
    this.#lastHeardMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#lastHeardMs = nowMs;
  }

  /** `xid` is the xid of the last request among the sent messages, or undefined if there is no request among them. */
  sent(nowMs: number, xid?: number): void {
    this.#lastSentMs = nowMs;
    if (xid === undefined || this.#markXid !== 0) return;
    this.#markXid = xid;
    this.#markMs = nowMs;
  }

  answered(xid: number): void {
    if (xid !== this.#markXid) return;
    this.#markXid = 0;
    this.#confirm(this.#markMs);
  }

  #confirm(sentMs: number): void {
    if (this.confirmedMs === undefined || this.confirmedMs < sentMs) this.confirmedMs = sentMs;
  }

  pinged(nowMs: number): void {
    this.pings++;
    // while a ping has no reply, a later ping is not timed, because the next reply belongs to the earlier one
    if (this.#pingsOut++ === 0) this.#pingSentMs = nowMs;
  }

  ponged(): void {
    if (this.#pingSentMs !== undefined) {
      this.pingMs = this.#lastHeardMs - this.#pingSentMs;
      this.#confirm(this.#pingSentMs);
    }
    this.#pingSentMs = undefined;
    if (this.#pingsOut > 0) this.#pingsOut--;
  }

  /** Must be called when the greeting of a new connection is sent. */
  greeted(nowMs: number): void {
    this.#greetedMs = nowMs;
  }

  /** Must be called when a server has granted the session. This is its reply to the greeting. */
  granted(): void {
    this.#confirm(this.#greetedMs);
  }

  /** Forgets the unanswered ping and the marked request, because replies cannot arrive on another connection. */
  disconnected(): void {
    this.#pingSentMs = undefined;
    this.#pingsOut = 0;
    this.#markXid = 0;
  }

  /** Must be called when the session has expired and the client will request a new one. */
  forget(): void {
    this.confirmedMs = undefined;
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
