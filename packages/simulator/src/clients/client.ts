import { ErrorCode, type OpName, Xid, zxidHex } from '@nodekeeper/protocol';
import {
  below,
  connectFrame,
  type Incoming,
  type Network,
  Process,
  pick,
  type Reply,
  requestFrame,
  type Transport,
  WireReader,
} from '@nodekeeper/server/testing';
import type { Ledger } from '../checks/ledger.js';
import { OneShotWatchChecks } from '../checks/one-shot-watch-checks.js';
import { isCommitted, type Pending, type ReplyChecks } from '../checks/reply-checks.js';
import { clientPort } from '../servers/server.js';
import type { World } from '../world/world.js';
import type { Actor } from './actor.js';
import { OlderHandle } from './older-handle.js';
import { type Ask, Requests } from './requests.js';
import type { ClientSetting } from './setting.js';

/** The request number (xid) of setWatches. */
const setWatchesXid = Xid.setWatches;
const tickMs = 20;

/**
 * A client that sends and receives the messages of the protocol without the code of the shipped client. It keeps its
 * session through all faults, and checks every reply.
 */
export class Client implements Actor {
  readonly process: Process<World>;
  readonly isOn = true;
  readonly watches: OneShotWatchChecks;
  sessionId = 0n;
  sessionsLost = 0;
  answered = 0;
  /** If false, the client makes no requests but keeps its session alive. */
  isBusy = true;
  /** Called when the write of `writeSurely` has succeeded. Undefined if no such write is waiting. */
  onSureWrite: (() => void) | undefined;
  #password = Buffer.alloc(16);
  #transport: Transport | undefined;
  #older: OlderHandle | undefined;
  #wire = new WireReader();
  #isOpen = false;
  #cancelDial: (() => void) | undefined;
  #pending: Pending[] = [];
  #xid = 0;
  #sawZxid = 0;
  #repliedZxid = 0;
  /** When this client made its last sync, clients had replies to writes up to this zxid. */
  #syncedTo = 0;
  /** Like `#syncedTo`, but for the last sync that succeeded. */
  #surelySyncedTo = 0;
  #lastHeardMs = 0;
  #lastSentMs = 0;
  #connectMs = 0;
  #askMs = 0;
  #surely = false;
  /** True if the client has sent closeSession and has not received the reply yet. */
  #isClosing = false;
  readonly #random: () => number;
  readonly #requests: Requests;

