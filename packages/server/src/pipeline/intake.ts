import {
  ErrorCode,
  getInt,
  OpCode,
  opByNumber,
  ProtocolError,
  Reader,
  readAuthPacket,
  type Writer,
  Xid,
} from '@nodekeeper/protocol';
import { clientText } from '../log/log-text.js';
import type { Connection } from '../net/connection.js';
import { type DeferredRequest, PendingSync } from '../net/lane.js';
import { type ReadOp, readOps, type SteppedReadOp, steppedReadOps } from '../ops/read-ops.js';
import { writeOps } from '../ops/write-ops.js';
import type { Answerable } from './proposal.js';
import type { ServerCore } from './server-core.js';
import { SteppedRead } from './stepped-read.js';
import { Cost } from './turns.js';

const headerBytes = 8;

/** How a request with a given op code is taken in. */
interface Route {
  readonly label: string;
  readonly read: ReadOp | undefined;
  readonly stepped: SteppedReadOp | undefined;
  readonly isWrite: boolean;
  /** What taking it in costs. */
  readonly cost: number;
  /** What answering it costs where it has to wait behind a write. */
  readonly waitingCost: number;
}

/** One of these is enough to take nothing in behind it. */
const steppedWaitingCost = 256;
/** A byte of a multi costs as much as so many of another write: all in flight may be applied in one go. */
const multiWeight = 8;
/** May go through much at once. */
const walking: ReadonlySet<number> = new Set([
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.multi,
  OpCode.closeSession,
]);

/** What only servers ask for: a client that sends it gets what an unknown op code gets. */
const serversOwn: ReadonlySet<number> = new Set([OpCode.createSession, OpCode.deleteContainer]);

/** Op codes are -11..107; the table is looked up by the code itself. */
const lowestType = -16;
const routes: (Route | undefined)[] = [];
for (let type = lowestType; type < 128; type++) {
  const row = opByNumber(type);
  const isWrite = writeOps.has(type) && !serversOwn.has(type);
  const read = readOps.get(type);
  const stepped = steppedReadOps.get(type);
  const known = row !== undefined && (isWrite || read !== undefined || stepped !== undefined);
  const cost = walking.has(type) ? Cost.walking : Cost.light;
  const waitingCost = stepped === undefined ? cost : steppedWaitingCost;
  routes.push(known ? { label: row.label, read, stepped, isWrite, cost, waitingCost } : undefined);
}

/** Takes requests in: decides what is answered at once, what is proposed, and what waits for a write before it. */
export class Intake {
  readonly #core: ServerCore;
  readonly #reader = new Reader(Buffer.alloc(0));

  constructor(core: ServerCore) {
    this.#core = core;
  }

  /** A frame of an open connection. Throws `ProtocolError` where not even the header can be read. */
  request(connection: Connection, bytes: Buffer, start: number, end: number): void {
    if (end - start < headerBytes) throw new ProtocolError(`a request of ${end - start} bytes has no header`);
    const xid = getInt(bytes, start);
    const type = getInt(bytes, start + 4);
    const bodyStart = start + headerBytes;
    if (type === OpCode.auth) this.#auth(connection, xid, bytes, bodyStart, end);
    else if (type === OpCode.sasl) this.#sasl(connection, xid);
    else if (!this.#core.authPolicy.admits(connection.ids)) this.#requireAuth(connection, xid);
    // Of a session on its way out nothing is answered any more (inventory 1.9.10).
    else if (!connection.session!.closing) this.#admitted(connection, xid, type, bytes, bodyStart, end);
  }

  #admitted(connection: Connection, xid: number, type: number, bytes: Buffer, start: number, end: number): void {
    const core = this.#core;
    connection.session!.touchedMs = core.nowMs;
    const route = routes[type - lowestType];
    core.turns.credit -= route === undefined ? Cost.light : route.cost;
    if (type === OpCode.ping) this.#ping(connection);
    else if (route === undefined) this.#unimplemented(connection, xid, type);
    else if (route.isWrite) this.#write(connection, xid, type, bytes, start, end);
    else if (type === OpCode.sync && this.#sync(connection, xid, bytes, start, end)) core.outstanding++;
    else if (connection.lane.length === 0) this.#read(connection, route, xid, core.nowMs, bytes, start, end);
    else this.#defer(connection, route, xid, type, bytes, start, end);
    this.#throttle(connection, end - start, type === OpCode.multi ? multiWeight : 1);
  }

  #write(connection: Connection, xid: number, type: number, bytes: Buffer, start: number, end: number): void {
    const core = this.#core;
    const { sessionId } = connection;
    if (type === OpCode.closeSession) {
      connection.isClosingSession = true;
      if (core.decides) core.shrinkSession(sessionId);
    }
    core.outstanding++;
    if (core.route.write(connection, xid, type, bytes, start, end)) {
      connection.lane.pushWrite();
    } else {
      core.logger.warn(`A request of type ${type} could not be decoded`, connection.logFields());
      connection.lane.defer({
        xid,
        type,
        body: noBody,
        receivedMs: core.nowMs,
        cost: 0,
        err: ErrorCode.MARSHALLINGERROR,
      });
      this.drain(connection);
    }
  }

