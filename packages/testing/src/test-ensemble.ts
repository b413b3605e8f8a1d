import { type Credentials, digestId, type Ports, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { LocalEnsemble, type LocalServer, randomFrom, tcpClients } from '@nodekeeper/server/local';
import { Clients } from './clients.js';
import { TestClock } from './clock.js';
import type { EnsembleOptions, TestClientOptions } from './options.js';
import { TestServer } from './test-server.js';
import { applyChanges, TreeSnapshot } from './tree-snapshot.js';

/** A server of an ensemble: its id, from 1 on, or the object in `TestEnsemble.servers`. */
export type ServerRef = number | TestServer;

/**
 * A machine that a partition can cut off: a server, a client that `connect` returned, or `'clients'`, which means all
 * clients of the TCP ports together.
 */
export type Machine = ServerRef | ZooKeeper | 'clients';

const superPassword = 'nodekeeper-testing';
const faultLimitMs = 60_000;
const rollbackAttempts = 10;

/**
 * Servers in this process, with faults on demand. `startServer` and `startEnsemble` make it. Every method that takes a
 * server takes its id or its object. If there is only one server, it may be omitted.
 */
export class TestEnsemble implements AsyncDisposable {
  /** The clock of servers and clients. Only with the transport `memory` can a test move it. */
  readonly clock: TestClock;
  /** The servers, by their id: server 1 comes first. */
  readonly servers: readonly TestServer[];
  /** Credentials of the super user, whom no ACL stops: `zk.addAuth(superUser.scheme, superUser.auth)`. */
  readonly superUser: Credentials = { scheme: 'digest', auth: `super:${superPassword}` };
  readonly #local: LocalEnsemble;
  readonly #clients: Clients;
  #operator: Promise<ZooKeeper> | undefined;
  #snapshot: TreeSnapshot | undefined;
  #closed: Promise<void> | undefined;

  /** Use `startServer` or `startEnsemble`. */
  constructor(size: number, options: EnsembleOptions) {
    const { transport = 'ports', disk = 'memory', seed = 1, config, observers = 0, port, logger } = options;
    const random = transport === 'memory' ? randomFrom(seed) : undefined;
    this.#local = new LocalEnsemble({
      size,
      observers,
      transport,
      disk,
      config: { ...config, digestAuthSuperDigest: digestId('super', superPassword) },
      ...(port !== undefined && { port }),
      ...(random && { random }),
      ...(logger && { logger }),
    });
    this.clock = new TestClock(this.#local);
    this.servers = this.#local.servers.map((server) => new TestServer(this.#local, server));
    this.#clients = new Clients(this.#local, this.clock, random ?? Math.random);
  }

  /** Starts the servers. `startServer` and `startEnsemble` call it. */
  async start(): Promise<void> {
    try {
      await this.#local.start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  // ---- clients

  /**
   * The connect string for all servers. With the transport `ports`, any ZooKeeper client can use it. With `memory`, it
   * is of use only for a client with the option `ports: ensemble.ports()`.
   */
  get connectString(): string {
    return this.#local.addresses.join();
  }

  /** Connects a client. The client is closed at the end. With the transport `memory`, the clock moves if necessary. */
  connect(options?: TestClientOptions): Promise<ZooKeeper> {
    return this.#clients.connect(options);
  }

  /** Returns the option `ports` for a client that the test, or the program under test, makes itself. */
  ports(): Ports {
    return this.#clients.ports();
  }

  /**
   * Ends the session of a client on the servers, as if it had expired. Resolves when the client knows, or at once if
   * the client has no connection.
   */
  async expireSession(zk: ZooKeeper): Promise<void> {
    const isConnected = zk.server !== undefined;
    const expired = new Promise<void>((resolve) => zk.once('Expired', () => resolve()));
    const twin = await this.#clients.connect({ session: zk.session });
    await this.clock.until(twin.close());
    if (isConnected) await this.clock.until(expired);
  }

  // ---- the leader

  /** The server that leads, or the only server; undefined if no server leads. */
  get leader(): TestServer | undefined {
    const { leader } = this.#local;
    return leader && this.servers[leader.id - 1];
  }

  /**
   * Resolves when a server leads and serves clients. With the transport `memory`, the clock moves until then.
   *
   * @param options.not a server that must not be the leader: the one that led before a fault
   */
  async waitForLeader({ not }: { readonly not?: ServerRef } = {}): Promise<TestServer> {
    const other = not === undefined ? undefined : this.#serverOf('waitForLeader', not);
    const leaderIn = () => this.#local.servers.find((server) => server.isLeading && server !== other);
    await this.#local.timeline.until('waitForLeader', () => leaderIn() !== undefined, faultLimitMs);
    return this.servers[leaderIn()!.id - 1]!;
  }

  /** Resolves when every server that runs serves clients. With the transport `memory`, the clock moves until then. */
  untilServing(): Promise<void> {
    return this.#local.untilServing();
  }

  // ---- faults of the network

  /**
   * Cuts the network between each machine of one group and each machine of the other, until `heal`. Connections stay
   * open, but nothing arrives.
   */
  partition(groupA: Machine | readonly Machine[], groupB: Machine | readonly Machine[]): void {
    const [some, others] = [groupA, groupB].map((group) => [group].flat().map((machine) => this.#hostOf(machine)));
    for (const one of some!) {
      for (const other of others!) {
        if (one === other) throw new Error(`partition: ${one} is in both groups`);
        this.#local.network.cut(one, other, Number.POSITIVE_INFINITY);
        this.#local.network.cut(other, one, Number.POSITIVE_INFINITY);
      }
    }
  }

  #hostOf(machine: Machine): string {
    if (machine === 'clients') {
      if (this.#local.options.transport === 'ports') return tcpClients;
      throw new Error("partition: 'clients' are the clients of TCP ports, which only the transport 'ports' has");
    }
    if (typeof machine === 'number' || machine instanceof TestServer) return this.#serverOf('partition', machine).name;
    const host = this.#clients.hostOf(machine);
    if (host === undefined) {
      throw new Error("partition: connect() did not make this client. Use connect(), or 'clients' for all TCP clients");
    }
    return host;
  }

  /** Resets all connections of a client. The client reconnects. */
  disconnect(zk: ZooKeeper): void {
    const host = this.#hostOf(zk);
    for (const { name } of this.#local.servers) this.#local.network.reset(name, host);
  }

  /** Ends all partitions, and all faults of the disks. Servers that are down or paused stay so. */
  heal(): void {
    this.#local.network.heal();
    for (const { disk } of this.#local.servers) disk.heal();
  }

  // ---- faults of servers

  /** Ends a server at once, as `kill -9` does. Clients lose their connections. The files stay. */
  crash(server?: ServerRef): void {
    this.#serverOf('crash', server).crash();
  }

  /**
   * Starts a server again with its files. A server that runs is stopped cleanly first. Resolves when the server serves
   * clients, or when it accepts connections if no quorum of servers runs.
   */
  async restart(server?: ServerRef): Promise<void> {
    const restarted = this.#serverOf('restart', server);
    await restarted.stop();
    await restarted.released();
    await restarted.start();
    const { servers, options } = this.#local;
    const canServe = servers.filter(({ id, state }) => id <= options.size && state === 'up').length > options.size / 2;
    const isOver = () => restarted.isServing || restarted.state === 'down';
    if (canServe) await this.#local.timeline.until('restart: the server serves', isOver, faultLimitMs);
  }

  /** Stops a server without ending its connections, as SIGSTOP does. */
  pause(server?: ServerRef): void {
    this.#serverOf('pause', server).pause();
  }

  /** Lets a paused server continue. */
  resume(server?: ServerRef): void {
    this.#serverOf('resume', server).resume();
  }

  /** Delays each operation of the disk of a server by `ms` milliseconds, until `heal`. */
  slowDisk(ms: number): void;
  slowDisk(server: ServerRef, ms: number): void;
  slowDisk(serverOrMs: ServerRef, ms?: number): void {
    const [server, delayMs] = ms === undefined ? [undefined, serverOrMs] : [serverOrMs, ms];
    if (typeof delayMs !== 'number' || !(delayMs >= 0)) throw new Error(`slowDisk: expected milliseconds, got ${ms}`);
    this.#serverOf('slowDisk', server).disk.slowMs = delayMs;
  }

  /**
   * From now on the disk of a server fails every change with EIO, until `heal`. A standalone server acknowledges no
   * write until then. A member of an ensemble ends at its next write.
   */
  failDisk(server?: ServerRef): void {
    this.#serverOf('failDisk', server).disk.state = 'failing';
  }

  /** As `failDisk`, but only for changes that need room, which fail with ENOSPC. */
  fullDisk(server?: ServerRef): void {
    this.#serverOf('fullDisk', server).disk.state = 'full';
  }

  #serverOf(call: string, ref: ServerRef | undefined): LocalServer {
    const { servers } = this.#local;
    if (ref === undefined) {
      if (servers.length === 1) return servers[0]!;
      throw new Error(`${call}: say which server, 1 to ${servers.length}`);
    }
    const server = servers[(typeof ref === 'number' ? ref : ref.id) - 1];
    if (server === undefined)
      throw new Error(`${call}: there is no server ${ref}; there are servers 1 to ${servers.length}`);
    return server;
  }

  // ---- the tree between tests

  /** Remembers the tree for `rollback`: the data, ACL and kind of each node. */
  async snapshot(): Promise<void> {
    const leader = await this.waitForLeader();
    await this.#operatorClient();
    this.#snapshot = new TreeSnapshot(this.#treeOf(leader));
  }

  /**
   * Makes the tree equal to the last `snapshot`, by transactions: new nodes are deleted, changed nodes get their data
   * and ACL back, and deleted nodes are created again. Sessions stay, and watches fire. Versions and zxids continue to
   * grow. An ephemeral node that is gone does not come back.
   */
  async rollback(): Promise<void> {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) throw new Error('rollback: call snapshot() first');
    const leader = await this.waitForLeader();
    const operator = await this.#operatorClient();
    for (let attempt = 0; ; attempt++) {
      const changes = snapshot.changesFor(this.#treeOf(leader));
      if (changes === undefined) break;
      if (attempt === rollbackAttempts)
        throw new Error('rollback: clients change the tree at the same time. Stop them first');
      // a client may change the tree at the same time; the next comparison then finds what is left
      await this.clock.until(applyChanges(operator, changes)).catch((error) => {
        if (!ZooKeeperError.is(error) || error.outcome !== 'rejected') throw error;
      });
    }
    await this.#untilEqual(leader);
  }

  /** Waits until the servers that serve clients have all transactions of the leader. */
  #untilEqual(leader: TestServer): Promise<void> {
    const lastZxid = this.#treeOf(leader).lastZxid;
    const serving = this.#local.servers.filter((server) => server.isServing && !server.isPaused);
    const isEqual = () => serving.every((each) => !each.isServing || each.database.tree.lastZxid >= lastZxid);
    return this.#local.timeline.until(
      'rollback: a server does not follow the leader. Call heal() first',
      isEqual,
      5000,
    );
  }

  #treeOf({ id }: TestServer) {
    return this.#local.servers[id - 1]!.database.tree;
  }

  /** The client of the super user, which `rollback` uses. */
  #operatorClient(): Promise<ZooKeeper> {
    this.#operator ??= this.#clients.connect({ auth: [this.superUser], renewSession: true });
    return this.#operator;
  }

  // ---- the end

  /** Closes all clients and ends all servers. Removes the files. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#clients.close();
    await this.#local.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
