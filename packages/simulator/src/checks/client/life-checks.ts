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
/** A timer may ring late, and a session waits a little longer after its process stood still. */
const patienceMs = 400;
/** After so long without a tick, the process stood still. */
const stallMs = 150;

/** What has happened around a session. */
interface Circumstances {
  monotonicMs(): number;
  /** The program has asked for its end. */
  isClosing(): boolean;
  hasBadCredentials(): boolean;
  /** A server has said that the session is over. */
  wasRefused(): boolean;
  /** The ensemble has ended the session. */
  isEnded(): boolean;
}

/** The life of one session: its events and id, and whether it gives up a server and ends in time, and not too early. */
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
    // one that is taken over, or 0n
    this.sessionId = session.identity.sessionId;
    this.#lastHeardMs = around.monotonicMs();
  }

  heard(): void {
    this.#lastHeardMs = this.around.monotonicMs();
  }

  asksFor(sessionId: bigint): void {
    if (sessionId === this.sessionId) return;
    this.blame('SessionStates', `asks for session ${hex(sessionId)} and has ${hex(this.sessionId)}`);
  }

  happened(event: SessionEvent, reason: string): void {
    const before = this.#lastEvent;
    this.#lastEvent = event;
    const wasConnected = before === 'SyncConnected';
    const isOver = before !== undefined && !wasConnected && before !== 'Disconnected';
    const isTwice = event === 'SyncConnected' ? wasConnected : event === 'Disconnected' && !wasConnected;
    if (isOver || isTwice) this.blame('SessionStates', `${event} after ${before}`);
    const { state } = this.session;
    if (state !== stateAfter[event]) this.blame('SessionStates', `${event}, and the state is ${state}`);
    if (event === 'AuthFailed' && !this.around.hasBadCredentials())
      this.blame('SessionStates', 'AuthFailed with good credentials');
    if (event === 'Closed' && !this.around.isClosing())
      this.blame('SessionStates', `Closed without being asked: ${reason}`);
    if (event === 'SyncConnected') this.#connected();
    if (event === 'Disconnected') this.connectionsLost++;
    if (event === 'Expired') this.#demandExpired();
  }

  #connected(): void {
    const { sessionId } = this.session.identity;
    if (this.sessionId !== 0n && this.sessionId !== sessionId) {
      this.blame('SessionStates', `has session ${hex(sessionId)}, and had ${hex(this.sessionId)}`);
    }
    this.sessionId = sessionId;
  }

  /** Either a server said so, and was right, or no server was heard for long enough. */
  #demandExpired(): void {
    const wasRefused = this.around.wasRefused();
    const what = `says that session ${hex(this.sessionId)} expired`;
    if (wasRefused && !this.around.isEnded())
      this.blame('ExpiryIsTrue', `${what}, as a server said, and no leader has ended it`);
    const silentMs = this.around.monotonicMs() - this.#lastHeardMs;
    if (!wasRefused && silentMs + 1 < (this.session.identity.timeoutMs * 4) / 3) {
      this.blame('ExpiryIsTrue', `${what} after only ${silentMs.toFixed(0)} ms of silence`);
    }
  }

  /** To be called often while the session is not over. */
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
