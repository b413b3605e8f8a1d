import { zxidEpoch, zxidHex } from '@nodekeeper/protocol';
import {
  type ClockSkew,
  createServer,
  type Database,
  DiskError,
  type DurableState,
  defaultConfig,
  durableState,
  type EnsembleConfig,
  type Host,
  type Logger,
  type MemberServer,
  type Network,
  type Peer,
  Process,
  type ServerConfig,
  type ServerMode,
  type ServerPorts,
  SimulatedCrash,
} from '@nodekeeper/server/testing';
import type { Ledger } from '../checks/ledger.js';
import { MachineDisk } from '../world/machine-disk.js';
import type { World } from '../world/world.js';
import type { Moment } from './moments.js';
import { ObservedReplica, type Observer } from './observed-replica.js';

export const clientPort = 2181;
export const quorumPort = 2888;
export const electionPort = 3888;
const stopMsMax = 500;

/** One server's settings for a run. */
interface ServerSetting {
  readonly id: number;
  readonly skew: ClockSkew;
  readonly config: Partial<ServerConfig> & {
    readonly ensemble: EnsembleConfig;
    readonly tickTimeMs: number;
    readonly syncLimitTicks: number;
  };
}

/** A machine with a server. The shipped code of the server runs on a simulated disk, network and clock. */
export class Server implements Host, Observer {
  readonly name: string;
  readonly disk: MachineDisk;
  readonly process: Process<World>;
  isOn = true;
  /** `stopping` means that a clean stop has begun and has not finished. */
  state: 'down' | 'up' | 'stopping' = 'down';
  /** The reasons for which the server's process has ended itself. */
  readonly endings: string[] = [];
  server: MemberServer | undefined;
  replica!: ObservedReplica;
  onMoment: (server: Server, moment: Moment) => void = () => {};
  onGone: (server: Server) => void = () => {};
  wasToldNonsense: (server: Server) => boolean = () => false;
  crashes = 0;
  /** True if the server has lost its snapshots. It then trusts its logs at the next start. */
  trustsLogs = false;
  readonly #random: () => number;
  #durable: { steps: number; crashes: number; state: DurableState } | undefined;

