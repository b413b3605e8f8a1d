import { defaultConfig, type ServerConfig } from '../../src/config/server-config.js';
import type { Logger } from '../../src/log/logger.js';
import { createMember, EnsembleConfig } from '../../src/membership/index.js';
import { EnsembleReplica } from '../../src/pipeline/ensemble-replica.js';
import type { ServerCore } from '../../src/pipeline/server-core.js';
import { openDirectories } from '../../src/storage/open-directories.js';
import { randomFrom } from '../../src/testing/random.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { Epochs } from '../../src/zab/epochs.js';
import { Peer, type PeerOptions } from '../../src/zab/peer.js';
import type { SyncOptions } from '../../src/zab/sync-policy.js';
import { ManualScheduler } from './manual-scheduler.js';
import { SimulatedConnection } from './simulated-network.js';
import { SimulatedPeers } from './simulated-peers.js';
import { TestClient } from './test-client.js';

const quorumPort = 2888;
const electionPort = 3888;
const stepMs = 10;
const settleRoundsMax = 200_000;

/** One server of a test ensemble: all of it that ships, on a simulated machine. */
export class TestMember {
  readonly name: string;
  readonly disk = new SimulatedDisk();
  readonly scheduler = new ManualScheduler();
  readonly logged: string[] = [];
  failure: string | undefined;
  exitCode: number | undefined;
  replica!: EnsembleReplica;
  epochs!: Epochs;
  peer!: Peer;
  isUp = false;
  /** Nothing that is on its way to the disk gets there. */
  isDiskHeld = false;
  #lock: { release(): void } | undefined;
  #connections: SimulatedConnection[] = [];
  #clientPort = 40_000;

  constructor(
    readonly id: number,
    readonly ensemble: TestEnsemble,
  ) {
    this.name = `s${id}`;
    this.scheduler.nowMs += id * 137;
  }

  get core(): ServerCore {
    return this.replica.core;
  }

  start(): void {
    const { ensemble, scheduler, disk } = this;
    const config: ServerConfig = {
      ...defaultConfig(),
      dataDir: '/data',
      dataLogDir: '/data',
      preAllocSizeKb: 16,
      tickTimeMs: ensemble.tickTimeMs,
      minSessionTimeoutMs: ensemble.tickTimeMs * 2,
      maxSessionTimeoutMs: ensemble.tickTimeMs * 20,
      ensemble: ensemble.optionsOf(this.id).ensemble,
      myId: this.id,
      initLimitTicks: ensemble.optionsOf(this.id).initLimit,
      syncLimitTicks: ensemble.optionsOf(this.id).syncLimit,
      ...ensemble.config,
      ...ensemble.configOf(this.id),
    };
    this.#lock = openDirectories(disk, config);
    const ports = {
      disk,
      scheduler,
      random: randomFrom(this.id * 1000 + 7),
      fileDescriptors: () => ({ open: undefined, max: undefined }),
      environment: () => [],
      serverId: this.id,
    };
    const logger = this.#logger();
    const failed = (reason: string, exitCode?: number) => {
      this.failure ??= reason;
      this.exitCode ??= exitCode;
    };
    this.replica = new EnsembleReplica(config, ports, logger, failed);
    if (this.replica.lacksSnapshot) this.#firstSnapshot();
    this.epochs = new Epochs(disk, config.dataDir, this.replica.lastZxid);
    const peers = ensemble.peers.networkOf(this.name);
    this.peer = new Peer(ensemble.optionsOf(this.id), this.replica, this.epochs, { peers, scheduler }, logger, failed);
    this.peer.start();
    this.isUp = true;
  }

  #firstSnapshot(): void {
    let isTaken = false;
    this.core.snapshots.take((error) => {
      if (error !== undefined) throw error;
      isTaken = true;
    });
    while (!isTaken) {
      this.scheduler.runTurn();
      this.disk.runPending();
    }
  }

  #logger(): Logger {
    const line = (level: string) => (message: string) => void this.logged.push(`${level} ${message}`);
    return { debug: line('DEBUG'), info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
  }

  /** One step of everything on this machine; false when there was nothing to do. */
  runStep(): boolean {
    if (!this.isUp) return false;
    let moved = false;
    for (const connection of this.#connections) if (connection.deliver()) moved = true;
    if (this.scheduler.runTurn()) moved = true;
    if (this.disk.pendingCount > 0 && !this.isDiskHeld) {
      this.disk.runPending();
      moved = true;
    }
    this.#connections = this.#connections.filter((connection) => connection.open);
    return moved;
  }

  /** A client connection without a session. */
  open(): TestClient {
    const connection = new SimulatedConnection('127.0.0.1', this.#clientPort++);
    if (connection.attach((transport) => this.core.accept(transport))) this.#connections.push(connection);
    return new TestClient(this.ensemble, connection);
  }

  /** The power fails: what was not synced may be gone. */
  crash(random: () => number): void {
    this.#gone();
    this.disk.crash(random);
  }

  /** A clean stop. */
  stop(): void {
    this.peer.stop();
    this.replica.stop();
    this.#gone();
    this.disk.runPending();
    this.#lock?.release();
  }

  #gone(): void {
    this.isUp = false;
    this.ensemble.peers.crash(this.name);
    this.scheduler.forget();
    for (const connection of this.#connections) {
      connection.open = false;
      connection.onClose();
    }
    this.#connections = [];
  }
}