  constructor(
    readonly world: World,
    readonly network: Network,
    readonly ledger: Ledger,
    readonly checks: ReplyChecks,
    readonly setting: ClientSetting,
    readonly servers: readonly string[],
  ) {
    const { name } = setting;
    this.#random = world.random(name);
    this.#requests = new Requests(name, this.#random);
    this.watches = new OneShotWatchChecks(world, ledger.model, name);
    this.process = new Process(world, name, this.#random, (work) => work());
    network.hosts.set(name, this);
  }

  get name(): string {
    return this.setting.name;
  }

  /** Undefined, because this client deliberately drops connections that work. */
  get connectionsLost(): undefined {
    return undefined;
  }

  get eventsChecked(): number {
    return this.watches.eventsChecked;
  }

  start(): void {
    this.process.begin();
    this.process.every(tickMs, () => this.#tick());
  }

  /** Makes a write that cannot be refused, as soon as the client can send it. */
  writeSurely(done: () => void): void {
    this.#surely = true;
    this.onSureWrite = done;
  }

  heal(): void {}

  atTheEnd(): void {}

  // ---- the connection

  #tick(): void {
    const { nowMs } = this.world;
    if (this.#transport === undefined) {
      if (this.#cancelDial === undefined && nowMs >= this.#connectMs) this.#dial();
      return;
    }
    const silentMs = nowMs - this.#lastHeardMs;
    if (silentMs > (this.setting.timeoutMs * 2) / 3) {
      this.#lose('heard nothing');
    } else if (this.#isOpen) {
      if (nowMs - this.#lastSentMs > this.setting.timeoutMs / 3) this.#send(Xid.ping, 'ping');
      this.#work();
    }
  }

  #dial(): void {
    const host = pick(this.#random, this.servers);
    let cancel = () => {};
    const giveUpMs = this.world.nowMs + this.setting.timeoutMs / 2;
    this.process.post(this.setting.timeoutMs / 2 + 1, () => {
      if (this.#cancelDial !== cancel || this.world.nowMs < giveUpMs) return;
      cancel();
      this.#lose('no answer');
    });
    cancel = this.network.dial(
      this.name,
      { host, port: clientPort },
      (transport) => this.#connected(transport, host),
      () => this.#lose(undefined),
    );
    this.#cancelDial = cancel;
  }

  #connected(transport: Transport, host: string) {
    this.#cancelDial = undefined;
    this.#transport = transport;
    this.#wire = new WireReader();
    this.#lastHeardMs = this.world.nowMs;
    const { timeoutMs } = this.setting;
    this.world.note(`${this.name} connects to ${host} with session ${this.sessionId.toString(16)}`);
    transport.write(
      connectFrame({ timeoutMs, sessionId: this.sessionId, passwd: this.#password, lastZxidSeen: this.#sawZxid }),
    );
    return {
      receive: (chunk: Buffer) => {
        if (this.#older?.owns(transport)) this.#older.receive(Buffer.from(chunk));
        else this.#receive(transport, Buffer.from(chunk));
      },
      drained: () => {},
      ended: () => {},
      closed: (reason: string) => {
        if (this.#transport === transport) this.#lose(reason);
        else if (this.#older?.owns(transport)) this.#older = undefined;
      },
    };
  }

  #lose(reason: string | undefined): void {
    if (reason !== undefined) this.world.note(`${this.name} lost its connection: ${reason}`);
    this.#transport?.destroy();
    this.#transport = undefined;
    this.#cancelDial = undefined;
    this.#isOpen = false;
    this.#pending = [];
    this.#syncedTo = this.#surelySyncedTo;
    this.#connectMs = this.world.nowMs + (this.#random() < 0.4 ? 0 : this.#random() * 200);
    if (this.onSureWrite !== undefined) this.#surely = true;
  }

  // ---- replies

  #receive(transport: Transport, chunk: Buffer): void {
    if (this.#transport !== transport) return;
    this.#lastHeardMs = this.world.nowMs;
    this.#wire.push(chunk);
    for (const message of this.#wire.messages.splice(0)) {
      if (this.#transport === transport) this.#heard(message);
    }
    if (this.#isOpen) this.#work();
  }

  #heard(message: Incoming): void {
    if (message.kind === 'connected') this.#greeted(message.response.sessionId, message.response.passwd);
    else if (message.kind === 'event') this.#event(message.event.type, message.event.path ?? '', message.zxid);
    else this.#replied(message.reply);
  }

  #greeted(sessionId: bigint, password: Buffer | null): void {
    if (sessionId === 0n) {
      this.world.note(`${this.name} learns that its session ${this.sessionId.toString(16)} is over`);
      if (!this.#isClosing) this.sessionsLost++;
      this.#forgetSession();
      this.#lose('session expired');
      return;
    }
    const isNew = this.sessionId === 0n;
    this.world.demand(isNew || sessionId === this.sessionId, 'SessionUniqueness', () => {
      return `${this.name} asked for session ${this.sessionId.toString(16)} but got ${sessionId.toString(16)}`;
    });
    this.checks.sessionGiven(this.name, sessionId, this.#sawZxid);
    this.world.note(`${this.name} has session ${sessionId.toString(16)}`);
    this.sessionId = sessionId;
    this.#password = Buffer.from(password!);
    this.#isOpen = true;
    if (this.setting.keepsWatches) this.#moveWatches();
    else this.watches.drop();
  }

  #forgetSession(): void {
    this.sessionId = 0n;
    // the older connection may still get replies if a replaced leader refused the session; the client no longer checks
    // them
    this.#older = undefined;
    this.#isClosing = false;
    this.#password = Buffer.alloc(16);
    this.watches.drop();
  }

  #moveWatches(): void {
    if (this.watches.armed.length === 0) return;
    this.watches.move(this.#repliedZxid);
    this.#send(setWatchesXid, 'setWatches', {
      relativeZxid: this.#repliedZxid,
      dataWatches: this.watches.pathsOf('data'),
      existWatches: this.watches.pathsOf('exist'),
      childWatches: this.watches.pathsOf('child'),
    });
  }

  #event(type: number, path: string, zxid: number): void {
    this.world.note(`${this.name} event ${type} ${path} ${zxidHex(Math.max(0, zxid))}`);
    this.watches.event(type, path, zxid);
    this.#sawZxid = Math.max(this.#sawZxid, zxid);
  }

  #replied(reply: Reply): void {
    if (reply.zxid > 0) this.#saw(reply);
    if (reply.xid === Xid.ping) return;
    if (reply.xid === setWatchesXid) {
      this.watches.moved(reply.zxid);
      return;
    }
    const pending = this.#pending.shift();
    this.world.demand(pending?.xid === reply.xid, 'FifoClientOrder', () => {
      return `${this.name} gets the reply to request ${reply.xid}, but ${pending?.xid} is the oldest`;
    });
    const { op, path } = pending!;
    this.world.note(`${this.name} ${op} ${path} #${reply.xid} answered ${reply.err} at ${zxidHex(reply.zxid)}`);
    this.answered++;
    if (op === 'closeSession') {
      this.#forgetSession();
      this.#lose('session closed');
      return;
    }
    if (op === 'sync' && reply.err === ErrorCode.OK) this.#surelySyncedTo = pending!.syncedTo;
    this.checks.check(this.name, pending!, reply);
    if (isCommitted(op, reply.err)) this.#older?.moved(reply.zxid);
    if (pending!.watch) this.watches.leftBy(op, path, reply);
    if (pending!.isSequential && reply.err === ErrorCode.OK) this.#sureWriteDone();
  }

  #sureWriteDone(): void {
    const done = this.onSureWrite;
    this.onSureWrite = undefined;
    this.#surely = false;
    done?.();
  }

  /** The zxids of the replies must never decrease, even if the client changes its server. */
  #saw({ zxid }: Reply): void {
    this.world.demand(zxid >= this.#sawZxid, 'ReadMonotonicity', () => {
      return `${this.name} gets a reply at ${zxidHex(zxid)} after it has seen ${zxidHex(this.#sawZxid)}`;
    });
    this.#sawZxid = zxid;
    this.#repliedZxid = zxid;
    this.watches.seen(zxid);
  }

  // ---- requests

  #work(): void {
    if (this.#surely) {
      this.#surely = false;
      this.#ask(this.#requests.sure());
    }
    if (!this.isBusy || this.world.nowMs < this.#askMs) return;
    this.#askMs = this.world.nowMs + this.#random() * 2 * this.setting.thinkMs;
    const { moveShare, closeShare, forkShare } = this.setting;
    const draw = this.#random();
    if (draw < moveShare) {
      this.#lose('moves on');
    } else if (draw > 1 - forkShare) {
      this.#fork();
    } else if (draw < moveShare + closeShare) {
      this.#isClosing = true;
      this.#ask(this.#requests.closeSession());
      // this create comes after closeSession, so it must not have an effect
      if (this.#pending.length < 3) this.#send(++this.#xid, 'create', this.#requests.ephemeral().body);
    } else {
      for (let left = 1 + below(this.#random, this.setting.burst); left > 0; left--) this.#askSomething();
    }
  }

  /** Opens another connection for the session, and continues to use the current one as the older connection. */
  #fork(): void {
    this.#older = new OlderHandle(this.world, this.name, this.#random, this.#transport!, this.#wire);
    this.#transport = undefined;
    this.#lose('opens a second connection');
  }

  #askSomething(): void {
    if (this.#pending.length >= this.setting.depth) return;
    for (const ask of this.#requests.next(this.setting)) this.#ask(ask);
  }

  #ask(ask: Ask): void {
    // a server does not answer requests after closeSession
    if (this.#pending.at(-1)?.op === 'closeSession') return;
    if (ask.op === 'sync') this.#syncedTo = this.ledger.ackedZxid;
    const xid = ++this.#xid;
    this.#pending.push({
      ...ask,
      xid,
      sessionId: this.sessionId,
      ackedBefore: this.ledger.ackedZxid,
      syncedTo: this.#syncedTo,
    });
    this.world.note(`${this.name} asks ${ask.op} ${ask.path} #${xid}`);
    this.#older?.ask(xid);
    this.#send(xid, ask.op, ask.body);
  }

  #send(xid: number, op: OpName, body?: unknown): void {
    this.#lastSentMs = this.world.nowMs;
    this.#wire.asked(xid, op);
    this.#transport?.write(requestFrame(xid, op, body));
  }
}
