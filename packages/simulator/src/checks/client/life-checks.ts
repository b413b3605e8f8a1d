import type { Session, SessionEvent, State } from '@nodekeeper/client/testing';
import type { Blame } from './history.js';

const stateAfter: Record<SessionEvent, State> = {
  SyncConnected: 'CONNECTED',
  ConnectedReadOnly: 'CONNECTEDREADONLY',
  Disconnected: 'CONNECTING',
  Expired: 'CLOSED',
  Closed: 'CLOSED',
  AuthFailed: 'AUTH_FAILED',
};
/** A session may exceed its time limits by this much, because timers may fire late. */
const patienceMs = 400;
/** If the time between two ticks is longer than this, the process was paused. */
const stallMs = 150;

/** What `LifeChecks` must know in addition to the session itself. */
interface Circumstances {
  monotonicMs(): number;
  /** True if the program has asked to close the session. */
  isClosing(): boolean;
  hasBadCredentials(): boolean;
  /** True if a server has replied that the session is over. */
  wasRefused(): boolean;
  /** True if the ensemble has ended the session. */
  isEnded(): boolean;
}

/**
 * Checks the events and the id of one session. The session must disconnect from a silent server in time. The session
 * must expire neither too early nor too late.
 */
export class LifeChecks {
  connectionsLost = 0;
  sessionId: bigint;
  #lastEvent: SessionEvent | undefined;
  #lastHeardMs: number;
  #lastTickMs = 0;
  #goesOnMs = 0;

  constructor(
    private readonly session: Pick<Session<never>, 'state' | 'identity' | 'server'>,
    private readonly around: Circumstances,
    private readonly blame: Blame,
  ) {
    // the id of the session that the client resumes, or 0n
    this.sessionId = session.identity.sessionId;
    this.#lastHeardMs = around.monotonicMs();
  }

  heard(): void {
    this.#lastHeardMs = this.around.monotonicMs();
  }

  asksFor(sessionId: bigint): void {
    if (sessionId === this.sessionId) return;
    this.blame('SessionStates', `asks for session ${hex(sessionId)} but has ${hex(this.sessionId)}`);
  }

  happened(event: SessionEvent, reason: string): void {
    const before = this.#lastEvent;
    this.#lastEvent = event;
    const wasConnected = before === 'SyncConnected';
    const isOver = before !== undefined && !wasConnected && before !== 'Disconnected';
    const isTwice = event === 'SyncConnected' ? wasConnected : event === 'Disconnected' && !wasConnected;
    if (isOver || isTwice) this.blame('SessionStates', `${event} after ${before}`);
    const { state } = this.session;
    if (state !== stateAfter[event]) this.blame('SessionStates', `${event} but the state is ${state}`);
    if (event === 'AuthFailed' && !this.around.hasBadCredentials())
      this.blame('SessionStates', 'AuthFailed with good credentials');
    if (event === 'Closed' && !this.around.isClosing())
      this.blame('SessionStates', `Closed without a request to close: ${reason}`);
    if (event === 'SyncConnected') this.#connected();
    if (event === 'Disconnected') this.connectionsLost++;
    if (event === 'Expired') this.#demandExpired();
  }

  #connected(): void {
    const { sessionId } = this.session.identity;
    if (this.sessionId !== 0n && this.sessionId !== sessionId) {
      this.blame('SessionStates', `has session ${hex(sessionId)}, but had ${hex(this.sessionId)}`);
    }
    this.sessionId = sessionId;
  }

  /**
   * A session may expire for two reasons. Either a server has reported that the leader ended the session, or all
   * servers were silent for 4/3 of the session timeout.
   */
  #demandExpired(): void {
    const wasRefused = this.around.wasRefused();
    const what = `says that session ${hex(this.sessionId)} expired`;
    if (wasRefused && !this.around.isEnded())
      this.blame('ExpiryIsTrue', `${what} because a server said so, but no leader has ended it`);
    const silentMs = this.around.monotonicMs() - this.#lastHeardMs;
    if (!wasRefused && silentMs + 1 < (this.session.identity.timeoutMs * 4) / 3) {
      this.blame('ExpiryIsTrue', `${what} after only ${silentMs.toFixed(0)} ms of silence`);
    }
  }

  /** Checks how long all servers have been silent. Must be called often while the session is open. */
  tick(): void {
    const nowMs = this.around.monotonicMs();
    if (nowMs - this.#lastTickMs > stallMs) this.#goesOnMs = nowMs;
    this.#lastTickMs = nowMs;
    const isKnown = this.#lastEvent === 'SyncConnected' || this.#lastEvent === 'Disconnected';
    if (!isKnown) return;
    const isConnected = this.session.server !== undefined;
    const { timeoutMs } = this.session.identity;
    const limitMs = isConnected ? (timeoutMs * 2) / 3 : (timeoutMs * 4) / 3;
    if (nowMs <= Math.max(this.#lastHeardMs + limitMs, this.#goesOnMs) + patienceMs) return;
    const silence = `after ${(nowMs - this.#lastHeardMs).toFixed(0)} ms of silence`;
    if (isConnected) this.blame('KeepAlive', `still waits for its server ${silence}`);
    else this.blame('ExpiryIsTrue', `keeps a session that is certainly over ${silence}`);
  }
}

function hex(sessionId: bigint): string {
  return sessionId.toString(16);
}
