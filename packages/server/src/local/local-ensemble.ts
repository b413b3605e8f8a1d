import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultConfig, type ServerConfig } from '../config/server-config.js';
import { MemoryDisk } from '../in-memory/memory-disk.js';
import { Network } from '../in-memory/network.js';
import { Process } from '../in-memory/process.js';
import { type Logger, silentLogger } from '../log/logger.js';
import { createMember, EnsembleConfig } from '../membership/index.js';
import type { Random } from '../ports/clock.js';
import { nodeDisk } from '../ports/node/node-disk.js';
import { nodeRandom } from '../ports/node/node-random.js';
import { ClientPort, localHost, memoryClientPort, tcpClients } from './client-port.js';
import { ManualTimeline, RealTimeline } from './clocks.js';
import { LocalServer, nameOf } from './local-server.js';

/** Settings of servers in this process. */
export interface LocalEnsembleOptions {
  /** The number of voters. A single one runs standalone. */
  readonly size: number;
  /** The number of observers, which run in addition to the voters. */
  readonly observers?: number;
  /**
   * `ports`: clients connect to TCP ports of 127.0.0.1, and the time is real. `memory`: clients connect in memory, and
   * the time moves only when a test moves it.
   */
  readonly transport: 'ports' | 'memory';
  readonly disk: 'memory' | 'directory';
  /** The TCP port of the first server; 0 picks free ports. The other servers get free ports. */
  readonly port?: number;
  readonly config?: Partial<ServerConfig>;
  /** The source of the random numbers of the servers. Default: unpredictable numbers. */
  readonly random?: Random;
  readonly logger?: Logger;
}

const quorumPort = 2888;
const electionPort = 3888;
/** No delays and no accidents. A chunk holds everything that has arrived. */
const rates = { delayMsMin: 0, delayMs: 0, gapMs: 0, handlerMs: 0, cut: 0, windowBytes: 1024 * 1024, tailLost: 0 };
/** Timeouts for tests: short, but longer than a pause of a busy machine. */
const timing = {
  tickTimeMs: 100,
  minSessionTimeoutMs: 200,
  maxSessionTimeoutMs: 600_000,
  initLimitTicks: 50,
  syncLimitTicks: 10,
  connectToLearnerMasterLimitTicks: 50,
  fastLeaderMaxNotificationIntervalMs: 1000,
};
const startLimitMs = 60_000;
const closeLimitMs = 10_000;

/**
 * Whole servers in this process. They talk to each other through a network in memory. With real ports, a client of any
 * kind can connect.
 */
export class LocalEnsemble {
  readonly timeline: RealTimeline | ManualTimeline;
  readonly network: Network;
  readonly servers: readonly LocalServer[];
  readonly options: LocalEnsembleOptions;
  readonly #directory: string | undefined;

  constructor(options: LocalEnsembleOptions) {
    const { size, observers = 0, transport, disk, random = nodeRandom, logger = silentLogger } = options;
    this.options = options;
    this.timeline = transport === 'ports' ? new RealTimeline() : new ManualTimeline();
    this.network = new Network(this.timeline, rates, () => 0.5);
    const clients = this.addHost(tcpClients);
    clients.begin();
    this.#directory = disk === 'directory' ? mkdtempSync(join(tmpdir(), `nodekeeper-${process.pid}-`)) : undefined;
    const surroundings = { network: this.network, random, logger };
    this.servers = Array.from({ length: size + observers }, (_, index) => {
      const id = index + 1;
      const files = disk === 'directory' ? nodeDisk : new MemoryDisk((work) => work());
      const port = index === 0 ? (options.port ?? 0) : 0;
      const clientPort = transport === 'ports' ? new ClientPort(this.network, nameOf(id), port) : undefined;
      return new LocalServer(surroundings, { id, files, clientPort });
    });
    if (transport === 'memory') return;
    for (const { process } of this.servers) process.wallOffsetMs = Date.now() - process.wallMs();
  }

  /** Adds a machine to the network in memory, for a client. */
  addHost(name: string): Process {
    const process = new Process(
      this.timeline,
      name,
      () => 0,
      (work) => work(),
    );
    this.network.hosts.set(name, { process, isOn: true, address: localHost });
    return process;
  }

  /** The addresses of the servers, as in a connect string. */
  get addresses(): string[] {
    return this.servers.map(({ name, clientPort }) =>
      clientPort === undefined ? `${name}:${memoryClientPort}` : `${localHost}:${clientPort.port}`,
    );
  }

  /** Starts all servers. Resolves when all of them serve clients. */
  async start(): Promise<void> {
    await Promise.all(this.servers.map(({ clientPort }) => clientPort?.open()));
    for (const server of this.servers) server.config = this.#configOf(server);
    await Promise.all(this.servers.map((server) => server.start()));
    await this.untilServing();
  }

  #configOf({ id }: LocalServer): ServerConfig {
    const { size, observers = 0, config } = this.options;
    const dataDir = this.#directory === undefined ? `/${nameOf(id)}` : join(this.#directory, nameOf(id));
    const isAlone = size + observers === 1;
    return {
      ...defaultConfig(),
      ...timing,
      preAllocSizeKb: 64,
      snapCount: 10_000,
      maxClientCnxns: 0,
      fourLetterWordWhitelist: ['*'],
      ...config,
      dataDir,
      dataLogDir: dataDir,
      ensemble: isAlone ? null : this.#members(),
      myId: isAlone ? null : id,
    };
  }

  #members(): EnsembleConfig {
    const members = this.servers.map(({ id, name, clientPort }) =>
      createMember(id, [{ host: name, quorumPort, electionPort }], {
        role: id > this.options.size ? 'observer' : 'participant',
        clientAddress: clientPort === undefined ? null : { host: localHost, port: clientPort.port },
      }),
    );
    return new EnsembleConfig(members);
  }

  /** The server that leads. A leader that is cut off leads for a while longer, in an older epoch than its successor. */
  get leader(): LocalServer | undefined {
    const zxidOf = ({ database }: LocalServer) => database.tree.lastZxid;
    return this.servers.filter(({ isLeading }) => isLeading).sort((one, other) => zxidOf(other) - zxidOf(one))[0];
  }

  /** Resolves when all servers that run serve clients, and one of them leads. */
  untilServing(): Promise<void> {
    const isServing = () => {
      const running = this.servers.filter(({ state, isPaused }) => state === 'up' && !isPaused);
      return this.leader !== undefined && running.every((server) => server.isServing);
    };
    return this.timeline.until('all servers serve clients', isServing, startLimitMs);
  }

  /** Ends all servers at once and removes their files. */
  async close(): Promise<void> {
    for (const server of this.servers) server.crash();
    this.network.heal();
    await this.timeline.until('every connection is closed', () => this.network.ends.size === 0, closeLimitMs);
    await Promise.all(this.servers.map((server) => server.released()));
    this.timeline.end();
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
