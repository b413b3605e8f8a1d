import {
  type CreateRequest,
  type DeleteRequest,
  ErrorCode,
  type MultiOp,
  type MultiResult,
  OpCode,
  type SetDataRequest,
  sessionPassword,
} from '@nodekeeper/protocol';
import type { Answer, Fates, History } from '../../src/checks/client/history.js';
import { TriggerLog } from '../../src/checks/client/trigger-log.js';
import type { Host, SimulatedLink } from './network.js';
import { ModelConnection } from './server-connection.js';
import { type Change, Tree, type Txn, triggersOf } from './tree.js';
import type { World } from './world.js';

export interface ModelSession {
  readonly id: bigint;
  readonly password: Buffer;
  readonly timeoutMs: number;
  lastHeardMs: number;
  isClosed: boolean;
  /** The connection that owns the session. Requests through other connections are not carried out. */
  owner: ModelConnection;
}

/**
 * What a ZooKeeper ensemble promises, in the simplest form: one order of all writes, and servers that apply the writes
 * at their own pace. This class does not model how a real ensemble achieves that.
 */
export class Ensemble implements History {
  readonly log: Txn[] = [];
  readonly triggers = new TriggerLog();
  readonly sessions = new Map<bigint, ModelSession>();
  readonly servers: ModelServer[];
  /** The log entry of each write, by client and xid. */
  readonly carriedOut: Map<number, Txn>[] = [];
  /** The reply to each request, by client and xid. */
  readonly answers: Map<number, Answer>[] = [];
  readonly #tree = new Tree();
  /**
   * All data that was written. No write of a schedule repeats the data of another one, so that a repeated write is
   * detected.
   */
  readonly #values = new Set<string>();
  #lastSessionId = 0x100n;

  constructor(
    readonly world: World,
    servers: number,
    clients: number,
    readonly fault: (what: string) => never,
  ) {
    this.servers = Array.from({ length: servers }, (_, index) => new ModelServer(this, index));
    for (let client = 0; client < clients; client++) {
      this.carriedOut.push(new Map());
      this.answers.push(new Map());
    }
  }

  get zxid(): number {
    return this.log.length;
  }

  get lastZxid(): number {
    return this.zxid;
  }

  fatesOf(client: number): Fates {
    return {
      answerTo: (xid) => this.answers[client]!.get(xid),
      zxidOf: (xid) => this.carriedOut[client]!.get(xid)?.zxid,
    };
  }

