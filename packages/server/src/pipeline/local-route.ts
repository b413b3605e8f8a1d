import { OpCode, type Reader } from '@nodekeeper/protocol';
import type { Connection } from '../net/connection.js';
import type { ServerCore } from './server-core.js';
import type { WriteRoute } from './write-route.js';

/** The way of a server that decides itself: a standalone one, or the leader. */
export class LocalRoute implements WriteRoute {
  readonly #core: ServerCore;

  constructor(core: ServerCore) {
    this.#core = core;
  }

  write(connection: Connection, xid: number, type: number, bytes: Buffer, start: number, end: number): boolean {
    const { writePath, nowMs, wallMs } = this.#core;
    const proposal = writePath.request(connection, connection.sessionId, xid, type, bytes, start, end, nowMs, wallMs);
    return proposal !== undefined;
  }

  openSession(connection: Connection): void {
    const core = this.#core;
    const session = core.sessions.create(connection.sessionTimeoutMs, core.nowMs);
    core.handshake.attach(connection, session);
    core.writePath.propose(
      OpCode.createSession,
      connection.sessionTimeoutMs,
      session.id,
      core.nowMs,
      core.wallMs,
      connection,
    );
  }

  resumeSession(connection: Connection, sessionId: bigint): void {
    const core = this.#core;
    const session = core.sessions.get(sessionId);
    if (session === undefined || session.closing) {
      core.handshake.refuse(connection, sessionId);
    } else {
      core.sessions.renew(session, connection.sessionTimeoutMs, core.nowMs);
      core.handshake.resumed(connection, session);
    }
  }

  /** A server that decides alone has applied whatever it has acknowledged. */
  sync(_connection: Connection, _xid: number, _body: Reader): boolean {
    return false;
  }
}
