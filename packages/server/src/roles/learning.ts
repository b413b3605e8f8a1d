import { ErrorCode, OpCode, RingQueue, Writer } from '@nodekeeper/protocol';
import type { LogBatch } from '../storage/index.js';
import type { SessionTouch } from '../zab/packets.js';
import type { LeaderLink } from '../zab/replica.js';
import { forwardedCxid } from './forwarded-request.js';
import { LearnerPath, type LearnerPathListener } from './learner-path.js';
import type { RequestSpan } from './request-span.js';
import type { TermRole } from './role.js';
import type { RoleClient } from './role-client.js';
import type { RoleParts } from './role-parts.js';

/**
 * The role of a follower or observer. If it cannot answer a request itself, it forwards the request to the leader. It
 * replies to a write when the leader commits the write.
 */
export class Learning implements TermRole {
  mode: 'follower' | 'observer' = 'follower';
  readonly confirmsSyncs = true;
  readonly path: LearnerPath;
  readonly #parts: RoleParts;
  readonly #serverId: number;
  readonly #link: LeaderLink;
  readonly #syncs = new RingQueue<() => void>();
  readonly #revalidations = new Map<bigint, RoleClient>();
  #touchesTakenMs: number;
  #awaitedDurable: { readonly zxid: number; readonly done: () => void } | undefined;

  constructor(parts: RoleParts, serverId: number, link: LeaderLink, listener: LearnerPathListener) {
    this.#parts = parts;
    this.#serverId = serverId;
    this.#link = link;
    this.#touchesTakenMs = parts.events.nowMs;
    this.path = new LearnerPath(parts, serverId, () => this.mode, listener);
  }

  write(client: RoleClient, request: RequestSpan): number {
    const { sessionId } = client;
    const { xid, type, receivedMs, bytes, start, end } = request;
    const cxid = forwardedCxid(this.#serverId, xid);
    client.forwarded.push({ type, xid, cxid, receivedMs });
    this.#parts.trace?.forwarded(sessionId, xid);
    this.#parts.meter.forwarding(this.#parts.clients.outstanding);
    this.#link.forward({ sessionId, cxid, type, body: bytes.subarray(start, end) }, client.ids);
    return ErrorCode.OK;
  }

  openSession(client: RoleClient): void {
    const { database, clients, events } = this.#parts;
    const { sessionTimeoutMs: timeoutMs } = client;
    const session = database.sessions.create(timeoutMs, events.nowMs);
    clients.attach(client, session);
    client.attachedZxid = this.path.receivedZxid;
    const body = new Writer(4);
    body.int(timeoutMs);
    const { createSession } = OpCode;
    client.forwarded.push({ type: createSession, xid: 0, cxid: 0, receivedMs: events.nowMs });
    this.#link.forward({ sessionId: session.id, cxid: 0, type: createSession, body: body.view() }, client.ids);
  }

  /** Asks the leader whether the session exists, because only the leader knows. */
  resumeSession(client: RoleClient, sessionId: bigint): void {
    this.#revalidations.get(sessionId)?.close('client reconnect');
    this.#revalidations.set(sessionId, client);
    this.#link.revalidate({ sessionId, timeoutMs: client.sessionTimeoutMs });
  }

  revalidated(sessionId: bigint, isValid: boolean): void {
    const { database, clients, events } = this.#parts;
    const client = this.#revalidations.get(sessionId);
    this.#revalidations.delete(sessionId);
    if (client === undefined || client.isClosed) return;
    if (!isValid) {
      clients.refused(client, sessionId);
      return;
    }
    const session = database.sessions.track(sessionId, client.sessionTimeoutMs, events.nowMs);
    session.timeoutMs = client.sessionTimeoutMs;
    client.attachedZxid = this.path.receivedZxid;
    clients.resumed(client, session);
  }

  sync({ sessionId, ids }: RoleClient, request: RequestSpan, done: () => void): void {
    this.#syncs.push(done);
    const { xid, type, bytes, start, end } = request;
    this.#link.forward({ sessionId, cxid: xid, type, body: bytes.subarray(start, end) }, ids);
  }

  /** The leader has answered the oldest forwarded sync. The leader answers syncs in order. */
  synced(): void {
    if (this.#syncs.length > 0) this.#syncs.shift()();
  }

  /** Calls `done` when everything that is in the log at this moment would survive a crash. */
  whenLogged(done: () => void): void {
    const { log } = this.#parts.database;
    const zxid = this.path.loggingZxid;
    if (!log.inFlight && log.gathering.count === 0) {
      done();
      return;
    }
    this.#awaitedDurable = { zxid, done };
    log.flush();
  }

  /** Returns the sessions that clients have used since the last call of this method. */
  takeTouches(): SessionTouch[] {
    const since = this.#touchesTakenMs;
    this.#touchesTakenMs = this.#parts.events.nowMs;
    const touches: SessionTouch[] = [];
    for (const { session } of this.#parts.clients.connected()) {
      if (session === undefined || session.touchedMs < since) continue;
      touches.push({ sessionId: session.id, timeoutMs: session.timeoutMs });
    }
    return touches;
  }

  durable(batch: LogBatch): void {
    this.#link.logged(batch.lastZxid);
    const awaited = this.#awaitedDurable;
    if (awaited === undefined || batch.lastZxid < awaited.zxid) return;
    this.#awaitedDurable = undefined;
    awaited.done();
  }

  begin(): void {}

  /** Does nothing: the leader expires the sessions. */
  tick(): void {}

  end(): void {}

  applyLogged(): void {
    this.path.applyAll();
  }
}