  /** False where it can be answered like a read. */
  #sync(connection: Connection, xid: number, bytes: Buffer, start: number, end: number): boolean {
    return this.#core.route.sync(connection, xid, this.#reader.reset(bytes, start, end));
  }

  /** This server has come as far as the leader was when the sync was made. */
  synced(connection: Connection, sync: PendingSync): void {
    if (sync.state === 'answered') return;
    if (connection.state === 'closed') {
      this.#core.outstanding--;
      return;
    }
    connection.lane.syncConfirmed(sync);
    this.drain(connection);
  }

  #defer(
    connection: Connection,
    { waitingCost: cost }: Route,
    xid: number,
    type: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    this.#core.outstanding++;
    const body = Buffer.from(bytes.subarray(start, end));
    connection.lane.defer({ xid, type, body, receivedMs: this.#core.nowMs, cost, err: undefined });
  }

  #read(
    connection: Connection,
    route: Route,
    xid: number,
    receivedMs: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    if (route.stepped !== undefined) {
      this.#beginSteps(connection, route.label, route.stepped, xid, receivedMs, bytes.subarray(start, end));
      return;
    }
    const beganMs = this.#core.meter.reading();
    const out = connection.beginReply();
    let err: number;
    try {
      err = route.read!(this.#core, connection, this.#reader.reset(bytes, start, end), out);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      err = ErrorCode.MARSHALLINGERROR;
    }
    connection.endReply(xid, this.#core.tree.lastZxid, err);
    this.#core.meter.wasRead(beganMs);
    this.#core.answered(connection, route.label, xid, receivedMs);
    if (err === ErrorCode.QUOTAEXCEEDED) this.#refusedWatch(connection);
  }

  #refusedWatch(connection: Connection): void {
    const { logger, config } = this.#core;
    logger.warn(
      `Refusing a watch: those of its connection take ${connection.watchBytes} of ${config.watchBytesMax} bytes (nodekeeper.watchBytesMax)`,
      connection.logFields(),
    );
  }

  /**
   * A write of this connection is about to be applied. The reads in front of it must not see what it does, so they are
   * answered now, whether the client takes the answers or not. A sync in front of it needs no other confirmation: the
   * leader got it before the write, and that a quorum took the write says that the leader still led.
   */
  committing(connection: Connection): void {
    const { lane } = connection;
    while (!lane.isWriteNext && connection.state !== 'closed') {
      this.#answer(connection, lane.shiftBeforeWrite());
      connection.flushIfMuch();
    }
    if (connection.stepped !== undefined) throw new Error('a write was taken in behind a read of many steps');
  }

  /** A write of this connection is durable and applied. */
  committed(connection: Connection, proposal: Answerable, err: number, body: Writer): void {
    const core = this.#core;
    if (connection.state === 'closed') {
      core.outstanding -= proposal.type === OpCode.createSession ? 0 : 1;
      core.metrics.staleReplies.add(1);
      return;
    }
    if (proposal.type === OpCode.createSession) {
      connection.lane.writeCommitted();
      core.answeredWrite(connection, 'SESS', proposal.xid, proposal.receivedMs);
      core.handshake.finish(connection);
      return;
    }
    // the session is another server's by now, and so are its answers (inventory 1.9.9)
    if (err === ErrorCode.SESSIONMOVED) {
      connection.close('session moved');
      return;
    }
    const { lane } = connection;
    core.meter.laneMoves(lane.length);
    lane.writeCommitted();
    core.outstanding--;
    const out = connection.beginReply();
    out.raw(body.bytes, 0, body.position);
    connection.endReply(proposal.xid, core.tree.lastZxid, err);
    core.answeredWrite(connection, routes[proposal.type - lowestType]!.label, proposal.xid, proposal.receivedMs);
    if (proposal.type === OpCode.closeSession) {
      connection.closeAfterReplies('client closed session');
      return;
    }
    const waiting = lane.length;
    this.drain(connection);
    if (waiting > 0) core.meter.laneMoved(waiting - lane.length, lane.length);
  }

  /**
   * Answers what waited for a write just committed, up to the next one, as far as the client takes the answers and its
   * turn goes.
   */
  drain(connection: Connection): void {
    if (connection.awaitsTurn) return;
    this.#continueSteps(connection);
    while (!connection.awaitsTurn && !connection.isBehind && this.#answerNext(connection)) {
      connection.flushIfMuch();
      if (this.#core.turns.isSpent) connection.awaitTurn();
    }
    this.resumeIfFree(connection);
  }

  #beginSteps(
    connection: Connection,
    label: string,
    operation: SteppedReadOp,
    xid: number,
    receivedMs: number,
    body: Buffer,
  ): void {
    const request = { label, xid, receivedMs };
    connection.stepped = new SteppedRead(request, operation, this.#core, connection, Buffer.from(body));
    this.#continueSteps(connection);
  }

  /** As far as its turn goes; in the end the read is answered. */
  #continueSteps(connection: Connection): void {
    const { turns } = this.#core;
    const read = connection.stepped;
    if (read === undefined) return;
    while (read.err === undefined) {
      turns.credit -= read.step();
      if (read.err !== undefined || !turns.isSpent) continue;
      connection.awaitTurn();
      return;
    }
    connection.stepped = undefined;
    const { out, request } = read;
    connection.beginReply().raw(out.bytes, 0, out.position);
    connection.endReply(request.xid, this.#core.tree.lastZxid, read.err);
    this.#core.answered(connection, request.label, request.xid, request.receivedMs);
    if (read.err === ErrorCode.QUOTAEXCEEDED) this.#refusedWatch(connection);
    connection.flushIfMuch();
  }

  #answerNext(connection: Connection): boolean {
    const next = connection.state === 'closed' ? undefined : connection.lane.nextReady();
    if (next !== undefined) this.#answer(connection, next);
    return next !== undefined;
  }

  #answer(connection: Connection, request: DeferredRequest | PendingSync): void {
    this.#core.outstanding--;
    this.#core.turns.credit -= request instanceof PendingSync ? Cost.light : request.cost;
    if (request instanceof PendingSync) this.#answerSync(connection, request);
    else if (request.err === undefined) this.#answerRead(connection, request);
    else this.#answerRefused(connection, request, request.err);
  }

  #answerSync(connection: Connection, sync: PendingSync): void {
    sync.state = 'answered';
    connection.beginReply().ustring(sync.path);
    connection.endReply(sync.xid, this.#core.tree.lastZxid, ErrorCode.OK);
    this.#core.answered(connection, routes[OpCode.sync - lowestType]!.label, sync.xid, sync.receivedMs);
  }

  #answerRead(connection: Connection, { xid, type, receivedMs, body }: DeferredRequest): void {
    this.#core.meter.readWaited(Math.round(this.#core.nowMs - receivedMs));
    this.#read(connection, routes[type - lowestType]!, xid, receivedMs, body, 0, body.length);
  }

  #answerRefused(connection: Connection, { xid, type, receivedMs }: DeferredRequest, err: number): void {
    connection.reply(xid, this.#core.tree.lastZxid, err);
    this.#core.answered(connection, routes[type - lowestType]!.label, xid, receivedMs);
  }

  /** Too much on the way in all, and some of it from here: first that is answered, then more is read (inventory 8.3). */
  #throttle(connection: Connection, requestBytes: number, weight: number): void {
    const { config } = this.#core;
    const { lane } = connection;
    if (lane.length === 0) return;
    const isLarge = config.largeRequestThresholdBytes > 0 && requestBytes > config.largeRequestThresholdBytes;
    lane.noteSize(requestBytes, isLarge, weight);
    if (lane.isFull || this.#core.outstanding > config.globalOutstandingLimit) connection.stopReading();
    if (!isLarge) return;
    connection.largeRequestBytes += requestBytes;
    this.#core.largeRequestBytes += requestBytes;
    if (this.#core.largeRequestBytes <= config.largeRequestMaxBytes) return;
    this.#core.metrics.largeRequestsRejected.add(1);
    throw new ProtocolError(
      `large requests in flight add up to ${this.#core.largeRequestBytes} bytes, more than largeRequestMaxBytes (${config.largeRequestMaxBytes})`,
    );
  }

  resumeIfFree(connection: Connection): void {
    if (connection.state !== 'open') return;
    const answeredBytes = connection.lane.takeLargeAnswered();
    this.#core.largeRequestBytes -= answeredBytes;
    connection.largeRequestBytes -= answeredBytes;
    if (connection.transport.unsentBytes > 0 || !connection.lane.hasRoom) return;
    const overLimit = this.#core.outstanding > this.#core.config.globalOutstandingLimit;
    if (!(overLimit && connection.lane.length > 0)) connection.resumeReading();
  }

  /** Pings do not wait for writes: they tell that the server lives, not what it has stored. */
  #ping(connection: Connection): void {
    connection.reply(Xid.ping, this.#core.tree.lastZxid, ErrorCode.OK);
    this.#core.answered(connection, 'PING', Xid.ping, this.#core.nowMs);
  }

  #unimplemented(connection: Connection, xid: number, type: number): void {
    this.#core.logger.warn(`Closing the connection: unknown operation ${type}`, connection.logFields());
    connection.reply(xid, -1, ErrorCode.UNIMPLEMENTED);
    connection.closeAfterReplies('unknown operation');
  }

  #auth(connection: Connection, xid: number, bytes: Buffer, start: number, end: number): void {
    const { scheme, auth } = readAuthPacket(this.#reader.reset(bytes, start, end));
    const provider = this.#core.access.providers.get(scheme ?? '');
    const outcome = provider?.authenticate(auth, connection.transport.remoteAddress);
    if (outcome?.code === ErrorCode.OK && connection.addIds(outcome.ids)) {
      connection.reply(xid, 0, ErrorCode.OK);
      return;
    }
    this.#core.statistics.authFailedCount++;
    this.#core.logger.warn(
      provider === undefined
        ? `No authentication provider for scheme ${clientText(scheme)}`
        : `Authentication failed for scheme ${clientText(scheme)}`,
      connection.logFields(),
    );
    if (outcome?.hangsUp !== true) connection.reply(xid, 0, ErrorCode.AUTHFAILED);
    connection.closeAfterReplies('authentication failed');
  }

  /** Without a SASL login Apache answers with a null token and goes on (inventory 2.4.8a). */
  #sasl(connection: Connection, xid: number): void {
    connection.beginReply().buffer(null);
    connection.endReply(xid, 0, ErrorCode.OK);
  }

  #requireAuth(connection: Connection, xid: number): void {
    this.#core.logger.warn('Closing the connection: the client did not authenticate', connection.logFields());
    connection.reply(xid, 0, ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH);
    connection.closeAfterReplies('authentication required');
  }
}

const noBody: Buffer = Buffer.alloc(0);