  constructor(
    readonly world: World,
    readonly network: Network,
    readonly ledger: Ledger,
    readonly setting: ServerSetting,
  ) {
    this.name = `s${setting.id}`;
    this.#random = world.random(this.name);
    this.disk = new MachineDisk(world.random(`${this.name} disk`));
    this.process = new Process(world, this.name, this.#random, (work) => this.#guard(work), setting.skew);
    this.disk.process = this.process;
    this.disk.onRenamed = (path) => this.#renamed(path);
    network.hosts.set(this.name, this);
  }

  get database(): Database {
    return this.server!.replica.database;
  }

  get mode(): ServerMode {
    return this.server!.view.mode as ServerMode;
  }

  /** Undefined while the server loads its files and takes its first snapshot. */
  get peer(): Peer | undefined {
    return this.server?.peer;
  }

  get isServing(): boolean {
    return this.state === 'up' && this.server?.clients.isServing === true;
  }

  get isLeading(): boolean {
    return this.isServing && this.mode === 'leader';
  }

  // ---- life cycle

  start(): void {
    if (this.state !== 'down') return;
    this.world.note(`${this.name} starts`);
    this.isOn = true;
    this.state = 'up';
    this.process.begin();
    this.process.resume();
    this.disk.arm();
    this.#guard(() => this.#start());
  }

  #start(): void {
    const { disk, process, world, setting, name } = this;
    this.server = undefined;
    const directories = { dataDir: '/data', dataLogDir: '/data', snapshotTrustEmpty: this.trustsLogs };
    const config: ServerConfig = { ...defaultConfig(), ...directories, ...setting.config };
    const ports: ServerPorts = {
      disk,
      scheduler: process,
      random: world.random(`${name} life ${process.life}`),
      peers: this.network.peersOf(name),
      fileDescriptors: () => ({ open: undefined, max: undefined }),
      environment: () => [],
    };
    const server = createServer(config, ports, this.#logger(), {
      failed: (reason) => this.#failed(reason),
      observed: (replica) => {
        this.replica = new ObservedReplica(replica, this);
        return this.replica;
      },
    }) as MemberServer;
    this.server = server;
    server.prepare((error) => {
      if (error !== undefined) throw error;
      disk.isInUse = true;
      this.trustsLogs = false;
      this.network.listen(name, clientPort, (transport) => server.clients.accept(transport));
      server.start();
    });
  }

  #logger(): Logger {
    const line = (level: string) => (message: string, fields?: Record<string, unknown>) => {
      const { zxid } = (fields ?? {}) as { zxid?: string };
      this.world.note(`${this.name} ${level} ${message}${zxid === undefined ? '' : ` ${zxid}`}`);
      // a leader of nodekeeper violates the protocol only if a fault has changed its messages
      const isProtocolKept = !message.includes('violates the protocol') || this.wasToldNonsense(this);
      this.world.demand(isProtocolKept, 'NoImpossibleState', () => `${this.name} says: ${message}`);
    };
    return { debug: () => {}, info: line('says'), warn: line('warns'), error: line('ERROR') };
  }

  /** Runs code of this server. An exception ends the process. The exception is a bug unless the disk had a fault. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#thrown(error as Error);
    }
    if (this.disk.hasCrashed) this.powerFails();
  }

  #thrown(error: Error): void {
    if (this.world.failure !== undefined) throw this.world.failure;
    // the machine has crashed during this call
    if (error instanceof SimulatedCrash) return;
    if (error instanceof DiskError && this.disk.faultsTold > 0) this.#failed(error.message);
    else this.world.violate('NoImpossibleState', `${this.name} throws ${error.stack}`);
  }

  /** Ends the process for a reason, as the shipped server does when its disk fails. */
  #failed(reason: string): void {
    // after the crash of the machine, an error is not a bug
    if (this.disk.hasCrashed) return;
    this.endings.push(reason);
    this.world.note(`${this.name} ends itself: ${reason}`);
    this.world.demand(this.disk.faultsTold > 0, 'NoImpossibleState', () => `${this.name} ends itself: ${reason}`);
    this.process.post(0, () => this.kill());
  }

  /** Stops the machine by a power failure. Unsynced data may be lost. */
  powerFails(): void {
    if (this.state === 'down') return;
    this.world.note(`${this.name} loses its power`);
    this.#gone('power');
    this.isOn = false;
    this.disk.crash(this.#random);
    this.#demandEpochOrder();
    this.onGone(this);
  }

  /** Ends the process at once, for example because it is killed. The machine keeps running. */
  kill(): void {
    if (this.state === 'down') return;
    this.world.note(`${this.name} is killed`);
    this.#gone('kill');
    this.disk.kill();
    this.onGone(this);
  }

  #gone(how: 'kill' | 'power'): void {
    this.crashes++;
    this.state = 'down';
    this.network.gone(this.name, how);
    this.process.end();
  }

  /** Stops the server cleanly. The server writes its whole log before it ends. */
  stop(): void {
    if (this.state !== 'up') return;
    this.world.note(`${this.name} is stopped`);
    this.state = 'stopping';
    let isStopped = false;
    this.#guard(() => {
      this.server!.stop(() => {
        isStopped = true;
      });
    });
    if ((this.state as string) === 'stopping') this.#awaitEnd(this.world.nowMs + stopMsMax, () => isStopped);
  }

  #awaitEnd(untilMs: number, isStopped: () => boolean): void {
    this.process.post(1, () => {
      if (!isStopped() && this.world.nowMs < untilMs) return this.#awaitEnd(untilMs, isStopped);
      this.#gone('kill');
      this.crashes--;
      this.disk.kill();
      this.world.note(`${this.name} has stopped`);
      this.onGone(this);
    });
  }

  // ---- observations

  moment(name: Moment): void {
    this.onMoment(this, name);
  }

  nameOfLeader(): string {
    return `s${this.peer!.learner!.leaderId}`;
  }

  /** The state of the server's files. It is read again after each disk operation. */
  #durableState(): DurableState {
    const { steps } = this.disk;
    if (this.#durable?.steps !== steps || this.#durable.crashes !== this.crashes) {
      this.#durable = { steps, crashes: this.crashes, state: durableState(this.disk) };
    }
    return this.#durable.state;
  }

  claimsDurable(zxid: number, what: string): void {
    const { lastZxid } = this.#durableState();
    this.world.demand(lastZxid >= zxid, 'AcknowledgedIsDurable', () => {
      return `${this.name}: ${what} with ${zxidHex(zxid)}, but has ${zxidHex(lastZxid)} on disk`;
    });
  }

  /**
   * Called when a file is renamed. A written currentEpoch says that the history of that epoch is on disk. The server
   * must therefore write the history first (R-4).
   */
  #renamed(path: string): void {
    if (path.endsWith('/currentEpoch') && this.peer !== undefined && this.state === 'up') {
      this.claimsDurable(this.replica.mustBeDurableZxid, 'it writes currentEpoch');
    }
    if (path.endsWith('Epoch')) this.moment('epoch written');
  }

  claimsEpoch(kind: 'currentEpoch' | 'acceptedEpoch', epoch: number, what: string): void {
    const durable = this.#durableState();
    this.world.demand(durable[kind] >= epoch, 'EpochFileOrder', () => {
      return `${this.name} says ${what} for epoch ${epoch}, but has ${kind} ${durable[kind]} on disk`;
    });
  }

  /**
   * Whenever the power fails, acceptedEpoch must be at least currentEpoch and at least the epoch of the log. During a
   * synchronisation, the log may be ahead of currentEpoch. The next start corrects that.
   */
  #demandEpochOrder(): void {
    const { lastZxid, currentEpoch, acceptedEpoch } = this.#durableState();
    if (acceptedEpoch < 0 || currentEpoch < 0) return;
    const isInOrder = acceptedEpoch >= currentEpoch && acceptedEpoch >= zxidEpoch(lastZxid);
    this.world.demand(isInOrder, 'EpochFileOrder', () => {
      return `${this.name} has acceptedEpoch ${acceptedEpoch}, currentEpoch ${currentEpoch} and a log to ${zxidHex(lastZxid)} on disk`;
    });
  }
}
