import { OpCode, type Reader, RingQueue, Writer } from '@nodekeeper/protocol';
import type { Connection } from '../net/connection.js';
import { PendingSync } from '../net/lane.js';
import type { SessionTouch } from '../zab/packets.js';
import type { LeaderLink } from '../zab/replica.js';
import { forwardedCxid } from './forwarded-request.js';
import type { LearnerPath } from './learner-path.js';
import type { ServerCore } from './server-core.js';
import type { WriteRoute } from './write-route.js';

/** The way of a follower or observer: what it cannot answer goes to the leader, and comes back as a commit. */
export class ForwardingRoute implements WriteRoute {
  readonly #core: ServerCore;
  readonly #link: LeaderLink;
  readonly #path: LearnerPath;
  readonly #syncs = new RingQueue<{ connection: Connection; sync: PendingSync }>();
  readonly #revalidations = new Map<bigint, Connection>();
  #touchesTakenMs: number;

  constructor(core: ServerCore, link: LeaderLink, path: LearnerPath) {
    this.#core = core;
    this.#link = link;
    this.#path = path;
    this.#touchesTakenMs = core.nowMs;
  }

  write(connection: Connection, xid: number, type: number, bytes: Buffer, start: number, end: number): boolean {
    const { sessionId } = connection;
    const cxid = forwardedCxid(this.#core.ports.serverId!, xid);
    connection.forwarded.push({ type, xid, cxid, receivedMs: this.#core.nowMs });
    this.#core.meter.forwarding(this.#core.outstanding);
    this.#link.forward({ sessionId, cxid, type, body: bytes.subarray(start, end) }, connection.ids);
    return true;
  }

  openSession(connection: Connection): void {
    const core = this.#core;
    const { sessionTimeoutMs: timeoutMs } = connection;
    const session = core.sessions.create(timeoutMs, core.nowMs);
    core.handshake.attach(connection, session);
    connection.attachedZxid = this.#path.receivedZxid;
    const body = new Writer(4);
    body.int(timeoutMs);
    const { createSession } = OpCode;
    connection.forwarded.push({ type: createSession, xid: 0, cxid: 0, receivedMs: core.nowMs });
    this.#link.forward({ sessionId: session.id, cxid: 0, type: createSession, body: body.view() }, connection.ids);
  }

  /** Only the leader knows which sessions live. */
  resumeSession(connection: Connection, sessionId: bigint): void {
    this.#revalidations.get(sessionId)?.close('client reconnect');
    this.#revalidations.set(sessionId, connection);
    this.#link.revalidate({ sessionId, timeoutMs: connection.sessionTimeoutMs });
  }

  revalidated(sessionId: bigint, isValid: boolean): void {
    const core = this.#core;
    const connection = this.#revalidations.get(sessionId);
    this.#revalidations.delete(sessionId);
    if (connection === undefined || connection.state === 'closed') return;
    if (!isValid) {
      core.handshake.refuse(connection, sessionId);
      return;
    }
    const session = core.sessions.track(sessionId, connection.sessionTimeoutMs, core.nowMs);
    session.timeoutMs = connection.sessionTimeoutMs;
    connection.attachedZxid = this.#path.receivedZxid;
    core.handshake.resumed(connection, session);
  }

  sync(connection: Connection, xid: number, body: Reader): boolean {
    const { nowMs } = this.#core;
    const at = body.position;
    const sync = new PendingSync(xid, nowMs, body.ustring());
    connection.lane.pushSync(sync);
    this.#syncs.push({ connection, sync });
    const { sessionId, ids } = connection;
    this.#link.forward({ sessionId, cxid: xid, type: OpCode.sync, body: body.bytes.subarray(at, body.end) }, ids);
    return true;
  }

  /** The leader answers syncs in order. */
  synced(): void {
    if (this.#syncs.length === 0) return;
    const oldest = this.#syncs.shift();
    this.#core.intake.synced(oldest.connection, oldest.sync);
  }

  takeTouches(): SessionTouch[] {
    const since = this.#touchesTakenMs;
    this.#touchesTakenMs = this.#core.nowMs;
    const touches: SessionTouch[] = [];
    for (const [sessionId, { session }] of this.#core.connectionBySession) {
      if (session !== undefined && session.touchedMs >= since)
        touches.push({ sessionId, timeoutMs: session.timeoutMs });
    }
    return touches;
  }
}
