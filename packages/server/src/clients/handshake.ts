import { Reader, readConnectRequest, sessionIdHex, Writer, writeConnectResponse, zxidHex } from '@nodekeeper/protocol';
import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';
import type { ServerMeter } from '../meters/server-meter.js';
import { SessionPasswords } from '../session/session-passwords.js';
import type { Client } from './client.js';
import type { ConnectionThrottle } from './connection-throttle.js';
import type { Service } from './service.js';

const noPassword: Buffer = Buffer.alloc(16);
const readOnlyFlag = Buffer.from([0]);

interface HandshakeParts {
  readonly config: ServerConfig;
  readonly events: { readonly nowMs: number };
  readonly meter: ServerMeter;
  readonly logger: Logger;
  readonly throttle: ConnectionThrottle;
  readonly clients: { readonly service: Service | undefined; ofSession(sessionId: bigint): Client | undefined };
}

/** Opens and resumes sessions (spec 1.3). */
export class Handshake {
  readonly #parts: HandshakeParts;
  readonly #passwords: SessionPasswords;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
    this.#passwords = new SessionPasswords(parts.config.sessionSecret);
  }

  /** Handles the first frame of a connection, a ConnectRequest. */
  greet(client: Client, bytes: Buffer, start: number, end: number): void {
    const { config, events, meter, logger, throttle, clients } = this.#parts;
    const { metrics } = meter;
    const request = readRequest(bytes, start, end, client);
    metrics.connectionRequestCount.add(1);
    const { service } = clients;
    if (service === undefined || !service.takesClients) {
      if (service === undefined) metrics.cnxnClosedWithoutZkServerRunning.add(1);
      client.close('the server is not serving');
      return;
    }
    if (!throttle.admit(events.nowMs, request.sessionId === 0n)) {
      meter.connectionRejected();
      logger.info('Refusing a session: connection requests are throttled', client.logFields());
      client.close('client hits rate limiting threshold');
      return;
    }
    metrics.connectionTokenDeficit.add(throttle.deficit);
    const { lastZxid } = service.database.tree;
    if (request.lastZxidSeen > lastZxid) {
      logger.info(
        `Refusing a session: the client has seen zxid ${zxidHex(request.lastZxidSeen)}, this server's last is ${zxidHex(lastZxid)}`,
        client.logFields(),
      );
      client.close('client zxid ahead');
      return;
    }
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = config;
    client.sessionTimeoutMs = Math.min(Math.max(request.timeOut, minSessionTimeoutMs), maxSessionTimeoutMs);
    client.connection.stopReading();
    if (request.sessionId === 0n) this.#openSession(client, service);
    else this.#resumeSession(client, service, request.sessionId, request.passwd);
  }

  /** Asks the role for a new session. When the creation of the session is committed, `finish` sends the reply. */
  #openSession(client: Client, { role }: Service): void {
    client.lane.pushWrite();
    role.openSession(client);
  }

  #resumeSession(client: Client, { role }: Service, sessionId: bigint, password: Buffer | null): void {
    const { meter, logger, clients } = this.#parts;
    meter.metrics.connectionRevalidateCount.add(1);
    if (!this.#passwords.isRight(sessionId, password)) {
      logger.warn(`Incorrect password for session ${sessionIdHex(sessionId)}`, client.logFields());
      this.#answerInvalid(client);
      return;
    }
    clients.ofSession(sessionId)?.close('client reconnect');
    role.resumeSession(client, sessionId);
  }

  /** Replies that the session does not exist or has ended, and closes the connection. */
  refuse(client: Client, sessionId: bigint): void {
    const { logger } = this.#parts;
    logger.info(`Invalid session ${sessionIdHex(sessionId)}, probably expired`, client.logFields());
    this.#answerInvalid(client);
  }

  /** Sends the reply for an open session, and starts to accept requests. */
  finish(client: Client): void {
    this.#answer(client, client.sessionTimeoutMs, client.sessionId, this.#passwords.of(client.sessionId));
    client.isServed = true;
    client.connection.resumeReading();
  }

  #answerInvalid(client: Client): void {
    this.#answer(client, 0, 0n, noPassword);
    client.connection.closeAfterReplies('invalid session');
  }

  /**
   * Sends the ConnectResponse, a frame without a ReplyHeader. The response ends with a readOnly byte only if the
   * request did (spec 1.3.2).
   */
  #answer(client: Client, timeOut: number, sessionId: bigint, passwd: Buffer): void {
    const frame = new Writer(64);
    frame.int(0);
    writeConnectResponse(frame, { protocolVersion: 0, timeOut, sessionId, passwd, readOnly: false });
    if (!client.knowsReadOnly) frame.position -= readOnlyFlag.length;
    frame.bytes.writeInt32BE(frame.position - 4, 0);
    client.connection.sendFrame(frame.view());
  }
}

/**
 * Decodes a ConnectRequest. Clients of ZooKeeper 3.3 and earlier omit the readOnly byte, which then counts as false.
 */
function readRequest(bytes: Buffer, start: number, end: number, client: Client) {
  const fixedBytes = 4 + 8 + 4 + 8;
  const passwordLength = end - start >= fixedBytes + 4 ? Math.max(0, bytes.readInt32BE(start + fixedBytes)) : 0;
  client.knowsReadOnly = end - start > fixedBytes + 4 + passwordLength;
  if (client.knowsReadOnly) return readConnectRequest(new Reader(bytes, start, end));
  return readConnectRequest(new Reader(Buffer.concat([bytes.subarray(start, end), readOnlyFlag])));
}
