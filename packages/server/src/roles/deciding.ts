import { ErrorCode, OpCode } from '@nodekeeper/protocol';
import type { Session } from '../session/session-tracker.js';
import type { LogBatch } from '../storage/index.js';
import type { CommitGate } from '../zab/replica.js';
import { logExpired } from './expiry-log.js';
import { Reaper } from './reaper.js';
import type { RequestSpan } from './request-span.js';
import type { Role, ServerMode } from './role.js';
import type { RoleClient } from './role-client.js';
import { prepareState, type RoleParts } from './role-parts.js';
import { deleteSurplusEphemerals } from './surplus-ephemerals.js';
import { type AppliedProposals, WritePath } from './write-path.js';

/** A server that makes transactions and watches over sessions: a standalone one, or the leader. */
export abstract class Deciding implements Role {
  abstract readonly mode: ServerMode;
  abstract readonly confirmsSyncs: boolean;
  readonly writePath: WritePath;
  protected readonly parts: RoleParts;
  readonly #reaper: Reaper;
  #isOver = false;

  constructor(parts: RoleParts, unknownSessionCode: number, gate?: CommitGate, applied?: AppliedProposals) {
    this.parts = parts;
    this.writePath = new WritePath(prepareState(parts, unknownSessionCode), parts, gate, applied);
    this.#reaper = new Reaper(parts, this.writePath);
  }

  /** The reaper may have to look more often than the server ticks. */
  begin(tickIntervalMs: number): void {
    this.#reaper.start(tickIntervalMs);
  }

  write(client: RoleClient, request: RequestSpan): number {
    if (request.type === OpCode.closeSession) this.shrinkSession(client.sessionId);
    const proposal = this.writePath.request(client, client.sessionId, request, this.parts.events.wallMs);
    return proposal === undefined ? ErrorCode.MARSHALLINGERROR : ErrorCode.OK;
  }

  openSession(client: RoleClient): void {
    const { database, clients, events } = this.parts;
    const session = database.sessions.create(client.sessionTimeoutMs, events.nowMs);
    session.owner = client.owner;
    clients.attach(client, session);
    const { createSession } = OpCode;
    this.writePath.propose(createSession, client.sessionTimeoutMs, session.id, events, client);
  }

  resumeSession(client: RoleClient, sessionId: bigint): void {
    const { database, clients, events } = this.parts;
    const session = database.sessions.get(sessionId);
    if (session !== undefined) session.owner = client.owner;
    if (session === undefined || session.closing) {
      this.whenEnded(session, () => {
        if (!client.isClosed) clients.refused(client, sessionId);
      });
      return;
    }
    database.sessions.renew(session, client.sessionTimeoutMs, events.nowMs);
    clients.resumed(client, session);
  }

  /**
   * Calls `ended` when there is no such session any more. A close that is only proposed does not count: without a quorum
   * it may be lost with this term, and the session continues in the next one.
   */
  protected whenEnded(session: Session | undefined, ended: () => void): void {
    if (session === undefined) ended();
    else session.whenEnded(() => this.#isOver || ended());
  }

  abstract sync(client: RoleClient, request: RequestSpan, done: () => void): void;

  durable(batch: LogBatch): void {
    this.writePath.durable(batch);
  }

  tick(): void {
    this.#expireSessions();
    this.#reaper.tick();
  }

  #expireSessions(): void {
    const { database, clients, events, meter, logger } = this.parts;
    const expired = database.sessions.expire(events.nowMs);
    logExpired(logger, expired);
    meter.sessionsExpired(expired.length);
    for (const { id } of expired) {
      clients.ofSession(id)?.close('session expired');
      this.closeSession(id);
    }
  }

  /** Proposes the end of a session that no client asked for. */
  closeSession(sessionId: bigint): void {
    this.shrinkSession(sessionId);
    this.writePath.propose(OpCode.closeSession, undefined, sessionId, this.parts.events);
  }

  /** Has to be done before the end of a session is proposed. */
  protected shrinkSession(sessionId: bigint): void {
    deleteSurplusEphemerals(this.parts, this.writePath, sessionId);
  }

  end(): void {
    this.#isOver = true;
    this.#reaper.stop();
  }
}
