import { ErrorCode, getInt, OpCode, ProtocolError, Reader, type Writer, Xid } from '@nodekeeper/protocol';
import type { Access } from '../auth/access.js';
import type { ServerConfig } from '../config/server-config.js';
import type { Events } from '../events/events.js';
import { Cost } from '../events/turns.js';
import type { Logger } from '../log/logger.js';
import type { ServerMeter } from '../meters/server-meter.js';
import type { SteppedReadOp } from '../ops/read-ops.js';
import type { Answerable } from '../roles/proposal.js';
import { RequestSpan } from '../roles/request-span.js';
import type { Trace } from '../trace/trace.js';
import type { Audit, AuditEntry } from './audit.js';
import { Authentication } from './authentication.js';
import type { Client } from './client.js';
import { type DeferredRequest, PendingSync } from './lane.js';
import { handlingOf, type OpHandling } from './op-handling.js';
import { multiWeight, type Requests } from './requests.js';
import type { Service } from './service.js';
import { SteppedRead } from './stepped-read.js';
import type { Tally } from './tally.js';

const headerBytes = 8;

interface IntakeParts {
  readonly config: ServerConfig;
  readonly events: Events;
  readonly access: Access;
  readonly meter: ServerMeter;
  readonly logger: Logger;
  readonly trace: Trace | undefined;
  readonly audit: Audit | undefined;
  readonly tally: Tally;
  readonly requests: Requests;
}

/**
 * Decides what happens to each request: the server answers it at once, passes it to the role, or queues it after an
 * earlier write.
 */
