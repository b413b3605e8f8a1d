import {
  type AddWatchRequest,
  type AuthPacket,
  codecByName,
  Deframer,
  ErrorCode,
  KeeperState,
  OpCode,
  type OpName,
  opByNumber,
  opTable,
  Reader,
  type RecordName,
  type RemoveWatchesRequest,
  readConnectRequest,
  readMultiRequest,
  readMultiResponse,
  readRequestHeader,
  type SetWatches2,
  Writer,
  writeConnectResponse,
  writeMultiResponse,
  writeReplyHeader,
  writeWatcherEvent,
  Xid,
} from '@nodekeeper/protocol';
import type { ModelServer, ModelSession } from './ensemble.js';
import type { ServerEnd, SimulatedLink } from './network.js';
import { ServerWatches } from './server-watches.js';
import type { Trigger, Txn } from './tree.js';

interface Entry {
  readonly xid: number;
  readonly op: OpName;
  readonly body: unknown;
  /**
   * True if the server sends the request to the leader first. The server answers the request when it has applied
   * `dueZxid`.
   */
  readonly isForLeader: boolean;
  dueZxid?: number;
  txn?: Txn;
  err?: number;
  response?: unknown;
  /** The time when the reply to setWatches is due. The watches are set before that. */
  replyMs?: number;
}

/** The server's end of a connection. Requests are answered in order. */
export class ModelConnection implements ServerEnd {
  readonly watches = new ServerWatches((trigger, zxid) => this.#notify(trigger, zxid));
  session: ModelSession | undefined;
  readonly #deframer = new Deframer(1024 * 1024);
  readonly #queue: Entry[] = [];
  readonly #uncommitted: Entry[] = [];
  readonly #early: Entry[] = [];
  #isGreeted = false;
  #isOver = false;
  #lastSubmitMs = 0;

  constructor(
    readonly server: ModelServer,
    readonly link: SimulatedLink,
  ) {}

  get #ensemble() {
    return this.server.ensemble;
  }

