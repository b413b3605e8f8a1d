import {
  Chroot,
  ClientRequest,
  type Failure,
  operations,
  Requests,
  Session,
  type SessionEvent,
  type SessionOptions,
  type WatchCallback,
  type WatchEvent,
  Watches,
  type WatchKind,
} from '@nodekeeper/client/testing';
import { AddWatchMode, type ConnectRequest, type OpName, type Reader, zxidHex } from '@nodekeeper/protocol';
import { type Network, type Process, requestFrame } from '@nodekeeper/server/testing';
import { LifeChecks } from '../checks/client/life-checks.js';
import { RequestChecks, type RequestRecord, textOf } from '../checks/client/request-checks.js';
import { WatchChecks } from '../checks/client/watch-checks.js';
import type { WatchRecord } from '../checks/client/watch-record.js';
import type { Ledger } from '../checks/ledger.js';
import type { Pending, ReplyChecks } from '../checks/reply-checks.js';
import type { World } from '../world/world.js';
import { clientPorts } from './client-ports.js';
import type { Ask } from './requests.js';
import { SessionWire } from './session-wire.js';
import { watchRemoval } from './watch-removal.js';

type Request = ClientRequest<WatchCallback>;

/** The parts of the simulation that a session uses. */
interface Surroundings {
  readonly world: World;
  readonly network: Network;
  readonly process: Process<World>;
  readonly ledger: Ledger;
  readonly checks: ReplyChecks;
  readonly random: () => number;
}

/** The callbacks to the program that uses the session. */
interface Program {
  sessionEvent(event: SessionEvent): void;
  watchEvent(): void;
}

/** The session of the shipped client. It calls `onReplied` for each reply before it processes the reply. */
class TappedSession extends Session<WatchCallback> {
  onReplied: (request: Request) => void = () => {};

  override replied(request: Request, err: number, reader: Reader): void {
    this.onReplied(request);
    super.replied(request, err, reader);
  }
}

/** A request that may still get a reply. */
interface Asked {
  readonly ask: Ask;
  readonly record: RequestRecord;
  readonly pending: Omit<Pending, 'xid' | 'sessionId'>;
  /** The request number (xid) with which the request was sent. Undefined if the request was not sent yet. */
  sentAs: number | undefined;
}

/**
 * A session of the shipped client. Checks the requests that the session sends, and the replies and events that it
 * reports to its program.
 */
export class CheckedSession {
  readonly session: TappedSession;
  readonly life: LifeChecks;
  readonly requests: RequestChecks;
  readonly watchChecks: WatchChecks;
  readonly wire: SessionWire;
  isClosing = false;
  readonly #at: Surroundings;
  readonly #watches: Watches;
  readonly #asked = new Map<Request, Asked>();
  readonly #recordOf = new Map<WatchCallback, WatchRecord>();
  /** When this client made its last sync, clients had replies to writes up to this zxid. */
  #syncedTo = 0;
  /** Like `#syncedTo`, but for the last sync that succeeded. */
  #surelySyncedTo = 0;

  constructor(
    at: Surroundings,
    readonly options: SessionOptions,
    private readonly program: Program,
  ) {
    const { process, network, ledger, random, world } = at;
    this.#at = at;
    const blame = (check: string, what: string) => world.violate(check, `${process.name} ${what}`);
    this.wire = new SessionWire(options.lastXid, {
      asksFor: (request) => this.#asksFor(request),
      sends: (xid, op, frame) => this.#sends(xid, op, frame),
    });
    const ports = clientPorts(network, process, random, {
      connected: () => this.wire.connected(),
      wrote: (bytes) => this.wire.wrote(bytes),
      heard: (chunk) => this.#heard(chunk),
    });
    this.session = new TappedSession(options, ports, {
      sessionEvent: (event, reason) => this.#sessionEvent(event, reason),
      watchEvent: (watchers, type, path, zxid) => {
        this.requests.sawEvent(zxid);
        this.#watches.deliver(watchers, type, path, zxid);
      },
      watchesInterrupted: (zxid) => this.#watches.interrupted(zxid),
    });
    this.session.onReplied = (request) => this.#replied(request);
    this.#watches = new Watches(new Requests(this.session, process, 0, ''), new Chroot(''));
    const around = {
      monotonicMs: () => process.monotonicMs(),
      isClosing: () => this.isClosing,
      hasBadCredentials: () => false,
      wasRefused: () => this.wire.wasRefused,
      isEnded: () => ledger.model.closedAt.has(this.sessionId),
    };
    this.life = new LifeChecks(this.session, around, blame);
    this.watchChecks = new WatchChecks(ledger, blame);
    const fates = {
      answerTo: (xid: number) => this.wire.answerTo(xid),
      zxidOf: (xid: number) => ledger.zxidOfRequest(this.sessionId, xid),
    };
    this.requests = new RequestChecks(fates, this.watchChecks, blame);
  }

  /** The id of the session; 0n until a server has granted a session. */
  get sessionId(): bigint {
    return this.life.sessionId;
  }

  get isOver(): boolean {
    return this.session.overFailure !== undefined;
  }

  tick(): void {
    if (!this.isOver) this.life.tick();
  }

