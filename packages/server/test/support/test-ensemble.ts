import type { Clients } from '../../src/clients/clients.js';
import { defaultConfig, type ServerConfig } from '../../src/config/server-config.js';
import type { Database } from '../../src/database/database.js';
import type { Logger } from '../../src/log/logger.js';
import { createMember, EnsembleConfig } from '../../src/membership/index.js';
import { createServer } from '../../src/server/create-server.js';
import type { EnsembleReplica } from '../../src/server/ensemble-replica.js';
import type { MemberServer } from '../../src/server/member-server.js';
import type { ServerPorts } from '../../src/server/server-ports.js';
import type { LiveView } from '../../src/server/view.js';
import { randomFrom } from '../../src/testing/random.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { type TraceFilter, TraceLog } from '../../src/trace/trace-log.js';
import type { Epochs } from '../../src/zab/epochs.js';
import type { Peer } from '../../src/zab/peer.js';
import type { SyncOptions } from '../../src/zab/sync-policy.js';
import { ManualScheduler } from './manual-scheduler.js';
import { SimulatedConnection } from './simulated-network.js';
import { SimulatedPeers } from './simulated-peers.js';
import { TestClient } from './test-client.js';

const quorumPort = 2888;
const electionPort = 3888;
const stepMs = 10;
const settleRoundsMax = 200_000;

/** One server of a test ensemble. The server is the production code, and its disk, network and clock are simulated. */
export class TestMember {
  readonly name: string;
  readonly disk = new SimulatedDisk();
  readonly scheduler = new ManualScheduler();
  readonly logged: string[] = [];
  failure: string | undefined;
  exitCode: number | undefined;
  server!: MemberServer;
  isUp = false;
  /** While true, writes in flight do not reach the disk. */
  isDiskHeld = false;
  #connections: SimulatedConnection[] = [];
  #clientPort = 40_000;

  constructor(
    readonly id: number,
    readonly ensemble: TestEnsemble,
  ) {
    this.name = `s${id}`;
    this.scheduler.nowMs += id * 137;
  }

  get database(): Database {
    return this.server.replica.database;
  }

  get clients(): Clients {
    return this.server.clients;
  }

  get view(): LiveView {
    return this.server.view;
  }

  get replica(): EnsembleReplica {
    return this.server.replica;
  }

  get peer(): Peer {
    return this.server.peer;
  }

  get epochs(): Epochs {
    return this.server.epochs;
  }

