import type { ServerAddress, SessionEvent, SessionOptions } from '@nodekeeper/client/testing';
import { below, type Network, Process, pick } from '@nodekeeper/server/testing';
import type { Ledger } from '../checks/ledger.js';
import type { ReplyChecks } from '../checks/reply-checks.js';
import { clientPort } from '../servers/server.js';
import type { World } from '../world/world.js';
import type { Actor } from './actor.js';
import { CheckedSession } from './checked-session.js';
import { type Ask, Requests } from './requests.js';
import type { ShippedClientSetting } from './shipped-setting.js';

const tickMs = 20;
const returnMsMax = 300;
const patienceMsMax = 800;
const watchedPaths = ['/', '/a', '/b', '/c', '/a/x', '/b/x'];

interface KeptSession {
  readonly sessionId: bigint;
  readonly password: Buffer;
  readonly lastXid: number;
}

const newSession: KeptSession = { sessionId: 0n, password: Buffer.alloc(0), lastXid: 0 };

/**
 * A program that uses the shipped client. It opens one session after the other, and checks everything in each session.
 */
export class ShippedClient implements Actor {
  readonly process: Process<World>;
  readonly isOn = true;
  sessionsLost = 0;
  isBusy = true;
  #session: CheckedSession | undefined;
  /** All sessions so far. They are kept because the outcomes that they have reported must stay true. */
  readonly #sessions: CheckedSession[] = [];
  #kept = newSession;
  #askMs = 0;
  #isHealed = false;
  #onSureWrite: (() => void) | undefined;
  #isSureWriteAsked = false;
  readonly #random: () => number;
  readonly #requests: Requests;

  constructor(
    readonly world: World,
    readonly network: Network,
    readonly ledger: Ledger,
    readonly checks: ReplyChecks,
    readonly setting: ShippedClientSetting,
    readonly servers: readonly string[],
  ) {
    const { name, skew } = setting;
    this.#random = world.random(name);
    this.#requests = new Requests(name, this.#random);
    this.process = new Process(world, name, world.random(`${name} process`), (work) => this.#guard(work), skew);
    network.hosts.set(name, this);
  }

  get name(): string {
    return this.setting.name;
  }

  get sessionId(): bigint {
    return this.#session?.sessionId ?? this.#kept.sessionId;
  }

  get connectionsLost(): number {
    return this.#sessions.reduce((sum, { life }) => sum + life.connectionsLost, 0);
  }

  get eventsChecked(): number {
    return this.#sessions.reduce((sum, { watchChecks }) => sum + watchChecks.eventsChecked, 0);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.world.failure !== undefined) throw this.world.failure;
      this.world.violate('NoImpossibleState', `${this.name} throws ${(error as Error).stack}`);
    }
  }

  start(): void {
    this.process.begin();
    this.process.every(tickMs, () => this.#tick());
    this.process.post(0, () => this.#open());
  }

  // ---- one session after the other

  #open(): void {
    const { setting, process, world, network, ledger, checks } = this;
    const options: SessionOptions = {
      ...this.#kept,
      servers: this.#addresses(this.servers),
      shuffle: true,
      sessionTimeoutMs: setting.timeoutMs,
      reconnectDelay: { base: 20, max: 200 },
      readOnly: false,
      renewSession: false,
      requestBytesMax: 1024 * 1024,
      replyBytesMax: 1024 * 1024,
      autoWatchReset: setting.keepsWatches,
    };
    const surroundings = { process, world, network, ledger, checks, random: this.#random };
    const checked = new CheckedSession(surroundings, options, {
      sessionEvent: (event) => this.#session === checked && this.#happened(checked, event),
      // one transaction can cause several events, and the connection may break between two of them
      watchEvent: () => this.#random() < this.setting.breakShare && this.#break(),
    });
    this.#session = checked;
    this.#kept = newSession;
    this.#sessions.push(checked);
    if (setting.hasCredentials) checked.addAuth();
    checked.session.start();
  }

  #addresses(servers: readonly string[]): ServerAddress[] {
    return servers.map((host) => ({ host, port: clientPort }));
  }

  #happened(checked: CheckedSession, event: SessionEvent): void {
    if (event !== 'Expired' && event !== 'Closed') return;
    checked.requests.allHaveEnded();
    if (event === 'Expired' && !checked.isClosing) this.sessionsLost++;
    this.#session = undefined;
    this.process.post(this.#random() * returnMsMax, () => this.#open());
  }

  #leave(checked: CheckedSession): void {
    if (this.#random() < 0.3) this.#die();
    else this.#close(checked);
  }

  #close(checked: CheckedSession): void {
    const keepsSession = this.#random() < 0.3;
    const { identity } = checked.session;
    checked.close(keepsSession, () => {
      if (keepsSession && checked.sessionId !== 0n) {
        const { sessionId, password } = identity;
        this.#kept = { sessionId, password, lastXid: checked.wire.lastXid };
      }
    });
  }