/** Several servers, with everything between them in the hands of the test. */
export class TestEnsemble {
  readonly peers = new SimulatedPeers();
  readonly members: TestMember[] = [];
  readonly tickTimeMs = 200;
  readonly observers: ReadonlySet<number>;
  readonly config: Partial<ServerConfig>;
  readonly sync: SyncOptions;
  /** Where members differ. */
  readonly configOf: (id: number) => Partial<ServerConfig>;
  /** Of members that know a newer configuration than the others. */
  readonly configVersions = new Map<number, number>();
  nowMs = 0;
  /** Called after each step of a member or of the network. */
  onStep: () => void = () => {};

  constructor(
    size: number,
    options: {
      observers?: readonly number[];
      config?: Partial<ServerConfig>;
      configOf?: (id: number) => Partial<ServerConfig>;
      sync?: Partial<SyncOptions>;
    } = {},
  ) {
    this.observers = new Set(options.observers ?? []);
    this.config = options.config ?? {};
    this.configOf = options.configOf ?? (() => ({}));
    this.sync = { forcesSnapshots: false, snapshotsMax: 10, differencesMax: 100, ...options.sync };
    for (let id = 1; id <= size; id++) this.members.push(new TestMember(id, this));
  }

  member(id: number): TestMember {
    return this.members[id - 1];
  }

  optionsOf(myId: number): PeerOptions {
    const members = this.members.map(({ id, name }) =>
      createMember(id, [{ host: name, quorumPort, electionPort }], {
        role: this.observers.has(id) ? 'observer' : 'participant',
      }),
    );
    return {
      myId,
      ensemble: new EnsembleConfig(members, null, this.configVersions.get(myId) ?? 0),
      tickTimeMs: this.tickTimeMs,
      initLimit: 10,
      syncLimit: 5,
      connectLimit: 10,
      helloLimitMs: 1000,
      epochWaitMs: -1,
      sync: this.sync,
      shortestNotificationMs: 200,
      longestNotificationMs: 5000,
      reconfigEnabled: this.config.reconfigEnabled ?? false,
      listensOnAllAddresses: false,
      bindAttempts: 3,
    };
  }

  start(): void {
    for (const member of this.members) if (!member.isUp) member.start();
  }

  /** Lets everything happen that can without time passing. */
  settle(): void {
    for (let round = 0; round < settleRoundsMax; round++) {
      let moved = this.peers.deliver();
      this.onStep();
      for (const member of this.members) {
        if (!member.runStep()) continue;
        moved = true;
        this.onStep();
      }
      if (!moved) return;
    }
    throw new Error('the ensemble does not come to rest');
  }

  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.settle();
      this.nowMs += stepMs;
      for (const { scheduler, isUp } of this.members) {
        const untilMs = scheduler.nowMs + stepMs;
        if (isUp) while (scheduler.step(untilMs));
        else scheduler.nowMs = untilMs;
      }
    }
    this.settle();
  }

  /** Lets time pass until something is so. */
  until(what: string, isSo: () => boolean, limitMs = 30_000): void {
    for (let passed = 0; passed < limitMs; passed += stepMs) {
      if (isSo()) return;
      this.advance(stepMs);
    }
    throw new Error(`${what}: not within ${limitMs} ms\n${this.story()}`);
  }

  get leader(): TestMember | undefined {
    return this.members.find(({ isUp, peer }) => isUp && peer.leader?.phase === 'broadcast');
  }

  /** Waits for a leader that all running members serve with. */
  untilServing(): TestMember {
    this.until('all members serve', () => this.members.every((member) => !member.isUp || member.core.serving));
    return this.leader!;
  }

  /** A client with a session. */
  connect(id: number, options: Parameters<TestClient['connect']>[0] = {}): TestClient {
    const client = this.member(id).open();
    client.connect(options);
    return client;
  }

  /** What a member answers to a four-letter word. */
  ask(id: number, word: string): string {
    const client = this.member(id).open();
    let text = '';
    client.connection.receive = (bytes) => void (text += bytes.toString());
    client.raw(Buffer.from(word));
    this.settle();
    return text;
  }

  story(): string {
    return this.members.map(({ name, logged }) => `${name}:\n  ${logged.slice(-25).join('\n  ')}`).join('\n');
  }
}