  received(bytes: Buffer): void {
    if (this.session !== undefined) this.session.lastHeardMs = this.#ensemble.world.nowMs;
    this.#deframer.push(bytes, (frame, start, end) => {
      this.#read(new Reader(frame, start, end));
      return !this.#isOver;
    });
  }

  closed(): void {
    this.#isOver = true;
    this.server.connections.delete(this);
  }

  /** Closes the connection without a message to the client. */
  drop(): void {
    if (this.#isOver) return;
    this.closed();
    this.link.end();
  }

  #read(reader: Reader): void {
    if (!this.#isGreeted) {
      this.#isGreeted = true;
      this.#greet(reader);
      return;
    }
    const { xid, type } = readRequestHeader(reader);
    const op = opByNumber(type)!.name;
    const { request, kind } = opTable[op];
    const body = request === 'multi' ? readMultiRequest(reader) : request && codecByName(request).read(reader);
    const entry = { xid, op, body, isForLeader: kind === 'write' || kind === 'sync' || kind === 'session' };
    if (reader.remaining > 0) this.#ensemble.fault(`a request of type ${op} has ${reader.remaining} surplus bytes`);
    if (this.session === undefined) this.#early.push(entry);
    else this.#begin(entry);
  }

  // ---- the session

  #greet(reader: Reader): void {
    const { lastZxidSeen, timeOut, sessionId, passwd } = readConnectRequest(reader);
    const { sessions, world } = this.#ensemble;
    if (lastZxidSeen > this.server.applied) {
      world.note(this.server.address, `rejects client ${this.link.clientIndex}, which saw`, lastZxidSeen);
      this.drop();
      return;
    }
    if (sessionId === 0n) {
      const session = this.#ensemble.openSession(timeOut, this);
      this.#awaitApplied(this.#ensemble.zxid, () => this.#welcome(session));
      return;
    }
    world.after(world.random() * 5, () => {
      const session = sessions.get(sessionId);
      if (this.#isOver) return;
      if (session === undefined || session.isClosed || !session.password.equals(passwd!)) this.#refuse();
      else this.#reattach(session);
    });
  }

  #reattach(session: ModelSession): void {
    for (const other of this.server.connections) if (other !== this && other.session === session) other.drop();
    this.#ensemble.attach(session, this);
    this.#welcome(session);
  }

  #awaitApplied(zxid: number, work: () => void): void {
    if (this.#isOver) return;
    if (this.server.applied >= zxid) work();
    else this.#ensemble.world.after(5, () => this.#awaitApplied(zxid, work));
  }

  #welcome(session: ModelSession): void {
    if (session.isClosed) {
      this.#refuse();
      return;
    }
    this.session = session;
    const { id, password, timeoutMs } = session;
    this.#sendConnectResponse({ timeOut: timeoutMs, sessionId: id, passwd: password });
    for (const entry of this.#early.splice(0)) this.#begin(entry);
  }

  #refuse(): void {
    this.#sendConnectResponse({ timeOut: 0, sessionId: 0n, passwd: Buffer.alloc(16) });
    this.drop();
  }

  #sendConnectResponse(response: { timeOut: number; sessionId: bigint; passwd: Buffer }): void {
    this.#send((writer) => writeConnectResponse(writer, { protocolVersion: 0, readOnly: false, ...response }));
  }

  // ---- requests

  #begin(entry: Entry): void {
    if (entry.op === 'ping') {
      this.#reply(Xid.ping, 0, undefined);
    } else if (entry.op === 'auth') {
      this.#authenticate(entry.body as AuthPacket);
    } else {
      const { authsKnown, authsDue } = this.link;
      if (authsKnown < authsDue) this.#ensemble.fault(`a request came before ${authsDue - authsKnown} auth packets`);
      if (entry.isForLeader) this.#submit(entry);
      this.#queue.push(entry);
      this.goOn();
    }
  }

  #authenticate({ scheme }: AuthPacket): void {
    const isKnown = scheme === 'digest';
    if (isKnown) this.link.authsKnown++;
    this.#send((writer) =>
      writeReplyHeader(writer, { xid: Xid.auth, zxid: 0, err: isKnown ? 0 : ErrorCode.AUTHFAILED }),
    );
    if (!isKnown) this.drop();
  }

  /**
   * Sends the request to the leader. The requests reach the leader in order, even after the client's connection is
   * gone.
   */
  #submit(entry: Entry): void {
    const { world } = this.#ensemble;
    this.#lastSubmitMs = Math.max(this.#lastSubmitMs, world.nowMs + world.random() * 4);
    this.#uncommitted.push(entry);
    world.after(this.#lastSubmitMs - world.nowMs, () => {
      if (this.#uncommitted[0] === entry) this.#commit(this.#uncommitted.shift()!);
    });
  }

  commitAll(): void {
    for (const entry of this.#uncommitted.splice(0)) this.#commit(entry);
  }

  #commit(entry: Entry): void {
    const session = this.session!;
    if (session.isClosed || session.owner !== this) {
      this.#uncommitted.length = 0;
      this.drop();
      return;
    }
    const { clientIndex } = this.link;
    if (entry.op === 'sync') {
      entry.dueZxid = this.#ensemble.zxid;
    } else if (entry.op === 'closeSession') {
      entry.txn = this.#ensemble.endSession(session, clientIndex, entry.xid);
    } else {
      const { txn, response } = this.#ensemble.write(session, clientIndex, entry.xid, OpCode[entry.op], entry.body);
      entry.txn = txn;
      entry.response = response;
    }
    entry.dueZxid ??= entry.txn!.zxid;
    this.goOn();
  }

  /** Answers all requests that can be answered now, in order. */
  goOn(): void {
    while (!this.#isOver && this.#queue.length > 0) {
      const entry = this.#queue[0]!;
      if (entry.isForLeader && (entry.dueZxid === undefined || entry.dueZxid > this.server.applied)) return;
      if (entry.xid === Xid.setWatches && !this.#hasSetWatches(entry)) return;
      this.#queue.shift();
      if (entry.isForLeader) this.#answerLate(entry);
      else if (entry.xid === Xid.setWatches) this.#reply(entry.xid, entry.err ?? 0, undefined);
      else this.#answerRead(entry);
    }
  }

  /**
   * Sets the watches at once, or refuses them. Returns true if the reply is due. Events may be sent before the reply.
   */
  #hasSetWatches(entry: Entry): boolean {
    const { world } = this.#ensemble;
    if (entry.replyMs === undefined) {
      if (world.chance(0.05)) this.#refuseWatches(entry);
      else this.watches.reset(entry.body as SetWatches2, this.server.tree);
      entry.replyMs = world.nowMs + (world.chance(0.3) ? 10 : 0);
      if (entry.replyMs > world.nowMs) world.after(10, () => this.goOn());
    }
    return world.nowMs >= entry.replyMs;
  }

  #refuseWatches(entry: Entry): void {
    entry.err = ErrorCode.QUOTAEXCEEDED;
    this.link.isHealthy = false;
  }

  #answerLate(entry: Entry): void {
    const response = entry.op === 'sync' ? entry.body : entry.response;
    this.#answer(entry, entry.txn?.err ?? 0, response);
    if (entry.op === 'closeSession') this.drop();
  }

  #answerRead(entry: Entry): void {
    const { op, body } = entry;
    const { path, watch } = body as { path: string; watch?: boolean };
    const { tree } = this.server;
    if (op === 'addWatch') {
      this.watches.addByMode((body as AddWatchRequest).mode, path);
      this.#answer(entry, 0, { err: 0 });
    } else if (op === 'removeWatches') {
      this.#answer(entry, this.watches.remove((body as RemoveWatchesRequest).type, path), undefined);
    } else if (!tree.nodes.has(path)) {
      if (watch && op === 'exists') this.watches.add('data', path);
      this.#answer(entry, ErrorCode.NONODE, undefined);
    } else {
      if (watch) this.watches.add(op === 'getChildren2' ? 'child' : 'data', path);
      const { data, children } = tree.nodes.get(path)!;
      this.#answer(entry, 0, { data: Buffer.from(data), children: [...children], stat: tree.stat(path) });
    }
  }

  // ---- output

  #answer({ xid, op }: Entry, err: number, response: unknown): void {
    const record = opTable[op].response;
    const write = (writer: Writer) => {
      if (record === 'multi') writeMultiResponse(writer, response as Parameters<typeof writeMultiResponse>[1]);
      else if (record !== null) codecByName(record).write(writer, response);
    };
    const answer = { err, zxid: this.server.applied, response: err === 0 ? asRead(record, write) : undefined };
    this.#ensemble.answers[this.link.clientIndex]!.set(xid, answer);
    this.#reply(xid, err, write);
  }

  #reply(xid: number, err: number, writeBody: ((writer: Writer) => void) | undefined): void {
    this.#send((writer) => {
      writeReplyHeader(writer, { xid, zxid: this.server.applied, err });
      if (err === 0) writeBody?.(writer);
    });
  }

  #notify({ type, path }: Trigger, zxid: number): void {
    this.#send((writer) => {
      writeReplyHeader(writer, { xid: Xid.notification, zxid, err: 0 });
      writeWatcherEvent(writer, { type, state: KeeperState.syncConnected, path });
    });
  }

  #send(write: (writer: Writer) => void): void {
    if (this.#isOver) return;
    const writer = new Writer(128);
    writer.int(0);
    write(writer);
    writer.bytes.writeInt32BE(writer.position - 4, 0);
    this.link.reply(writer.view());
  }
}

/** Encodes and decodes the response, so that the result contains only the fields of the record. */
function asRead(record: RecordName | 'multi' | null, write: (writer: Writer) => void): unknown {
  if (record === null) return undefined;
  const writer = new Writer(128);
  write(writer);
  const reader = new Reader(writer.view());
  return record === 'multi' ? readMultiResponse(reader) : codecByName(record).read(reader);
}
