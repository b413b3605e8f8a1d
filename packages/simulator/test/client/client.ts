import {
  Chroot,
  ClientRequest,
  operations,
  type Ports,
  Requests,
  type ServerAddress,
  Session,
  type SessionEvent,
  type SessionOptions,
  type WatchCallback,
  type WatchEvent,
  Watches,
  type WatchKind,
} from '@nodekeeper/client/testing';
import { AddWatchMode, type MultiOp, OpCode, type OpName } from '@nodekeeper/protocol';
import { Process, pick } from '@nodekeeper/server/testing';
import { LifeChecks } from '../../src/checks/client/life-checks.js';
import { RequestChecks, type RequestRecord, textOf } from '../../src/checks/client/request-checks.js';
import { WatchChecks } from '../../src/checks/client/watch-checks.js';
import type { WatchRecord } from '../../src/checks/client/watch-record.js';
import { watchRemoval } from '../../src/clients/watch-removal.js';
import type { Ensemble } from './ensemble.js';
import type { Network, SimulatedLink } from './network.js';
import type { World } from './world.js';

export const paths = ['/a', '/a/x', '/a/y', '/b', '/b/x', '/c'] as const;

type ClientSettings = Pick<SessionOptions, 'servers' | 'sessionTimeoutMs' | 'autoWatchReset' | 'lastXid'>;

/**
 * A program that uses the session of the shipped client. The program makes random requests, and checks all their
 * effects.
 */
export class SimulatedClient {
  readonly process: Process<World>;
  readonly session: Session<WatchCallback>;
  readonly watches: Watches;
  readonly life: LifeChecks;
  readonly watchChecks: WatchChecks;
  readonly requestChecks: RequestChecks;
  link: SimulatedLink | undefined;
  lastEvent: SessionEvent | undefined;
  isClosing = false;
  isClosed = false;
  /** True while the client drops its connection deliberately. */
  isLeaving = false;
  hasBadAuth = false;
  /** True if the client must not lose its session. */
  mustNotExpire = false;
  lastPausedMs = Number.NEGATIVE_INFINITY;
  requestClass: typeof ClientRequest<WatchCallback> = ClientRequest<WatchCallback>;
  readonly #recordOf = new Map<ClientRequest<WatchCallback>, RequestRecord>();
  readonly #watchOf = new Map<WatchCallback, WatchRecord>();
  /**
   * The number of lost connections. It increases before the requests of a lost connection fail, because the callers
   * then may make new requests at once.
   */
  #losses = 0;
  #goodAuths = 0;

  constructor(
    readonly world: World,
    network: Network,
    readonly ensemble: Ensemble,
    readonly index: number,
    readonly settings: ClientSettings,
  ) {
    this.process = new Process(world, `client ${index}`, world.random, (work) => work());
    const blame = (check: string, what: string) => world.blame(check, `client ${index}: ${what}`);
    this.watchChecks = new WatchChecks(ensemble, blame);
    this.requestChecks = new RequestChecks(ensemble.fatesOf(index), this.watchChecks, blame);
    const options: SessionOptions = {
      ...settings,
      shuffle: true,
      reconnectDelay: { base: 20, max: 200 },
      readOnly: false,
      renewSession: false,
      sessionId: 0n,
      password: Buffer.alloc(0),
      requestBytesMax: 1024 * 1024,
      replyBytesMax: 1024 * 1024,
    };
    const ports: Ports = {
      scheduler: this.process,
      random: world.random,
      dial: (server, handler) => this.#watchLink(network.dial(server, handler, this.process, index)),
    };
    this.session = new Session<WatchCallback>(options, ports, {
      sessionEvent: (event, reason) => this.#onSessionEvent(event, reason),
      watchEvent: (watchers, type, path, zxid) => {
        this.requestChecks.sawEvent(zxid);
        this.watches.deliver(watchers, type, path, zxid);
      },
      watchesInterrupted: (zxid) => this.watches.interrupted(zxid),
    });
    const isEnded = () => this.ensemble.sessions.get(this.life.sessionId)?.isClosed ?? false;
    const around = {
      monotonicMs: () => this.process.monotonicMs(),
      isClosing: () => this.isClosing,
      hasBadCredentials: () => this.hasBadAuth,
      wasRefused: isEnded,
      isEnded,
    };
    this.life = new LifeChecks(this.session, around, blame);
    this.watches = new Watches(new Requests(this.session, this.process, 0, ''), new Chroot(''));
    const replied = this.session.replied.bind(this.session);
    this.session.replied = (request, err, reader) => {
      this.requestChecks.replied(request, this.#recordOf.get(request));
      replied(request, err, reader);
    };
  }

  fault(what: string): never {
    return this.world.fault(`client ${this.index}: ${what}`);
  }

  note(...words: unknown[]): void {
    this.world.note(`client ${this.index}:`, ...words);
  }

  start(): void {
    if (!this.isClosing) this.process.post(0, () => this.session.start());
  }

  get isOver(): boolean {
    return this.session.overFailure !== undefined;
  }

  #watchLink(link: SimulatedLink): SimulatedLink {
    this.note('dials', link.address);
    link.authsDue = this.#goodAuths;
    this.link = link;
    link.onHeard = () => this.life.heard();
    link.onDestroy = () => {
      if (this.lastEvent === 'SyncConnected' && this.link === link) this.#lost(link);
    };
    return link;
  }

