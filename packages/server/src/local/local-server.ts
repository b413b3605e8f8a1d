import type { ServerConfig } from '../config/server-config.js';
import type { Database } from '../database/database.js';
import { FaultyDisk } from '../in-memory/faulty-disk.js';
import type { Host, Network } from '../in-memory/network.js';
import { Process } from '../in-memory/process.js';
import type { Logger } from '../log/logger.js';
import type { Random } from '../ports/clock.js';
import { type Disk, DiskError } from '../ports/disk.js';
import { createServer } from '../server/create-server.js';
import type { MemberServer } from '../server/member-server.js';
import type { StandaloneServer } from '../server/standalone-server.js';
import { type ClientPort, memoryClientPort } from './client-port.js';

/** The parts that the servers of an ensemble share. */
interface Surroundings {
  readonly network: Network;
  readonly random: Random;
  readonly logger: Logger;
}

interface LocalServerOptions {
  readonly id: number;
  readonly files: Disk;
  /** The TCP port for clients; undefined if clients connect only in memory. */
  readonly clientPort: ClientPort | undefined;
}

const steady = () => 0;

/** A server in this process: the code of the server, with a disk, a network and an event loop that can have faults. */
export class LocalServer implements Host {
  readonly id: number;
  readonly name: string;
  readonly isOn = true;
  readonly process: Process;
  readonly disk: FaultyDisk;
  readonly clientPort: ClientPort | undefined;
  state: 'down' | 'up' = 'down';
  isPaused = false;
  /** Why the server has ended itself; undefined if it has not. */
  failure: string | undefined;
  config!: ServerConfig;
  readonly #surroundings: Surroundings;
  #server: StandaloneServer | MemberServer | undefined;
  /** Called with the error of a start that fails. */
  #startFailed: (error: Error) => void = () => {};

  constructor(surroundings: Surroundings, { id, files, clientPort }: LocalServerOptions) {
    this.#surroundings = surroundings;
    this.id = id;
    this.name = nameOf(id);
    this.clientPort = clientPort;
    this.process = new Process(surroundings.network.world, this.name, steady, (work) => this.#guard(work));
    this.disk = new FaultyDisk(files, this.process);
    surroundings.network.hosts.set(this.name, this);
  }

  // ---- observations

  get #running(): StandaloneServer | MemberServer | undefined {
    return this.state === 'up' ? this.#server : undefined;
  }

  get isServing(): boolean {
    return this.#running?.clients.isServing === true;
  }

  /** True if the server serves clients and decides about writes: as the leader, or as the only server. */
  get isLeading(): boolean {
    return this.isServing && !this.isPaused && ['leader', 'standalone'].includes(this.#server!.view.mode);
  }

  get mode(): string | undefined {
    return this.isServing ? this.#server!.view.mode : undefined;
  }

  /** The database of the running server. */
  get database(): Database {
    const server = this.#running;
    if (server === undefined) throw new Error(`server ${this.id} is not running`);
    return 'parts' in server ? server.parts.database : server.replica.database;
  }

  // ---- life

  /** Starts the server. Resolves when its files are read and it accepts connections. */
  async start(): Promise<void> {
    if (this.state === 'up') return;
    await this.clientPort?.open();
    this.state = 'up';
    this.failure = undefined;
    this.process.begin();
    await new Promise<void>((started, failed) => {
      this.#startFailed = failed;
      this.#guard(() => this.#start(started));
    });
  }

  #start(started: () => void): void {
    const { network, random, logger } = this.#surroundings;
    const { name, process, disk } = this;
    this.#server = undefined;
    const ports = {
      disk,
      scheduler: process,
      random,
      peers: network.peersOf(name),
      fileDescriptors: () => ({ open: undefined, max: undefined }),
      environment: () => [],
    };
    const failed = (reason: string) => process.post(0, () => this.#fails(new Error(reason)));
    const server = createServer(this.config, ports, logger, { failed });
    server.prepare((error) => {
      if (error !== undefined) throw error;
      this.#server = server;
      server.view.clientPort = this.clientPort?.port ?? memoryClientPort;
      network.listen(name, memoryClientPort, (transport) => server.clients.accept(transport));
      server.start();
      started();
    });
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof DiskError) && this.#server !== undefined) throw error;
      this.#fails(error as Error);
    }
  }

  /** Ends the server for a reason, as a server does that runs alone in its process. */
  #fails(error: Error): void {
    this.failure = error.message;
    this.#surroundings.logger.error(`server ${this.id} ends: ${error.message}`);
    this.crash();
    this.#startFailed(error);
  }

  /** Ends the server at once, as if its process were killed. Its files stay as they are. */
  crash(): void {
    if (this.state === 'down') return;
    this.state = 'down';
    this.#server = undefined;
    this.clientPort?.close();
    this.#surroundings.network.gone(this.name, 'kill');
    this.process.end();
    this.resume();
  }

  /** Stops the server cleanly: it closes its connections and writes its log. */
  async stop(): Promise<void> {
    const server = this.#running;
    if (server === undefined) return;
    this.resume();
    this.clientPort?.close();
    await new Promise<void>((stopped) => this.process.post(0, () => server.stop(stopped)));
    this.crash();
  }

  /** Resolves when no operation of the disk is in progress, and releases the files. */
  released(): Promise<void> {
    return new Promise((released) => this.disk.release(released));
  }

  /** Stops the event loop of the server, as SIGSTOP does. Its connections stay open. */
  pause(): void {
    if (this.state === 'down') return;
    this.isPaused = true;
    this.process.pause(Number.POSITIVE_INFINITY);
  }

  resume(): void {
    this.isPaused = false;
    this.process.resume();
  }
}

export function nameOf(id: number): string {
  return `s${id}`;
}