  start(): void {
    const { ensemble, scheduler, disk } = this;
    const ports: ServerPorts = {
      disk,
      scheduler,
      random: randomFrom(this.id * 1000 + 7),
      peers: ensemble.peers.networkOf(this.name),
      fileDescriptors: () => ({ open: undefined, max: undefined }),
      environment: () => [],
      trace: ensemble.trace && new TraceLog(ensemble.trace, this.#logger(), scheduler),
    };
    const failed = (reason: string, exitCode?: number) => {
      this.failure ??= reason;
      this.exitCode ??= exitCode;
    };
    this.server = createServer(ensemble.configFor(this.id), ports, this.#logger(), { failed }) as MemberServer;
    this.#prepare();
    this.server.start();
    this.isUp = true;
  }

  /** Waits until the first snapshot is on disk. If the disk already has a snapshot, `prepare()` writes none. */
  #prepare(): void {
    let isPrepared = false;
    this.server.prepare((error) => {
      if (error !== undefined) throw error;
      isPrepared = true;
    });
    while (!isPrepared) {
      this.scheduler.runTurn();
      this.disk.runPending();
    }
  }

  #logger(): Logger {
    const line = (level: string) => (message: string) => void this.logged.push(`${level} ${message}`);
    return { debug: line('DEBUG'), info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
  }

  /** Runs one step of the connections, the scheduler and the disk. Returns false if there was nothing to do. */
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

  /** Opens a client connection without opening a session. */
  open(): TestClient {
    const connection = new SimulatedConnection('127.0.0.1', this.#clientPort++);
    if (connection.attach((transport) => this.clients.accept(transport))) this.#connections.push(connection);
    return new TestClient(this.ensemble, connection);
  }

  /** Simulates a power failure: unsynced data may be lost. */
  crash(random: () => number): void {
    this.#gone();
    this.disk.crash(random);
  }

  /** Stops the server cleanly. */
  stop(): void {
    this.server.stop(() => {});
    this.#gone();
    this.disk.runPending();
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

/** An ensemble of simulated servers. The test controls the network between them. */
export class TestEnsemble {
  readonly peers = new SimulatedPeers();
  readonly members: TestMember[] = [];
  readonly tickTimeMs = 200;
  readonly observers: ReadonlySet<number>;
  readonly config: Partial<ServerConfig>;
  readonly sync: SyncOptions;
  readonly trace: TraceFilter | undefined;
  /** Returns the settings that only the server with this id has. */
  readonly configOf: (id: number) => Partial<ServerConfig>;
  /**
   * The configuration version with which a server starts, by server id. Servers that are not in the map start with
   * version 0.
   */
  readonly configVersions = new Map<number, number>();
  nowMs = 0;
  /** Called after each step of a server or of the network. */
  onStep: () => void = () => {};

  constructor(
    size: number,
    options: {
      observers?: readonly number[];
      config?: Partial<ServerConfig>;
      configOf?: (id: number) => Partial<ServerConfig>;
      sync?: Partial<SyncOptions>;
      trace?: TraceFilter;
    } = {},
  ) {
    this.observers = new Set(options.observers ?? []);
    this.config = options.config ?? {};
    this.trace = options.trace;
    this.configOf = options.configOf ?? (() => ({}));
    this.sync = { forcesSnapshots: false, snapshotsMax: 10, differencesMax: 100, ...options.sync };
    for (let id = 1; id <= size; id++) this.members.push(new TestMember(id, this));
  }

  member(id: number): TestMember {
    return this.members[id - 1]!;
  }

  /** Returns the settings of a server, as if read from its zoo.cfg. */
  configFor(myId: number): ServerConfig {
    const { tickTimeMs, sync } = this;
    return {
      ...defaultConfig(),
      dataDir: '/data',
      dataLogDir: '/data',
      preAllocSizeKb: 16,
      tickTimeMs,
      minSessionTimeoutMs: tickTimeMs * 2,
      maxSessionTimeoutMs: tickTimeMs * 20,
      ensemble: this.ensembleFor(myId),
      myId,
      initLimitTicks: 10,
      syncLimitTicks: 5,
      forceSnapshotSync: sync.forcesSnapshots,
      leaderMaxConcurrentSnapSyncs: sync.snapshotsMax,
      leaderMaxConcurrentDiffSyncs: sync.differencesMax,
      fastLeaderMinNotificationIntervalMs: 200,
      fastLeaderMaxNotificationIntervalMs: 5000,
      ...this.config,
      ...this.configOf(myId),
    };
  }

  ensembleFor(myId: number): EnsembleConfig {
    const members = this.members.map(({ id, name }) =>
      createMember(id, [{ host: name, quorumPort, electionPort }], {
        role: this.observers.has(id) ? 'observer' : 'participant',
      }),
    );
    return new EnsembleConfig(members, null, this.configVersions.get(myId) ?? 0);
  }

  start(): void {
    for (const member of this.members) if (!member.isUp) member.start();
  }

  /** Completes all work that needs no time to pass. */
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

  /** Lets time pass until the condition is true. */
  until(what: string, isSo: () => boolean, limitMs = 30_000): void {
    for (let passed = 0; passed < limitMs; passed += stepMs) {
      if (isSo()) return;
      this.advance(stepMs);
    }
    throw new Error(`${what}: not within ${limitMs} ms\n${this.story()}`);
  }

  get leader(): TestMember | undefined {
    return this.members.find((member) => member.isUp && member.peer.leader?.phase === 'broadcast');
  }

  /** Waits until all running servers serve clients. Returns their leader. */
  untilServing(): TestMember {
    this.until('all members serve', () => this.members.every((member) => !member.isUp || member.clients.isServing));
    return this.leader!;
  }

  /** Connects a client to a server and opens a session. */
  connect(id: number, options: Parameters<TestClient['connect']>[0] = {}): TestClient {
    const client = this.member(id).open();
    client.connect(options);
    return client;
  }

  /** Sends a four-letter word to a server and returns the reply. */
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
