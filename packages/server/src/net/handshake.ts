import { Reader, readConnectRequest, sessionIdHex, Writer, writeConnectResponse, zxidHex } from '@nodekeeper/protocol';
import type { ServerCore } from '../pipeline/server-core.js';
import { SessionPasswords } from '../session/session-passwords.js';
import type { Session } from '../session/session-tracker.js';
import type { Connection } from './connection.js';

const noPassword: Buffer = Buffer.alloc(16);
const readOnlyFlag = Buffer.from([0]);

/** Opens sessions, and attaches connections to the ones their clients had before (inventory 1.3). */
export class Handshake {
  readonly #core: ServerCore;
  readonly #passwords: SessionPasswords;

  constructor(core: ServerCore) {
    this.#core = core;
    this.#passwords = new SessionPasswords(core.config.sessionSecret);
  }

  /** The first frame of a connection. */
  open(connection: Connection, bytes: Buffer, start: number, end: number): void {
    const core = this.#core;
    const request = readRequest(bytes, start, end, connection);
    core.metrics.connectionRequestCount.add(1);
    if (!core.takesClients) {
      if (!core.serving) core.metrics.cnxnClosedWithoutZkServerRunning.add(1);
      connection.close('the server is not serving');
      return;
    }
    if (!core.connectionThrottle.admit(core.nowMs, request.sessionId === 0n)) {
      core.metrics.connectionRejected.add(1);
      core.logger.info('Refusing a session: connection requests are throttled', connection.logFields());
      connection.close('client hits rate limiting threshold');
      return;
    }
    core.metrics.connectionTokenDeficit.add(core.connectionThrottle.deficit);
    if (request.lastZxidSeen > core.tree.lastZxid) {
      const seen = zxidHex(request.lastZxidSeen);
      core.logger.info(
        `Refusing a session: the client has seen zxid ${seen}, this server's last is ${zxidHex(core.tree.lastZxid)}`,
        connection.logFields(),
      );
      connection.close('client zxid ahead');
      return;
    }
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = core.config;
    connection.sessionTimeoutMs = Math.min(Math.max(request.timeOut, minSessionTimeoutMs), maxSessionTimeoutMs);
    connection.stopReading();
    if (request.sessionId === 0n) this.#open(connection);
    else this.#attach(connection, request.sessionId, request.passwd);
  }

  /** Answered when the session's creation is committed. */
  #open(connection: Connection): void {
    connection.lane.pushWrite();
    this.#core.route.openSession(connection);
  }

  #attach(connection: Connection, sessionId: bigint, password: Buffer | null): void {
    const core = this.#core;
    core.metrics.connectionRevalidateCount.add(1);
    if (!this.#passwords.isRight(sessionId, password)) {
      core.logger.warn(`Incorrect password for session ${sessionIdHex(sessionId)}`, connection.logFields());
      this.#refuse(connection);
      return;
    }
    core.connectionBySession.get(sessionId)?.close('client reconnect');
    core.route.resumeSession(connection, sessionId);
  }

  /** From here on the connection speaks for the session. */
  attach(connection: Connection, session: Session): void {
    connection.session = session;
    connection.sessionId = session.id;
    this.#core.connectionBySession.set(session.id, connection);
  }

  /** The session lives, and goes on over this connection. */
  resumed(connection: Connection, session: Session): void {
    this.attach(connection, session);
    this.finish(connection);
  }

  /** There is no such session, or not any more. */
  refuse(connection: Connection, sessionId: bigint): void {
    this.#core.logger.info(`Invalid session ${sessionIdHex(sessionId)}, probably expired`, connection.logFields());
    this.#refuse(connection);
  }

  /** The session stands: says so, and takes requests. */
  finish(connection: Connection): void {
    this.#answer(
      connection,
      connection.sessionTimeoutMs,
      connection.sessionId,
      this.#passwords.of(connection.sessionId),
    );
    connection.state = 'open';
    connection.resumeReading();
  }

  #refuse(connection: Connection): void {
    this.#answer(connection, 0, 0n, noPassword);
    connection.closeAfterReplies('invalid session');
  }

  /** A frame of its own kind: no ReplyHeader; the readOnly byte only for clients that sent one (inventory 1.3.2). */
  #answer(connection: Connection, timeOut: number, sessionId: bigint, passwd: Buffer): void {
    const frame = new Writer(64);
    frame.int(0);
    writeConnectResponse(frame, { protocolVersion: 0, timeOut, sessionId, passwd, readOnly: false });
    if (!connection.knowsReadOnly) frame.position -= readOnlyFlag.length;
    frame.bytes.writeInt32BE(frame.position - 4, 0);
    connection.sendRaw(frame.view());
    this.#core.sent(connection, frame.position);
  }
}

/** Clients of 3.3 and before leave the readOnly byte out. */
function readRequest(bytes: Buffer, start: number, end: number, connection: Connection) {
  const fixedBytes = 4 + 8 + 4 + 8;
  const passwordLength = end - start >= fixedBytes + 4 ? Math.max(0, bytes.readInt32BE(start + fixedBytes)) : 0;
  connection.knowsReadOnly = end - start > fixedBytes + 4 + passwordLength;
  if (connection.knowsReadOnly) return readConnectRequest(new Reader(bytes, start, end));
  return readConnectRequest(new Reader(Buffer.concat([bytes.subarray(start, end), readOnlyFlag])));
}
