import { ErrorCode, type Id, OpCode } from '@nodekeeper/protocol';
import type { SessionOwner } from '../session/session-tracker.js';
import type { ForwardedRequest } from '../zab/packets.js';
import type { CommitGate, LeaderGate } from '../zab/replica.js';
import { Deciding } from './deciding.js';
import { RequestSpan } from './request-span.js';
import { type RoleClient, SilentRequester } from './role-client.js';
import type { RoleParts } from './role-parts.js';
import type { AppliedProposals } from './write-path.js';

/** The leader: a write is committed when a quorum has it. */
export class Leading extends Deciding {
  readonly mode = 'leader';
  readonly confirmsSyncs = true;
  readonly #gate: LeaderGate;
  readonly #forwarded = new RequestSpan();

  /** @param commitGate where proposals go: `gate`, maybe with somebody who counts what passes it */
  constructor(parts: RoleParts, gate: LeaderGate, commitGate: CommitGate, applied: AppliedProposals) {
    super(parts, ErrorCode.SESSIONEXPIRED, commitGate, applied);
    this.#gate = gate;
    // clients could not be heard while there was no leader
    const { sessions } = parts.database;
    for (const session of sessions.values()) sessions.renew(session, session.timeoutMs, parts.events.nowMs);
  }

  sync(_client: RoleClient, _request: RequestSpan, done: () => void): void {
    this.#gate.sync(done);
  }

  /** A request that a client made at another server. */
  forwarded(owner: SessionOwner, { sessionId, cxid, type, body }: ForwardedRequest, ids: readonly Id[]): void {
    if (type === OpCode.createSession) this.#trackNew(sessionId, body, owner);
    if (type === OpCode.closeSession && this.#mayClose(sessionId, owner)) this.shrinkSession(sessionId);
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

  #mayClose(sessionId: bigint, owner: SessionOwner): boolean {
    const current = this.parts.database.sessions.get(sessionId)?.owner;
    return current === undefined || current === owner;
  }

  #trackNew(sessionId: bigint, body: Buffer, owner: SessionOwner): void {
    const timeoutMs = body.length >= 4 ? body.readInt32BE(0) : 0;
    this.parts.database.sessions.track(sessionId, timeoutMs, this.parts.events.nowMs).owner = owner;
  }
}
