import { type Credentials, digestId, type Ports, type ZooKeeper } from '@nodekeeper/client';
import { LocalEnsemble, type LocalServer, randomFrom, tcpClients } from '@nodekeeper/server/local';
import { Clients } from './clients.js';
import { TestClock } from './clock.js';
import type { EnsembleOptions, TestClientOptions } from './options.js';
import { TestServer } from './test-server.js';
import { TreeKeeper } from './tree-keeper.js';

/** A server of an ensemble: its id, from 1 on, or the object in `TestEnsemble.servers`. */
export type ServerRef = number | TestServer;

/**
 * A machine that a partition can cut off: a server, a client that `connect` returned, or `'clients'`, which means all
 * clients of the TCP ports together.
 */
export type Machine = ServerRef | ZooKeeper | 'clients';

const superPassword = 'nodekeeper-testing';
const faultLimitMs = 60_000;

/**
 * Servers in this process, with faults on demand. `startServer` and `startEnsemble` make it. Every method that takes a
 * server takes its id or its object. If there is only one server, it may be omitted.
 */
export class TestEnsemble implements AsyncDisposable {
  /** The clock of servers and clients. Only with the transport `memory` can a test move it. */
  readonly clock: TestClock;
  /** The servers, by their id: server 1 comes first. */
  readonly servers: readonly TestServer[];
  /** Credentials of the super user, which no ACL restricts: `zk.addAuth(superUser.scheme, superUser.auth)`. */
  readonly superUser: Credentials = { scheme: 'digest', auth: `super:${superPassword}` };
  readonly #local: LocalEnsemble;
  readonly #clients: Clients;
  readonly #tree: TreeKeeper;
  #closed: Promise<void> | undefined;

  /** @internal Use `startServer` or `startEnsemble`. */
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
    this.#tree = new TreeKeeper(this.#local, this.clock, () =>
      this.#clients.connect({ auth: [this.superUser], renewSession: true }),
    );
  }

  /** @internal Starts the servers. `startServer` and `startEnsemble` call it. */
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
    if (zk.session.id === 0n) throw new Error('expireSession: the client has no session yet');
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
    this.#clients.loseReplies(zk, false);
    for (const { name } of this.#local.servers) this.#local.network.reset(name, host);
  }

  /**
   * Loses everything that the servers send to a client, until `disconnect` or `heal`. The servers carry out its
   * requests, but the client does not learn that.
   */
  loseReplies(zk: ZooKeeper): void {
    this.#hostOf(zk);
    this.#clients.loseReplies(zk, true);
  }

  /** Ends all partitions, lost replies, and faults of disks. Servers that are down or paused stay so. */
  heal(): void {
    this.#local.network.heal();
    for (const zk of this.#clients.losingReplies()) this.disconnect(zk);
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
    await this.waitForLeader();
    await this.#tree.snapshot();
    this.#clients.keepPresent();
  }

  /**
   * Makes the tree equal to the last `snapshot`, by transactions: new nodes are deleted, changed nodes get their data
   * and ACL back, and deleted nodes are created again. Sessions stay, and watches fire. Versions and zxids continue to
   * grow. An ephemeral node that is gone does not come back.
   */
  async rollback(): Promise<void> {
    await this.waitForLeader();
    await this.#tree.rollback();
  }

  /**
   * Undoes what a test has done since the last `snapshot`: ends all faults, starts the servers that are down, closes
   * the clients that were connected since then, and rolls the tree back. The fixtures call it after each test.
   */
  async reset(): Promise<void> {
    this.heal();
    for (const { id, isPaused, state } of this.#local.servers) {
      if (isPaused) this.resume(id);
      if (state === 'down') await this.restart(id);
    }
    await this.#clients.closeNew();
    await this.rollback();
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