  /** Creates a node that no client of the schedule made. Does nothing if its parent is missing. */
  plant(path: string, data: string): void {
    const change: Change = { kind: 'create', path, data, owner: 0n };
    if (this.#tree.refusal(change) !== 0) return;
    this.#tree.apply(change, this.zxid + 1);
    this.append(-1, -1, 0, [change]);
  }

  // ---- sessions

  openSession(timeoutMs: number, owner: ModelConnection): ModelSession {
    const id = ++this.#lastSessionId;
    const lastHeardMs = this.world.nowMs;
    const session = { id, password: sessionPassword(id), timeoutMs, lastHeardMs, isClosed: false, owner };
    this.sessions.set(id, session);
    this.append(-1, -1, 0, []);
    this.#watch(session);
    return session;
  }

  /**
   * Moves the session to another connection. Requests in flight on the old connection are carried out before the move,
   * or never.
   */
  attach(session: ModelSession, owner: ModelConnection): void {
    if (this.world.chance(0.5)) session.owner.commitAll();
    session.owner = owner;
    session.lastHeardMs = this.world.nowMs;
  }

  #watch(session: ModelSession): void {
    const leftMs = session.lastHeardMs + session.timeoutMs - this.world.nowMs;
    if (session.isClosed) return;
    if (leftMs > 0) {
      this.world.after(leftMs, () => this.#watch(session));
      return;
    }
    this.world.note('ensemble: session expires', `0x${session.id.toString(16)}`);
    this.endSession(session, -1, -1);
    for (const server of this.servers) server.dropSession(session);
  }

  endSession(session: ModelSession, client: number, xid: number): Txn {
    session.isClosed = true;
    const paths = this.#tree.ephemeralsOf(session.id);
    const changes = paths.map((path): Change => ({ kind: 'delete', path, version: -1 }));
    for (const change of changes) this.#tree.apply(change, this.zxid + 1);
    return this.append(client, xid, 0, changes);
  }

  // ---- writes

  append(client: number, xid: number, err: number, changes: readonly Change[]): Txn {
    const zxid = this.zxid + 1;
    const txn = { zxid, client, xid, err, changes, triggers: changes.flatMap(triggersOf) };
    this.log.push(txn);
    for (const { type, path } of txn.triggers) this.triggers.add(zxid, type, path);
    if (changes.length > 0) this.world.note('ensemble: zxid', zxid, () => changes.map(changeText).join(', '));
    if (client >= 0) {
      if (this.carriedOut[client]!.has(xid)) this.fault(`client ${client}: request ${xid} was carried out twice`);
      this.carriedOut[client]!.set(xid, txn);
    }
    for (const server of this.servers) server.applySoon(zxid);
    return txn;
  }

  write(
    session: ModelSession,
    client: number,
    xid: number,
    op: number,
    body: unknown,
  ): { txn: Txn; response: unknown } {
    if (op === OpCode.multi) return this.#multi(session, client, xid, body as MultiOp[]);
    const change = this.#changeOf(session, op, body);
    const err = this.#tree.refusal(change);
    if (err === 0) this.#tree.apply(change, this.zxid + 1);
    const txn = this.append(client, xid, err, err === 0 ? [change] : []);
    return { txn, response: err === 0 ? this.#responseTo(change, this.#tree) : undefined };
  }

  #multi(session: ModelSession, client: number, xid: number, ops: readonly MultiOp[]): { txn: Txn; response: unknown } {
    const changes = ops.map(({ type, request }) => this.#changeOf(session, type, request));
    const draft = this.#tree.copy();
    const results: MultiResult[] = [];
    let failed = 0;
    changes.forEach((change, index) => {
      const err = failed === 0 ? draft.refusal(change) : ErrorCode.RUNTIMEINCONSISTENCY;
      if (failed === 0) failed = err;
      if (err === 0) draft.apply(change, this.zxid + 1);
      const ok = { type: ops[index]!.type, response: this.#responseTo(change, draft) } as MultiResult;
      results.push(err === 0 ? ok : { type: OpCode.error, response: { err } });
    });
    if (failed === 0) for (const change of changes) this.#tree.apply(change, this.zxid + 1);
    const done = (result: MultiResult): MultiResult =>
      failed === 0 || result.type === OpCode.error ? result : { type: OpCode.error, response: { err: 0 } };
    return { txn: this.append(client, xid, 0, failed === 0 ? changes : []), response: results.map(done) };
  }

  #changeOf(session: ModelSession, op: number, body: unknown): Change {
    const { path, data, version, flags } = body as CreateRequest & SetDataRequest & DeleteRequest;
    if (op === OpCode.delete || op === OpCode.check) {
      return { kind: op === OpCode.check ? 'check' : 'delete', path: path!, version };
    }
    const value = data!.toString();
    if (this.#values.has(value)) this.fault(`the value ${value} was written twice`);
    this.#values.add(value);
    if (op === OpCode.setData) return { kind: 'set', path: path!, data: value, version };
    return { kind: 'create', path: path!, data: value, owner: flags === 1 ? session.id : 0n };
  }

  #responseTo(change: Change, tree: Tree): unknown {
    if (change.kind === 'create' && tree.nodes.has(change.path))
      return { path: change.path, stat: tree.stat(change.path) };
    return change.kind === 'set' && tree.nodes.has(change.path) ? { stat: tree.stat(change.path) } : undefined;
  }
}

function changeText({ kind, path }: Change): string {
  return `${kind} ${path}`;
}

/** A model of a server: its position in the log, its tree and its connections. */
export class ModelServer implements Host {
  mode: Host['mode'] = 'up';
  applied = 0;
  /** True if the server does not apply new entries of the log. */
  isLagging = false;
  lagMsMax = 5;
  readonly address: string;
  readonly tree = new Tree();
  readonly connections = new Set<ModelConnection>();

  constructor(
    readonly ensemble: Ensemble,
    index: number,
  ) {
    this.address = `s${index}:2181`;
  }

  accept(link: SimulatedLink): ModelConnection {
    const connection = new ModelConnection(this, link);
    this.connections.add(connection);
    return connection;
  }

  applySoon(zxid: number): void {
    const { world } = this.ensemble;
    world.after(world.random() * this.lagMsMax, () => {
      if (!this.isLagging) this.applyUntil(zxid);
    });
  }

  applyUntil(zxid: number): void {
    while (this.applied < zxid) {
      const txn = this.ensemble.log[this.applied]!;
      for (const change of txn.changes) this.tree.apply(change, txn.zxid);
      this.applied = txn.zxid;
      for (const connection of this.connections) connection.watches.applied(txn);
      for (const connection of this.connections) connection.goOn();
    }
  }

  catchUp(): void {
    this.isLagging = false;
    this.applyUntil(this.ensemble.zxid);
  }

  dropSession(session: ModelSession): void {
    for (const connection of this.connections) if (connection.session === session) connection.drop();
  }
}