  /** Called when the client drops an established connection. The program is notified later. */
  #lost(link: SimulatedLink): void {
    this.#losses++;
    this.watchChecks.connectionLost(this.settings.autoWatchReset);
    const isBehind = this.ensemble.servers.some(({ address, isLagging }) => address === link.address && isLagging);
    const isExcused = isBehind || !link.isHealthy || this.isClosing || this.isLeaving || this.hasBadAuth;
    if (!isExcused && this.lastPausedMs < link.dialedMs) this.fault(`disconnected from the healthy ${link.address}`);
  }

  /** Called regularly: the client must disconnect from a silent server after two thirds of the session timeout. */
  checkSilence(): void {
    const { link } = this;
    if (this.lastEvent !== 'SyncConnected' || link === undefined || link.isOver) return;
    const dueMs = link.lastHeardMs + (this.settings.sessionTimeoutMs * 2) / 3;
    const latestMs = Math.max(dueMs, this.lastPausedMs) + 60;
    if (this.world.nowMs > latestMs) this.fault(`still waits for ${link.address}, silent since ${link.lastHeardMs}`);
  }

  #onSessionEvent(event: SessionEvent, reason: string): void {
    this.note(event, reason);
    this.lastEvent = event;
    this.life.happened(event, reason);
    if (event === 'Expired' && this.mustNotExpire) this.fault('lost its session, but could have kept it');
    if (this.isOver) this.watchChecks.sessionOver();
  }

  /** Used by a mutant of the client that reports its state events twice. */
  repeatLastEvent(): void {
    this.#onSessionEvent(this.lastEvent!, 'again');
  }

  // ---- the program's actions

  act(): void {
    const { world } = this;
    if (world.failure !== undefined) return;
    const draw = world.random();
    const path = pick(world.random, paths);
    if (draw < 0.2) this.#read('getData', 'data', path);
    else if (draw < 0.32) this.#read('exists', 'exists', path);
    else if (draw < 0.4) this.#read('getChildren2', 'children', world.chance(0.3) ? '/' : path);
    else if (draw < 0.56) this.#request('create2', path, this.#created(path));
    else if (draw < 0.72) this.#request('setData', path, { path, data: this.#value(), version: this.#version() });
    else if (draw < 0.8) this.#request('delete', path, { path, version: this.#version() });
    else if (draw < 0.86) this.#request('multi', undefined, this.#multi());
    else if (draw < 0.94) this.#addWatch(world.chance(0.3) ? '/' : path);
    else if (draw < 0.97) this.#removeWatches();
    else this.#request('sync', path, { path });
  }

  /** Data that no other write contains. */
  #value(): Buffer {
    return Buffer.from(`${this.index}.${this.requestChecks.records.length}.${this.world.random()}`);
  }

  #version(): number {
    return this.world.chance(0.8) ? -1 : this.world.between(0, 2);
  }

  #created(path: string) {
    return { path, data: this.#value(), acl: [], flags: this.world.chance(0.3) ? 1 : 0 };
  }

  #multi(): MultiOp[] {
    const { world } = this;
    return Array.from({ length: world.between(1, 3) }, (): MultiOp => {
      const path = pick(world.random, paths);
      if (world.chance(0.4)) return { type: OpCode.create2, request: this.#created(path) };
      if (world.chance(0.6)) return { type: OpCode.setData, request: { path, data: this.#value(), version: -1 } };
      return { type: world.chance(0.5) ? OpCode.delete : OpCode.check, request: { path, version: -1 } };
    });
  }

  #read(name: OpName, kind: WatchKind, path: string): void {
    const watch = this.world.chance(0.6) ? this.#watcher(kind, path) : undefined;
    this.#request(name, path, { path, watch: watch !== undefined }, watch);
  }

  #addWatch(path: string): void {
    const isRecursive = this.world.chance(0.5);
    const mode = isRecursive ? AddWatchMode.persistentRecursive : AddWatchMode.persistent;
    this.#request('addWatch', path, { path, mode }, this.#watcher(isRecursive ? 'recursive' : 'persistent', path));
  }

  #removeWatches(): void {
    const live = this.watchChecks.records.filter(({ registeredAt, isDead }) => registeredAt !== undefined && !isDead);
    if (live.length === 0) return;
    const { kind, path } = pick(this.world.random, live);
    const { body, ended } = watchRemoval(this.session, kind, path, (callback) => {
      this.watchChecks.died(this.#watchOf.get(callback)!);
    });
    this.#request('removeWatches', path, body, undefined, ({ failure }) => ended(failure));
  }

  #watcher(kind: WatchKind, path: string): WatchCallback {
    const record = this.watchChecks.make(kind, path);
    const callback = (event: WatchEvent) => {
      this.note(record, 'receives the event', event.type, event.path, event.zxid);
      try {
        this.watchChecks.fired(record, event);
        if (this.world.chance(0.15)) this.act();
      } catch {
        // the world has recorded the violation and stops the run; without this `catch`, the error would end the process
      }
    };
    this.#watchOf.set(callback, record);
    return callback;
  }

  #request(
    name: OpName,
    path: string | undefined,
    body: unknown,
    watcher?: WatchCallback,
    then?: (request: ClientRequest<WatchCallback>) => void,
  ): void {
    const { world, requestChecks } = this;
    const watch = watcher && { kind: this.#watchOf.get(watcher)!.kind, watcher };
    const request = new this.requestClass(operations[name], path, body, watch, (finished) => {
      this.note('end of', () => textOf(finished));
      requestChecks.finished(record);
      then?.(finished);
      if (world.chance(0.15) && requestChecks.records.length < 60) this.act();
    });
    const record = requestChecks.made(request, this.#losses, watcher && this.#watchOf.get(watcher));
    this.#recordOf.set(request, record);
    this.session.submit(request);
    if (then === undefined && world.chance(0.12)) this.#giveUpLater(request);
  }

  #giveUpLater(request: ClientRequest<WatchCallback>): void {
    const code = this.world.chance(0.5) ? 'ABORTED' : 'REQUESTTIMEOUT';
    const work = () => request.giveUp(code, 'no patience');
    if (this.world.chance(0.2)) work();
    else this.process.after(this.world.random() * (this.world.chance(0.5) ? 10 : 1000), work);
  }

  addAuth(isGood: boolean): void {
    if (isGood) this.#goodAuths++;
    else this.hasBadAuth = true;
    this.session.addAuth({ scheme: isGood ? 'digest' : 'unknown', auth: Buffer.from('u:p'), done: undefined });
  }

  updateServers(servers: readonly ServerAddress[]): void {
    this.isLeaving = true;
    this.session.updateServers(servers);
    this.isLeaving = false;
  }

  pause(durationMs: number): void {
    this.note('is paused for', durationMs);
    this.lastPausedMs = Math.max(this.lastPausedMs, this.world.nowMs + durationMs);
    this.process.pause(durationMs);
  }

  close(keepsSession: boolean): void {
    const done = () => {
      if (this.isClosed) this.fault('was closed twice');
      this.isClosed = true;
    };
    this.isClosing = true;
    this.note('closes, but its session is', keepsSession ? 'kept' : 'ended');
    this.process.post(0, () => this.session.close(done, keepsSession));
  }
}