  /** Kills the process of the program and starts it again. The session is not closed. */
  #die(): void {
    this.world.note(`${this.name} is killed`);
    this.network.gone(this.name, 'kill');
    this.process.end();
    this.#session = undefined;
    this.#isSureWriteAsked = false;
    this.start();
  }

  // ---- the program's actions

  #tick(): void {
    const checked = this.#session;
    if (checked === undefined) return;
    checked.tick();
    if (checked.isClosing) return;
    if (this.#onSureWrite !== undefined) this.#askSurely(checked);
    if (!this.isBusy || this.world.nowMs < this.#askMs) return;
    this.#askMs = this.world.nowMs + this.#random() * 2 * this.setting.thinkMs;
    this.#act(checked);
  }

  #act(checked: CheckedSession): void {
    const { moveShare, breakShare, closeShare, watchShare, depth } = this.setting;
    let draw = this.#random();
    if ((draw -= moveShare) < 0) this.#move(checked);
    else if ((draw -= breakShare) < 0) this.#break();
    else if ((draw -= closeShare) < 0) this.#leave(checked);
    else if ((draw -= watchShare) < 0) this.#watch(checked);
    else {
      for (let left = 1 + below(this.#random, depth); left > 0; left--) {
        if (checked.requests.openCount < depth) this.#askSomething(checked);
      }
    }
  }

  #move({ session }: CheckedSession): void {
    const some = this.servers.filter(() => this.#random() < 0.5);
    const servers = some.length === 0 || this.#isHealed ? this.servers : some;
    this.world.note(`${this.name} takes a new list of servers: ${servers}`);
    session.updateServers(this.#addresses(servers));
  }

  #break(): void {
    if (this.#isHealed) return;
    const sides = this.#random() < 0.5 ? 'both' : 'first';
    for (const server of this.servers) this.network.reset(server, this.name, sides);
  }

  #watch(checked: CheckedSession): void {
    const draw = this.#random();
    if (draw < 0.7) {
      checked.addWatch(pick(this.#random, watchedPaths), this.#random() < 0.5);
      return;
    }
    const live = [...checked.watchChecks.live];
    if (live.length === 0) return;
    const { kind, path } = pick(this.#random, live);
    checked.removeWatches(kind, path);
  }

  #askSomething(checked: CheckedSession): void {
    for (const ask of this.#requests.next(this.setting)) {
      const request = checked.ask(asClientDoes(ask));
      if (this.#random() >= this.setting.giveUpShare) continue;
      const giveUp = () => request.giveUp('REQUESTTIMEOUT', 'no patience');
      if (this.#random() < 0.2) giveUp();
      else this.process.after(this.#random() * patienceMsMax, giveUp);
    }
  }

  writeSurely(done: () => void): void {
    this.#onSureWrite = done;
  }

  #askSurely(checked: CheckedSession): void {
    if (this.#isSureWriteAsked) return;
    this.#isSureWriteAsked = true;
    checked.ask(asClientDoes(this.#requests.sure()), (failure) => {
      this.#isSureWriteAsked = false;
      if (failure !== undefined) return;
      const done = this.#onSureWrite;
      this.#onSureWrite = undefined;
      done?.();
    });
  }

  // ---- the last phase of a run

  heal(): void {
    this.#isHealed = true;
    this.process.resume();
    this.process.post(0, () => this.#session?.session.updateServers(this.#addresses(this.servers)));
  }

  atTheEnd(): void {
    this.#session?.watchChecks.atTheEnd();
    this.#session?.requests.allHaveEnded();
    for (const { requests } of this.#sessions) requests.staysTrue();
  }
}

/** Replaces create by create2, because the shipped client requests the Stat of a node that it creates. */
function asClientDoes(ask: Ask): Ask {
  return ask.op === 'create' ? { ...ask, op: 'create2' } : ask;
}