export class Intake {
  /**
   * The service of the current term, or of the last term if the server has no role. The field is set before the first
   * request arrives, because a request needs a session, and the server opens sessions only during a term.
   */
  service: Service | undefined;
  readonly #parts: IntakeParts;
  readonly #authentication: Authentication;
  readonly #reader = new Reader(Buffer.alloc(0));
  readonly #span = new RequestSpan();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#authentication = new Authentication(parts);
  }

  get #lastZxid(): number {
    return this.service!.database.tree.lastZxid;
  }

  /** Handles a frame from a client with a session. Throws `ProtocolError` if the frame has no valid header. */
  request(client: Client, bytes: Buffer, start: number, end: number): void {
    if (end - start < headerBytes) throw new ProtocolError(`a request of ${end - start} bytes has no header`);
    const xid = getInt(bytes, start);
    const type = getInt(bytes, start + 4);
    const request = this.#span.set(xid, type, this.#parts.events.nowMs, bytes, start + headerBytes, end);
    if (type === OpCode.auth) this.#authentication.auth(client, request);
    else if (type === OpCode.sasl) this.#authentication.sasl(client, xid);
    else if (!this.#authentication.admits(client)) this.#authentication.refuse(client, xid);
    // a request of a closing session gets no answer (spec 1.9.10)
    else if (!client.session!.closing) this.#admitted(client, request);
  }

  #admitted(client: Client, request: RequestSpan): void {
    const { events, requests, trace } = this.#parts;
    const { type } = request;
    if (trace !== undefined) trace.taken(client.sessionId, request);
    const bodyBytes = request.end - request.start;
    client.session!.touchedMs = events.nowMs;
    const handling = handlingOf(type);
    events.turns.credit -= handling === undefined ? Cost.light : handling.cost;
    if (type === OpCode.ping) this.#ping(client);
    else if (handling === undefined) this.#unimplemented(client, request);
    else if (handling.isWrite) this.#write(client, request);
    else if (type === OpCode.sync && this.service!.role.confirmsSyncs) this.#sync(client, request);
    else if (client.lane.length === 0) this.#read(client, handling, request);
    else this.#defer(client, request, handling.waitingCost);
    requests.throttle(client, bodyBytes, type === OpCode.multi ? multiWeight : 1);
  }

  #write(client: Client, request: RequestSpan): void {
    if (request.type === OpCode.closeSession) client.isClosingSession = true;
    const { audit, requests } = this.#parts;
    const audited = audit === undefined ? undefined : entryOf(client, request);
    requests.taken();
    const err = this.service!.role.write(client, request);
    if (err === ErrorCode.OK) {
      client.lane.pushWrite(audited);
      return;
    }
    if (audited !== undefined) audit!(audited, err);
    this.#undecodable(client, request, err);
  }

  #sync(client: Client, request: RequestSpan): void {
    this.#parts.requests.taken();
    let path: string | null;
    try {
      path = this.#reader.reset(request.bytes, request.start, request.end).ustring();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#undecodable(client, request, ErrorCode.MARSHALLINGERROR);
      return;
    }
    const sync = new PendingSync(request.xid, request.receivedMs, path);
    client.lane.pushSync(sync);
    this.service!.role.sync(client, request, () => this.#synced(client, sync));
  }

  /** Answers a request with an error, after the earlier requests of the client. */
  #undecodable(client: Client, request: RequestSpan, err: number): void {
    this.#parts.logger.warn(`A request of type ${request.type} could not be decoded`, client.logFields());
    client.lane.defer({ request: request.kept(), cost: 0, err });
    this.drain(client);
  }

  /**
   * Called when this server has applied every transaction that the leader had committed before the leader received the
   * sync.
   */
  #synced(client: Client, sync: PendingSync): void {
    if (sync.state === 'answered') return;
    if (client.isClosed) {
      this.#parts.requests.answered();
      return;
    }
    client.lane.syncConfirmed(sync);
    this.drain(client);
  }

  #defer(client: Client, request: RequestSpan, cost: number): void {
    this.#parts.requests.taken();
    client.lane.defer({ request: request.kept(), cost, err: undefined });
  }

  #read(client: Client, handling: OpHandling, request: RequestSpan): void {
    if (handling.stepped !== undefined) {
      this.#beginSteps(client, handling.label, handling.stepped, request.kept());
      return;
    }
    const { meter } = this.#parts;
    const { xid, receivedMs, bytes, start, end } = request;
    const beganMs = meter.reading();
    const out = client.connection.beginReply();
    let err: number;
    try {
      err = handling.read!(this.service!.readState, client, this.#reader.reset(bytes, start, end), out);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      err = ErrorCode.MARSHALLINGERROR;
    }
    this.#endReply(client, handling.label, xid, receivedMs, err);
    meter.wasRead(beganMs);
    if (err === ErrorCode.QUOTAEXCEEDED) this.#refusedWatch(client);
  }

  /** Ends the reply to a request that creates no transaction. */
  #endReply({ connection, sessionId }: Client, label: string, xid: number, receivedMs: number, err: number): void {
    const { trace, tally } = this.#parts;
    const zxid = this.#lastZxid;
    connection.endReply(xid, zxid, err);
    trace?.replied(sessionId, xid, zxid, err);
    tally.readAnswered(connection.statistics, label, xid, zxid, receivedMs);
  }

  #refusedWatch(client: Client): void {
    const { logger, config } = this.#parts;
    logger.warn(
      `Refusing a watch: the watches of this connection use ${client.watchBytes} of ${config.watchBytesMax} bytes (nodekeeper.watchBytesMax)`,
      client.logFields(),
    );
  }

  /**
   * Called before a write of this client is applied. Reads that the client sent earlier must not see the write's
   * effect. They are therefore answered first, even if the client is slow. An earlier sync is answered even if the
   * leader has not confirmed the sync. The quorum has acknowledged the write, which proves that the leader was still
   * leading when it received the sync.
   */
  committing(client: Client): void {
    const { lane } = client;
    while (!lane.isWriteNext && !client.isClosed) {
      this.#answer(client, lane.shiftBeforeWrite());
      client.connection.flushIfMuch();
    }
    if (client.stepped !== undefined) throw new Error('a write was accepted after a read of many steps');
  }

  /** Answers a write of this client that was just applied, and then the requests that waited for it. */
  committed(client: Client, { type, xid, receivedMs }: Answerable, err: number, body: Writer): void {
    const { requests, meter, tally, audit } = this.#parts;
    if (audit !== undefined && type !== OpCode.createSession) audit(client.lane.takeAudited()!, err);
    if (client.isClosed) {
      if (type !== OpCode.createSession) requests.answered();
      meter.staleReply();
      return;
    }
    const { lane, connection } = client;
    if (type === OpCode.createSession) {
      lane.writeCommitted();
      tally.writeAnswered(connection.statistics, 'SESS', xid, this.#lastZxid, receivedMs);
      return;
    }
    // the session has moved to another server, so this server must not reply (spec 1.9.9)
    if (err === ErrorCode.SESSIONMOVED) {
      client.close('session moved');
      return;
    }
    meter.laneMoves(lane.length);
    lane.writeCommitted();
    requests.answered();
    const out = connection.beginReply();
    out.raw(body.bytes, 0, body.position);
    const zxid = this.#lastZxid;
    connection.endReply(xid, zxid, err);
    this.#parts.trace?.replied(client.sessionId, xid, zxid, err);
    tally.writeAnswered(connection.statistics, handlingOf(type)!.label, xid, zxid, receivedMs);
    if (type === OpCode.closeSession) {
      connection.closeAfterReplies('client closed session');
      return;
    }
    const waiting = lane.length;
    this.drain(client);
    if (waiting > 0) meter.laneMoved(waiting - lane.length, lane.length);
  }

  /**
   * Answers the waiting requests up to the next uncommitted write or unconfirmed sync. Stops earlier if the client is
   * slow or its turn is over.
   */
  drain(client: Client): void {
    const { connection } = client;
    if (connection.awaitsTurn) return;
    this.#continueSteps(client);
    while (!connection.awaitsTurn && !connection.isClientSlow && this.#answerNext(client)) {
      connection.flushIfMuch();
      if (this.#parts.events.turns.isSpent) connection.awaitTurn();
    }
    this.#parts.requests.resumeIfFree(client);
  }

  #beginSteps(client: Client, label: string, operation: SteppedReadOp, request: RequestSpan): void {
    client.stepped = new SteppedRead(label, request, operation, this.service!.readState, client);
    this.#continueSteps(client);
  }

  /** Continues the client's stepped read until the connection's turn is over. Sends the reply after the last step. */
  #continueSteps(client: Client): void {
    const { turns } = this.#parts.events;
    const { connection, stepped: read } = client;
    if (read === undefined) return;
    while (read.err === undefined) {
      turns.credit -= read.step();
      if (read.err !== undefined || !turns.isSpent) continue;
      connection.awaitTurn();
      return;
    }
    client.stepped = undefined;
    const { out, label, request } = read;
    connection.beginReply().raw(out.bytes, 0, out.position);
    this.#endReply(client, label, request.xid, request.receivedMs, read.err);
    if (read.err === ErrorCode.QUOTAEXCEEDED) this.#refusedWatch(client);
    connection.flushIfMuch();
  }

  #answerNext(client: Client): boolean {
    const next = client.isClosed ? undefined : client.lane.nextReady();
    if (next !== undefined) this.#answer(client, next);
    return next !== undefined;
  }

  #answer(client: Client, waiting: DeferredRequest | PendingSync): void {
    this.#parts.requests.answered();
    const isSync = waiting instanceof PendingSync;
    this.#parts.events.turns.credit -= isSync ? Cost.light : waiting.cost;
    if (isSync) this.#answerSync(client, waiting);
    else if (waiting.err === undefined) this.#answerRead(client, waiting.request);
    else this.#answerRefused(client, waiting.request, waiting.err);
  }

  #answerSync(client: Client, sync: PendingSync): void {
    sync.state = 'answered';
    client.connection.beginReply().ustring(sync.path);
    this.#endReply(client, handlingOf(OpCode.sync)!.label, sync.xid, sync.receivedMs, ErrorCode.OK);
  }

  #answerRead(client: Client, request: RequestSpan): void {
    this.#parts.meter.readWaited(Math.round(this.#parts.events.nowMs - request.receivedMs));
    this.#read(client, handlingOf(request.type)!, request);
  }

  #answerRefused(client: Client, { xid, type, receivedMs }: RequestSpan, err: number): void {
    client.connection.beginReply();
    this.#endReply(client, handlingOf(type)!.label, xid, receivedMs, err);
  }

  /** Answers a ping at once, even if writes are in progress. A ping asks only whether the server is alive. */
  #ping(client: Client): void {
    client.connection.beginReply();
    this.#endReply(client, 'PING', Xid.ping, this.#parts.events.nowMs, ErrorCode.OK);
  }

  #unimplemented({ connection }: Client, { xid, type }: RequestSpan): void {
    const fields = connection.listener.logFields();
    this.#parts.logger.warn(`Closing the connection: unknown operation ${type}`, fields);
    connection.reply(xid, -1, ErrorCode.UNIMPLEMENTED);
    connection.closeAfterReplies('unknown operation');
  }
}

function entryOf({ sessionId, ids, connection }: Client, request: RequestSpan): AuditEntry {
  return { sessionId, ids, remoteAddress: connection.transport.remoteAddress, request: request.kept() };
}
