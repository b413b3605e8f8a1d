import { defaultConfig, type ServerConfig } from '../../src/config/server-config.js';
import type { Logger } from '../../src/log/logger.js';
import { loadDatabase } from '../../src/pipeline/load-database.js';
import { ServerCore } from '../../src/pipeline/server-core.js';
import { openDirectories } from '../../src/storage/open-directories.js';
import { randomFrom } from '../../src/testing/random.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import type { ConnectOptions } from '../../src/testing/wire.js';
import { ManualScheduler } from './manual-scheduler.js';
import { SimulatedConnection } from './simulated-network.js';
import { TestClient } from './test-client.js';

const settleRoundsMax = 100_000;

/** The whole server in one process with nothing real in it: disk, network, clock and chance belong to the test. */
export class TestServer {
  readonly disk: SimulatedDisk;
  readonly scheduler = new ManualScheduler();
  readonly config: ServerConfig;
  /** `LEVEL text` of everything logged, debug aside. */
  readonly logged: string[] = [];
  core!: ServerCore;
  /** Completed one by one by the test, or all by `settle`. */
  diskIsSlow = false;
  #connections: SimulatedConnection[] = [];
  #port = 40_000;
  #lock: { release(): void } | undefined;

  constructor(config: Partial<ServerConfig> = {}, disk = new SimulatedDisk()) {
    this.disk = disk;
    this.config = { ...defaultConfig(), dataDir: '/data', dataLogDir: '/data', preAllocSizeKb: 16, ...config };
    this.start();
  }

  start(): void {
    this.#lock = openDirectories(this.disk, this.config);
    try {
      this.#load();
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  #load(): void {
    const logger = this.#logger();
    const database = loadDatabase(this.disk, this.config, [4, 2], logger, this.scheduler);
    const ports = {
      disk: this.disk,
      scheduler: this.scheduler,
      random: randomFrom(7),
      fileDescriptors: () => ({ open: undefined, max: undefined }),
      environment: () => [],
    };
    this.core = new ServerCore(this.config, ports, database, logger);
    if (database.recovered.snapshotZxid < 0) {
      this.core.snapshots.take((error) => {
        if (error !== undefined) throw error;
      });
      this.settle();
    }
    this.core.start();
  }

  #logger(): Logger {
    const line = (level: string) => (message: string) => void this.logged.push(`${level} ${message}`);
    return { debug() {}, info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
  }

  /** Lets everything happen that can without time passing. */
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

  /** Lets a slow disk do what is waiting, call by call, and makes it quick again. */
  finishSlowDisk(): void {
    this.settle();
    while (this.core.log.inFlight || this.core.snapshots.isRunning) {
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
    if (connection.attach((transport) => this.core.accept(transport))) this.#connections.push(connection);
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
    this.core.stop();
    this.settle();
    this.#lock?.release();
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
