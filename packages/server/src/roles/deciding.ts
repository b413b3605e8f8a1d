import { ErrorCode, OpCode, sessionIdHex } from '@nodekeeper/protocol';
import type { Session } from '../session/session-tracker.js';
import type { LogBatch } from '../storage/index.js';
import type { CommitGate } from '../zab/replica.js';
import { Reaper } from './reaper.js';
import type { RequestSpan } from './request-span.js';
import type { Role, ServerMode } from './role.js';
import { type RoleClient, SilentRequester } from './role-client.js';
import { prepareState, type RoleParts, txnBytesMax } from './role-parts.js';
import { type AppliedProposals, WritePath } from './write-path.js';

const loggedExpirationsMax = 20;
const asSuper = new SilentRequester(undefined, [{ scheme: 'super', id: '' }]);

/**
 * The role of a server that creates transactions and expires sessions. Such a server is either a standalone server or
 * the leader.
 */
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

  /** Starts the reaper. The reaper gets a timer of its own if it must run more often than the server ticks. */
  begin(tickIntervalMs: number): void {
    this.#reaper.start(tickIntervalMs);
  }

  write(client: RoleClient, request: RequestSpan): number {
    if (request.type === OpCode.closeSession) this.deleteSurplusEphemerals(client.sessionId);
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
   * Calls `ended` when it is certain that the session has ended. The close of a known session must be committed. A
   * close that is only proposed may be lost with this term, and the session then continues in the next term. If this
   * server does not know the session, a later leader may know it. This server must then first confirm that there is no
   * later leader.
   */
  protected whenEnded(session: Session | undefined, ended: () => void): void {
    const endedInThisTerm = () => this.#isOver || ended();
    if (session === undefined) this.whenConfirmed(endedInThisTerm);
    else session.whenEnded(endedInThisTerm);
  }

  /**
   * Calls `confirmed` when it is certain that this server still led when this method was called. A standalone server
   * calls `confirmed` at once.
   */
  protected abstract whenConfirmed(confirmed: () => void): void;

  abstract sync(client: RoleClient, request: RequestSpan, done: () => void): void;

  durable(batch: LogBatch): void {
    this.writePath.durable(batch);
  }

  tick(): void {
    this.#expireSessions();
    this.#reaper.tick();
  }

  #expireSessions(): void {
    const { database, clients, events, meter } = this.parts;
    const expired = database.sessions.expire(events.nowMs);
    this.#logExpired(expired);
    meter.sessionsExpired(expired.length);
    for (const { id } of expired) {
      clients.ofSession(id)?.close('session expired');
      this.closeSession(id);
    }
  }

  /** Logs only the first expired sessions by id and then their total number, because thousands can expire at once. */
  #logExpired(expired: readonly Session[]): void {
    const { logger } = this.parts;
    for (const { id } of expired.slice(0, loggedExpirationsMax)) {
      logger.info(`Expiring session ${sessionIdHex(id)}: it sent nothing within its timeout`);
    }
    if (expired.length > loggedExpirationsMax) {
      logger.info(`Expiring ${expired.length} sessions in total at this time`);
    }
  }

  /** Proposes the end of a session although its client has not asked for it. */
  closeSession(sessionId: bigint): void {
    this.deleteSurplusEphemerals(sessionId);
    this.writePath.propose(OpCode.closeSession, undefined, sessionId, this.parts.events);
  }

  /**
   * Deletes ephemeral nodes of a session one by one if they are too many for one closeSession transaction. Called
   * before the end of the session is proposed. ZooKeeper writes all paths into one transaction, which may be too long
   * for any server to read (L-1 ZK-4306).
   */
  protected deleteSurplusEphemerals(sessionId: bigint): void {
    const { config, database, events } = this.parts;
    if (!config.closeSessionTxnEnabled) return;
    const session = database.sessions.get(sessionId);
    const wasClosing = session?.closing ?? false;
    // deletes are refused in a session that is closing, so `closing` is false while this method proposes them
    if (session !== undefined) session.closing = false;
    let bytes = 0;
    for (const { path } of database.changes.ownedBy(sessionId)) {
      bytes += 4 + path.length * 3;
      if (bytes <= txnBytesMax(config) / 2) continue;
      this.writePath.propose(OpCode.delete, { path, version: -1 }, sessionId, events, asSuper);
    }
    if (session !== undefined) session.closing = wasClosing;
  }

  end(): void {
    this.#isOver = true;
    this.#reaper.stop();
  }
}