  #note(text: string): void {
    this.#at.world.note(`${this.#at.process.name} ${text}`);
  }

  #demand(isSo: boolean, check: string, what: () => string): void {
    this.#at.world.demand(isSo, check, () => `${this.#at.process.name} ${what()}`);
  }

  // ---- between the session and its servers

  #asksFor({ lastZxidSeen, sessionId }: ConnectRequest): void {
    this.#note(`asks for session ${sessionId.toString(16)} with last seen ${zxidHex(lastZxidSeen)}`);
    this.life.asksFor(sessionId);
    const { seenZxid } = this.requests;
    const { heardZxid } = this.wire;
    this.#demand(lastZxidSeen >= seenZxid && lastZxidSeen <= heardZxid, 'LastZxidSeen', () => {
      return `says that it has seen ${lastZxidSeen}, but has shown ${seenZxid} and received ${heardZxid}`;
    });
  }

  /** The session must send each request of its program only once, and after all credentials. */
  #sends(xid: number, op: OpName, frame: Buffer): void {
    this.#demand(this.wire.authsMissing <= 0, 'CredentialsFirst', () => `sends request ${xid} before its credentials`);
    const asked = [...this.#asked.values()].findLast(({ record }) => record.request.xid === xid);
    // when the session closes, it sends a closeSession request that the program has not made
    if (asked === undefined && this.isClosing) return;
    const isAsAsked = asked !== undefined && requestFrame(xid, asked.ask.op, asked.ask.body).equals(frame);
    this.#demand(isAsAsked, 'SentOnce', () => `sends ${op} with number ${xid}, but no such request was made`);
    const { sentAs } = asked!;
    this.#demand(sentAs === undefined, 'SentOnce', () => `sends request ${sentAs} again, with number ${xid}`);
    asked!.sentAs = xid;
  }

  #heard(chunk: Buffer): void {
    this.life.heard();
    this.wire.heard(chunk);
  }

  /** Called when a reply has arrived, before the session processes it. */
  #replied(request: Request): void {
    const asked = this.#asked.get(request);
    if (asked === undefined) return;
    this.#asked.delete(request);
    this.requests.replied(request, asked.record);
    const pending = { ...asked.pending, xid: request.xid, sessionId: this.sessionId };
    this.#at.checks.check(this.#at.process.name, pending, this.wire.replies.get(request.xid)!);
  }

  // ---- between the session and its program

  #sessionEvent(event: SessionEvent, reason: string): void {
    this.#note(`receives ${event}: ${reason}`);
    this.life.happened(event, reason);
    const { seenZxid } = this.requests;
    if (event === 'SyncConnected') this.#at.checks.sessionGiven(this.#at.process.name, this.sessionId, seenZxid);
    if (event === 'Disconnected') this.watchChecks.connectionLost(this.options.autoWatchReset);
    if (this.isOver) this.watchChecks.sessionOver();
    this.program.sessionEvent(event);
  }

  ask(ask: Ask, done: (failure: Failure | undefined) => void = () => {}): Request {
    return this.#request(ask, ask.watch ? this.#watcher(kindOf(ask.op), ask.path) : undefined, done);
  }

  addWatch(path: string, isRecursive: boolean): void {
    const mode = isRecursive ? AddWatchMode.persistentRecursive : AddWatchMode.persistent;
    const ask: Ask = { op: 'addWatch', path, body: { path, mode }, watch: true, isSequential: false };
    this.#request(ask, this.#watcher(isRecursive ? 'recursive' : 'persistent', path), () => {});
  }

  removeWatches(kind: WatchKind, path: string): void {
    const { body, ended } = watchRemoval(this.session, kind, path, (callback) => {
      this.watchChecks.died(this.#recordOf.get(callback)!);
    });
    this.#request({ op: 'removeWatches', path, body, watch: false, isSequential: false }, undefined, ended);
  }

  #watcher(kind: WatchKind, path: string): WatchCallback {
    const record = this.watchChecks.make(kind, path);
    const callback = (event: WatchEvent) => {
      this.#note(`${record} receives ${event.type} ${event.path} ${event.zxid}`);
      try {
        this.watchChecks.fired(record, event);
        this.program.watchEvent();
      } catch {
        // the world has recorded the violation and stops the run; without this `catch`, the client would throw the
        // error again after the run
      }
    };
    this.#recordOf.set(callback, record);
    return callback;
  }

  #request(ask: Ask, watcher: WatchCallback | undefined, done: (failure: Failure | undefined) => void): Request {
    const { ledger } = this.#at;
    const watchRecord = watcher && this.#recordOf.get(watcher)!;
    const watch = watcher && { kind: watchRecord!.kind, watcher };
    const path = ask.op === 'multi' ? undefined : ask.path;
    const request: Request = new ClientRequest(operations[ask.op], path, ask.body, watch, ({ failure }) => {
      this.#note(`${textOf(request)} has ended`);
      this.requests.finished(record);
      if (failure?.code === 'CONNECTIONLOSS') this.#asked.delete(request);
      if (ask.op === 'sync') this.#synced(failure, pending.syncedTo);
      done(failure);
    });
    const record = this.requests.made(request, this.life.connectionsLost, watchRecord);
    if (ask.op === 'sync') this.#syncedTo = ledger.ackedZxid;
    const pending = { ...ask, ackedBefore: ledger.ackedZxid, syncedTo: this.#syncedTo };
    this.#asked.set(request, { ask, record, pending, sentAs: undefined });
    this.session.submit(request);
    if (!request.finished) this.#note(`asks ${ask.op} ${ask.path} #${request.xid}`);
    return request;
  }

  #synced(failure: Failure | undefined, syncedTo: number): void {
    if (failure === undefined) this.#surelySyncedTo = syncedTo;
    else this.#syncedTo = this.#surelySyncedTo;
  }

  addAuth(): void {
    this.wire.auths++;
    this.session.addAuth({ scheme: 'digest', auth: Buffer.from('u:p'), done: undefined });
  }

  close(keepsSession: boolean, done: () => void): void {
    this.#note(`closes; its session is ${keepsSession ? 'kept' : 'ended'}`);
    this.isClosing = true;
    this.session.close(done, keepsSession);
  }
}

function kindOf(op: OpName): WatchKind {
  return op === 'getData' ? 'data' : op === 'exists' ? 'exists' : 'children';
}
