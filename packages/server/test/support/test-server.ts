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
/** A standalone server does not use the network between servers. */
const noPeers = {} as PeerNetwork;

/**
 * A standalone server that runs the production code. Its disk, network, clock and randomness are simulated, and the
 * test controls them.
 */
export class TestServer {
  readonly disk: SimulatedDisk;
  readonly scheduler = new ManualScheduler();
  readonly config: ServerConfig;
  /** The log lines except debug lines, in the form `LEVEL text`. */
  readonly logged: string[] = [];
  server!: StandaloneServer;
  /**
   * If true, disk operations wait until the test completes them one by one. If false, `settle` completes all of them.
   */
  diskIsSlow = false;
  #connections: SimulatedConnection[] = [];
  #port = 40_000;

  readonly #trace: TraceFilter | undefined;
  /** Gets each answered write. A new value takes effect at the next start of the server. */
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

  /** Completes all work that needs no time to pass. */
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

  /** Completes the waiting operations of a slow disk one by one. Then sets `diskIsSlow` to false. */
  finishSlowDisk(): void {
    this.settle();
    while (this.database.log.inFlight || this.database.snapshots.isRunning) {
      this.disk.runPending(1);
      this.settle();
    }
    this.diskIsSlow = false;
    this.settle();
  }

  /** Lets time pass, and runs each timer when it is due. */
  advance(ms: number): void {
    const untilMs = this.scheduler.nowMs + ms;
    do this.settle();
    while (this.scheduler.step(untilMs));
    this.settle();
  }

  /** Opens a client connection without opening a session. */
  open(address = '127.0.0.1'): TestClient {
    const connection = new SimulatedConnection(address, this.#port++);
    if (connection.attach((transport) => this.clients.accept(transport))) this.#connections.push(connection);
    return new TestClient(this, connection);
  }

  /** Connects a client and opens a session. */
  connect(options: ConnectOptions = {}, address?: string): TestClient {
    const client = this.open(address);
    if (client.connect(options) === undefined) throw new Error(`no session: ${this.logged.at(-1)}`);
    return client;
  }

  /** Stops the server cleanly, and starts it again with the same disk. */
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

  /** Simulates a power failure, and starts the server again. */
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
