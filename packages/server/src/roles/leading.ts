import { ErrorCode, type Id, OpCode } from '@nodekeeper/protocol';
import type { Session, SessionOwner } from '../session/session-tracker.js';
import type { ForwardedRequest, SessionTouch } from '../zab/packets.js';
import type { CommitGate, LeaderGate } from '../zab/replica.js';
import { Deciding } from './deciding.js';
import { RequestSpan } from './request-span.js';
import type { TermRole } from './role.js';
import { type RoleClient, SilentRequester } from './role-client.js';
import type { RoleParts } from './role-parts.js';
import type { AppliedProposals } from './write-path.js';

/** The role of the leader. A write is committed when a quorum has logged it. */
export class Leading extends Deciding implements TermRole {
  readonly mode = 'leader';
  readonly confirmsSyncs = true;
  readonly #gate: LeaderGate;
  readonly #forwarded = new RequestSpan();

  /**
   * @param commitGate receives the proposals. It is `gate` itself, or a meter that passes the proposals on to `gate`
   */
  constructor(parts: RoleParts, gate: LeaderGate, commitGate: CommitGate, applied: AppliedProposals) {
    super(parts, ErrorCode.SESSIONEXPIRED, commitGate, applied);
    this.#gate = gate;
    // while there was no leader, no server received pings of clients, so every session gets its full timeout again
    const { sessions } = parts.database;
    for (const session of sessions.values()) sessions.renew(session, session.timeoutMs, parts.events.nowMs);
  }

  sync(_client: RoleClient, _request: RequestSpan, done: () => void): void {
    this.#gate.sync(done);
  }

  protected whenConfirmed(confirmed: () => void): void {
    this.#gate.sync(confirmed);
  }

  /** Handles a request from a client of another server. */
  forwarded(owner: SessionOwner, { sessionId, cxid, type, body }: ForwardedRequest, ids: readonly Id[]): void {
    if (type === OpCode.createSession) this.#trackNew(sessionId, body, owner);
    if (type === OpCode.closeSession && this.#mayClose(sessionId, owner)) this.deleteSurplusEphemerals(sessionId);
    const { nowMs, wallMs } = this.parts.events;
    const request = this.#forwarded.set(cxid, type, nowMs, body, 0, body.length);
    this.parts.trace?.taken(sessionId, request);
    this.writePath.request(new SilentRequester(owner, ids), sessionId, request, wallMs);
  }

  commitThrough(zxid: number): void {
    this.writePath.commitThrough(zxid);
  }

  applyLogged(): void {
    this.writePath.commitThrough(Number.MAX_SAFE_INTEGER);
  }

  /** A client of another server has used its session. */
  touch({ sessionId, timeoutMs }: SessionTouch): void {
    const session = this.parts.database.sessions.get(sessionId);
    if (session !== undefined && !session.closing) this.#renew(session, timeoutMs);
  }

  /**
   * Calls `answer` with false if the session does not exist. Otherwise records that the session's client is now
   * connected to the server `owner`, and calls `answer` with true.
   */
  revalidate({ sessionId, timeoutMs }: SessionTouch, owner: SessionOwner, answer: (isValid: boolean) => void): void {
    const { database, clients } = this.parts;
    const session = database.sessions.get(sessionId);
    if (session === undefined || session.closing) {
      this.whenEnded(session, () => answer(false));
      return;
    }
    session.owner = owner;
    // the client has moved to another server, and no longer uses its connection to this one
    clients.ofSession(sessionId)?.close('session moved');
    this.#renew(session, timeoutMs);
    answer(true);
  }

  #renew(session: Session, timeoutMs: number): void {
    const { database, scheduler } = this.parts;
    const nowMs = scheduler.monotonicMs();
    if (session.timeoutMs === timeoutMs) session.touchedMs = nowMs;
    else database.sessions.renew(session, timeoutMs, nowMs);
  }

  /**
   * True if the server `owner` may close this session. False if the session has moved to another server. The leader
   * will then reject the request.
   */
  #mayClose(sessionId: bigint, owner: SessionOwner): boolean {
    const current = this.parts.database.sessions.get(sessionId)?.owner;
    return current === undefined || current === owner;
  }

  #trackNew(sessionId: bigint, body: Buffer, owner: SessionOwner): void {
    const timeoutMs = body.length >= 4 ? body.readInt32BE(0) : 0;
    this.parts.database.sessions.track(sessionId, timeoutMs, this.parts.events.nowMs).owner = owner;
  }
}
