import assert from 'node:assert/strict';
import type { Audit } from '../../src/clients/audit.js';
import type { Clients } from '../../src/clients/clients.js';
import { defaultConfig, type ServerConfig } from '../../src/config/server-config.js';
import type { Database } from '../../src/database/database.js';
import type { Logger } from '../../src/log/logger.js';
import type { PeerNetwork } from '../../src/ports/network.js';
import { createServer } from '../../src/server/create-server.js';
import type { ServerPorts } from '../../src/server/server-ports.js';
import type { StandaloneServer } from '../../src/server/standalone-server.js';
import type { LiveView } from '../../src/server/view.js';
import { randomFrom } from '../../src/testing/random.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import type { ConnectOptions } from '../../src/testing/wire.js';
import { type TraceFilter, TraceLog } from '../../src/trace/trace-log.js';
import { ManualScheduler } from './manual-scheduler.js';
import { SimulatedConnection } from './simulated-network.js';
import { TestClient } from './test-client.js';

const settleRoundsMax = 100_000;
/** A standalone server has no ensemble options. */
const noPeers = {} as PeerNetwork;

/** The whole server with simulated disk, network, clock and randomness, which the test controls. */
export class TestServer {
  readonly disk: SimulatedDisk;
  readonly scheduler = new ManualScheduler();
  readonly config: ServerConfig;
  /** `LEVEL text` of all log lines except debug. */
  readonly logged: string[] = [];
  server!: StandaloneServer;
  /** The test completes its operations one by one, or `settle` completes all. */
  diskIsSlow = false;
  #connections: SimulatedConnection[] = [];
  #port = 40_000;

  readonly #trace: TraceFilter | undefined;
  /** Gets each answered write. It counts from the next start of the server. */
  audit: Audit | undefined;

  constructor(config: Partial<ServerConfig> = {}, disk = new SimulatedDisk(), trace?: TraceFilter) {
    this.#trace = trace;
    this.disk = disk;
    this.config = { ...defaultConfig(), dataDir: '/data', dataLogDir: '/data', preAllocSizeKb: 16, ...config };
    this.start();
  }

  start(): void {
    const ports: ServerPorts = {
      disk: this.disk,
      scheduler: this.scheduler,
      random: randomFrom(7),
      peers: noPeers,
      fileDescriptors: () => ({ open: undefined, max: undefined }),
      environment: () => [],
      audit: this.audit,
      trace: this.#trace && new TraceLog(this.#trace, this.#logger(), this.scheduler),
    };
    const failed = (reason: string) => assert.fail(reason);
    this.server = createServer(this.config, ports, this.#logger(), { failed }) as StandaloneServer;
    let error: Error | undefined;
    this.server.prepare((outcome) => {
      error = outcome;
    });
    this.settle();
    if (error !== undefined) throw error;
    this.server.start();
  }

  get database(): Database {
    return this.server.parts.database;
  }

  get clients(): Clients {
    return this.server.clients;
  }

  get view(): LiveView {
    return this.server.view;
  }

  #logger(): Logger {
    const line = (level: string) => (message: string) => void this.logged.push(`${level} ${message}`);
    return { debug() {}, info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
  }

  /** Does everything that needs no time. */
  settle(): void {
    for (let round = 0; round < settleRoundsMax; round++) {
      let moved = false;
      for (const connection of this.#connections) if (connection.deliver()) moved = true;
      if (this.scheduler.runTurn()) moved = true;
      if (!this.diskIsSlow && this.disk.pendingCount > 0) {
        this.disk.runPending();
        moved = true;
      }
      if (!moved) {
        this.#connections = this.#connections.filter((connection) => connection.open);
        return;
      }
    }
    throw new Error('the server does not come to rest');
  }

  /** Completes the waiting operations of a slow disk one by one, and makes it quick again. */
  finishSlowDisk(): void {
    this.settle();
    while (this.database.log.inFlight || this.database.snapshots.isRunning) {
      this.disk.runPending(1);
      this.settle();
    }
    this.diskIsSlow = false;
    this.settle();
  }

  /** Lets time pass, timer by timer. */
  advance(ms: number): void {
    const untilMs = this.scheduler.nowMs + ms;
    do this.settle();
    while (this.scheduler.step(untilMs));
    this.settle();
  }

  /** A connection without a session. */
  open(address = '127.0.0.1'): TestClient {
    const connection = new SimulatedConnection(address, this.#port++);
    if (connection.attach((transport) => this.clients.accept(transport))) this.#connections.push(connection);
    return new TestClient(this, connection);
  }

  /** A client with a session. */
  connect(options: ConnectOptions = {}, address?: string): TestClient {
    const client = this.open(address);
    if (client.connect(options) === undefined) throw new Error(`no session: ${this.logged.at(-1)}`);
    return client;
  }

  /** A clean stop, and a start on the same disk. */
  restart(): void {
    let isStopped = false;
    this.server.stop(() => {
      isStopped = true;
    });
    this.settle();
    assert(isStopped, 'the server does not stop');
    this.#gone();
    this.start();
  }

  /** The power fails and comes back. */
  crash(random: () => number): void {
    this.#gone();
    this.disk.crash(random);
    this.diskIsSlow = false;
    this.start();
  }

  #gone(): void {
    this.scheduler.forget();
    for (const connection of this.#connections) {
      connection.open = false;
      connection.onClose();
    }
    this.#connections = [];
  }

  get warnings(): string[] {
    return this.logged.filter((line) => !line.startsWith('INFO'));
  }
}
