import { EventEmitter } from 'node:events';
import type {
  Create2Response,
  CreateTTLRequest,
  GetACLResponse,
  GetChildren2Response,
  GetDataResponse,
  GetEphemeralsResponse,
  Stat,
  WhoAmIResponse,
} from '@nodekeeper/protocol';
import { type Acl, anAcl, fromAclRecords, toAclRecords } from './acl.js';
import type { CloseOptions, Config, ConfigChange, ReadOptions, VersionOptions, WithCodec } from './call-options.js';
import { calls, checkArgument, checkOptions, none } from './calls.js';
import type { Encoder, ValueFor } from './codec.js';
import { addressText, type Ports } from './core/ports.js';
import { Session } from './core/session.js';
import type { SessionEvent, State } from './core/session-types.js';
import { type Created, type CreateOptions, createCall, nonEmptyAcl } from './create.js';
import { type Data, fromBytes, toBytes } from './data.js';
import { channels } from './diagnostics.js';
import { changeConfig, readConfig } from './ensemble-config.js';
import { MultiRead, type NodeData } from './multi/multi-read.js';
import { Transaction } from './multi/transaction.js';
import { nodePorts } from './node/node-ports.js';
import { type ClientOptions, type ConnectOptions, connecting, resolveOptions, serversOf } from './options.js';
import { Chroot } from './paths.js';
import { limitsOf, type RequestOptions, Requests, unwrap } from './requests.js';
import { SessionCalls } from './session-calls.js';
import type { ClientEvents, ClientStats, SessionChange, SessionCredentials } from './session-info.js';
import { checkWholeTree, type DeleteRecursiveOptions, deleteTree, withParents } from './tree.js';
import { callSafely, type WatchCallback, watchOf } from './watch/watch-event.js';
import type { WatchStream, WatchStreamOptions } from './watch/watch-stream.js';
import { WatchStreams } from './watch/watch-streams.js';
import { type AddWatchOptions, type RemoveWatchesOptions, Watches } from './watch/watches.js';

const anyVersion = -1;
const nothing = () => undefined;

/**
 * Starts a client and resolves when the client has a session.
 *
 * @param connectString `host[:port],host[:port]...[/chroot]`; default `127.0.0.1:2181`
 * @throws `OPERATIONTIMEOUT` after `connectTimeoutMs` (the text says why the last attempt failed), `SESSIONEXPIRED`
 * (the session to take over has expired), `AUTHFAILED`, `ABORTED` (by `signal`), `BADARGUMENTS` (an option is invalid)
 */
export async function connect(connectString?: string, connectOptions: ConnectOptions = none): Promise<ZooKeeper> {
  checkOptions(connecting, undefined, connectOptions);
  const { signal, ...options } = connectOptions;
  const zk = new ZooKeeper(connectString, options);
  try {
    await zk.connected({ timeoutMs: options.connectTimeoutMs ?? 30_000, ...(signal && { signal }) });
    return zk;
  } catch (error) {
    await zk.close();
    throw error;
  }
}

/**
 * A client of a ZooKeeper ensemble. Every method that fails rejects with a `ZooKeeperError`. The server carries out
 * requests in the order of the calls, even if the caller awaits none of them. A request that is made without a
 * connection waits for the next connection, as long as the session lives.
 */
export class ZooKeeper extends EventEmitter<ClientEvents> implements AsyncDisposable {
  /** The clock, the random numbers and the network that this client uses. */
  readonly ports: Ports;
  readonly #session: Session<WatchCallback>;
  readonly #sessionCalls: SessionCalls;
  readonly #requests: Requests;
  readonly #watches: Watches;
  readonly #chroot: Chroot;
  readonly #streams = new WatchStreams(this);

  /** Starts to connect, but does not wait for the session. The function `connect` waits. */
  constructor(connectString = '127.0.0.1:2181', options: ClientOptions = none) {
    super();
    const resolved = resolveOptions(connectString, options);
    this.#chroot = new Chroot(resolved.chroot);
    this.ports = resolved.ports ?? nodePorts(resolved.tls);
    this.#session = new Session<WatchCallback>(resolved.session, this.ports, {
      sessionEvent: (event, reason) => this.#onSessionEvent(event, reason),
      watchEvent: (watchers, type, path, zxid) => this.#watches.deliver(watchers, type, path, zxid),
      watchesInterrupted: (zxid) => this.#watches.interrupted(zxid),
    });
    const { requestTimeoutMs, chroot } = resolved;
    this.#sessionCalls = new SessionCalls(this.#session, this.ports.scheduler);
    this.#requests = new Requests(this.#session, this.ports.scheduler, requestTimeoutMs, chroot);
    this.#watches = new Watches(this.#requests, this.#chroot);
    for (const { scheme, auth } of resolved.auth) {
      this.#session.addAuth({ scheme, auth: Buffer.from(auth as Uint8Array), done: undefined });
    }
    this.#session.start();
  }

  // ---- the session

  /** The state of the connection and the session, with the names of the Java client; see `State`. */
  get state(): State {
    return this.#session.state;
  }

  /** The credentials of the session. A client with these credentials as its option `session` takes the session over. */
  get session(): SessionCredentials {
    const { sessionId, password, timeoutMs } = this.#session.identity;
    return { id: sessionId, password: Buffer.from(password), timeoutMs };
  }

  /** The connected server as `host:port`, spelled as in the connect string; undefined without a connection. */
  get server(): string | undefined {
    const { server } = this.#session;
    return server && addressText(server);
  }

  /** The zxid of the last change that this client has seen. A server whose last zxid is lower refuses the client. */
  get lastZxid(): number {
    return this.#session.lastZxid;
  }

  /** The prefix that the client adds to every path before it sends the path; empty without a chroot. */
  get chroot(): string {
    return this.#chroot.prefix;
  }

  /**
   * Resolves when the client has a session, even if its server is read-only.
   *
   * @throws `OPERATIONTIMEOUT`, `ABORTED`; `SESSIONEXPIRED`, `AUTHFAILED` or `CLOSED` if the session has ended
   */
  async connected(options: RequestOptions = none): Promise<void> {
    checkOptions(calls.connected, undefined, options);
    unwrap({ error: await this.#sessionCalls.connected(options), value: undefined });
  }

  /**
   * Ends the session; the server deletes the ephemeral nodes of the session. Requests made before the call are answered
   * first, and later requests fail with `CLOSED`. Without a connection, the session ends on the servers when it times
   * out. Rejects only for invalid options.
   */
  async close(options: CloseOptions = none): Promise<void> {
    checkOptions(calls.close, undefined, options);
    return this.#sessionCalls.close(options);
  }

  /** Calls `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Returns the totals since the client was created, and the current lengths of its queues. */
  stats(): ClientStats {
    return this.#sessionCalls.stats();
  }

  /** Replaces the list of servers. Returns true if this client leaves its server for another server of the list. */
  updateServers(connectString: string): boolean {
    return this.#session.updateServers(serversOf(connectString, this.chroot));
  }

  /** Adds an identity, such as `digest` with `user:password`. If a server rejects it, `AUTHFAILED` ends the session. */
  addAuth(scheme: string, auth: string | Uint8Array): Promise<void> {
    return this.#sessionCalls.addAuth(scheme, auth);
  }

  #onSessionEvent(event: SessionEvent, reason: string): void {
    const { state, identity, overFailure } = this.#session;
    const change: SessionChange = { event, state, reason };
    channels.session.publish({ event, reason, server: this.server, sessionId: identity.sessionId });
    if (overFailure !== undefined) this.#streams.end(overFailure.code === 'CLOSED' ? undefined : overFailure);
    this.#sessionCalls.changed();
    for (const name of ['state', event] as const) {
      // unlike `emit`, this loop calls every listener even if one of them throws
      for (const listener of this.rawListeners(name)) callSafely((told) => listener.call(this, told), change);
    }
  }

  // ---- nodes

  /**
   * Creates a node.
   *
   * @param data bytes, text, null for a node without data, or a value of the codec; default: empty
   * @throws `NONODE` (no parent), `NODEEXISTS`, `NOCHILDRENFOREPHEMERALS`, `NOAUTH`, `INVALIDACL`, `QUOTAEXCEEDED`
   */
  create(path: string, data?: Data, options?: CreateOptions & RequestOptions): Promise<Created>;
  create<Input>(
    path: string,
    data: ValueFor<Input>,
    options: CreateOptions & RequestOptions & WithCodec<unknown, Input>,
  ): Promise<Created>;
  async create(path: string, data: unknown = '', options: CreateOptions & RequestOptions = none): Promise<Created> {
    const { request, body } = createCall(calls.create, this.#chroot, path, data, options);
    // the cast is safe, because `createCall` returns the body that belongs to `request`
    return unwrap(
      await this.#requests.send(request, path, body.path!, body as CreateTTLRequest, this.#readCreated, options),
    );
  }

  readonly #readCreated = (response: Create2Response): Created => ({
    path: this.#chroot.toClient(response.path!),
    stat: response.stat,
  });

  /** Creates a node. First creates all missing nodes above it, as persistent empty nodes with `OPEN_ACL`. */
  createWithParents(path: string, data?: Data, options?: CreateOptions & RequestOptions): Promise<Created>;
  createWithParents<Input>(
    path: string,
    data: ValueFor<Input>,
    options: CreateOptions & RequestOptions & WithCodec<unknown, Input>,
  ): Promise<Created>;
  async createWithParents(
    path: string,
    data?: unknown,
    options: CreateOptions & RequestOptions = none,
  ): Promise<Created> {
    checkOptions(calls.createWithParents, path, options);
    return withParents(this, path, () => this.create(path, data as Data, options), limitsOf(options));
  }

  /**
   * Deletes a node.
   *
   * @throws `NONODE`, `NOTEMPTY`, `BADVERSION` if the node has another version than `options.version`, `NOAUTH`
   */
  async delete(path: string, options: VersionOptions & RequestOptions = none): Promise<void> {
    const serverPath = this.#chroot.accept(calls.delete, path, options);
    const body = { path: serverPath, version: options.version ?? anyVersion };
    unwrap(await this.#requests.send(calls.delete, path, serverPath, body, nothing, options));
  }

  /**
   * Deletes a node and its descendants. This is not one transaction: other clients may see a part of the tree deleted.
   * The path `/` requires the option `wholeTree`; the call then deletes all nodes except `/zookeeper`.
   */
  async deleteRecursive(path: string, options: DeleteRecursiveOptions = none): Promise<void> {
    this.#chroot.accept(calls.deleteRecursive, path, options);
    checkWholeTree(path, options);
    return deleteTree(this, path, limitsOf(options));
  }

  /**
   * Returns the Stat of a node, or null if the node does not exist. In both cases, `options.watch` sets a watch, which
   * is called when the node is created, changed or deleted.
   */
  async exists(path: string, options: ReadOptions = none): Promise<Stat | null> {
    const serverPath = this.#chroot.accept(calls.exists, path, options);
    const body = { path: serverPath, watch: options.watch !== undefined };
    const watch = watchOf('exists', options.watch);
    const settled = await this.#requests.send(calls.exists, path, serverPath, body, statOf, options, watch);
    return settled.error?.code === 'NONODE' ? null : unwrap(settled);
  }

  /**
   * Reads a node's data and Stat. Data is null if the node was created without data.
   *
   * @throws `NONODE` (no watch is set then), `NOAUTH`, `INVALID_DATA` if the codec cannot decode the data
   */
  get(path: string, options?: ReadOptions): Promise<NodeData>;
  get<Value>(path: string, options: ReadOptions & WithCodec<Value>): Promise<NodeData<Value>>;
  async get(path: string, options: ReadOptions & Partial<WithCodec<unknown>> = none): Promise<NodeData<unknown>> {
    const serverPath = this.#chroot.accept(calls.get, path, options);
    const body = { path: serverPath, watch: options.watch !== undefined };
    const { codec } = options;
    const read = ({ data, stat }: GetDataResponse) => ({ data: fromBytes(data, codec), stat });
    return unwrap(
      await this.#requests.send(calls.get, path, serverPath, body, read, options, watchOf('data', options.watch)),
    );
  }

  /**
   * Replaces a node's data.
   *
   * @throws `NONODE`, `BADVERSION` if the node has another version than `options.version`, `NOAUTH`, `QUOTAEXCEEDED`
   */
  set(path: string, data: Data, options?: VersionOptions & RequestOptions): Promise<Stat>;
  set<Input>(
    path: string,
    data: ValueFor<Input>,
    options: VersionOptions & RequestOptions & WithCodec<unknown, Input>,
  ): Promise<Stat>;
  async set(
    path: string,
    data: unknown,
    options: VersionOptions & RequestOptions & { readonly codec?: Encoder } = none,
  ): Promise<Stat> {
    const serverPath = this.#chroot.accept(calls.set, path, options);
    const body = {
      path: serverPath,
      data: toBytes('set', path, data, options.codec),
      version: options.version ?? anyVersion,
    };
    return unwrap(await this.#requests.send(calls.set, path, serverPath, body, statOf, options));
  }

  /**
   * Returns the Stat of a node, and the names of its children in no particular order. A watch is called when the list
   * of children changes or the node is deleted.
   *
   * @throws `NONODE` (no watch is set then), `NOAUTH`
   */
  async children(path: string, options: ReadOptions = none): Promise<{ children: string[]; stat: Stat }> {
    const serverPath = this.#chroot.accept(calls.children, path, options);
    const body = { path: serverPath, watch: options.watch !== undefined };
    const read = ({ children, stat }: GetChildren2Response) => ({ children: (children ?? []) as string[], stat });
    const watch = watchOf('children', options.watch);
    return unwrap(await this.#requests.send(calls.children, path, serverPath, body, read, options, watch));
  }

  /** Returns the number of all descendants of a node (ZooKeeper 3.6 and later). */
  async getAllChildrenNumber(path: string, options: RequestOptions = none): Promise<number> {
    const serverPath = this.#chroot.accept(calls.getAllChildrenNumber, path, options);
    const read = ({ totalNumber }: { totalNumber: number }) => totalNumber;
    return unwrap(
      await this.#requests.send(calls.getAllChildrenNumber, path, serverPath, { path: serverPath }, read, options),
    );
  }

  /** Returns this session's ephemeral paths that start with `prefix`, for example `/ab` for `/a` (3.6 and later). */
  async getEphemerals(prefix = '/', options: RequestOptions = none): Promise<string[]> {
    const prefixPath = this.#chroot.accept(calls.getEphemerals, prefix, options);
    const read = ({ ephemerals }: GetEphemeralsResponse) =>
      (ephemerals ?? []).map((path) => this.#chroot.toClient(path!));
    return unwrap(await this.#requests.send(calls.getEphemerals, prefix, prefixPath, { prefixPath }, read, options));
  }

  /** Returns a node's ACL and Stat. The server hides the digests from clients without the permission `ADMIN`. */
  async getAcl(path: string, options: RequestOptions = none): Promise<{ acl: Acl[]; stat: Stat }> {
    const serverPath = this.#chroot.accept(calls.getAcl, path, options);
    const read = ({ acl, stat }: GetACLResponse) => ({ acl: fromAclRecords(acl), stat });
    return unwrap(await this.#requests.send(calls.getAcl, path, serverPath, { path: serverPath }, read, options));
  }

  /** Replaces a node's ACL. `options.version` is compared with the Stat's `aversion`. */
  async setAcl(path: string, acl: readonly Acl[], options: VersionOptions & RequestOptions = none): Promise<Stat> {
    const serverPath = this.#chroot.accept(calls.setAcl, path, options);
    checkArgument(calls.setAcl, path, 'acl', anAcl, acl);
    const records = toAclRecords(nonEmptyAcl('setAcl', path, acl));
    const body = { path: serverPath, acl: records, version: options.version ?? anyVersion };
    return unwrap(await this.#requests.send(calls.setAcl, path, serverPath, body, statOf, options));
  }

  /** Makes all later reads see every change that the leader committed before this call. */
  async sync(path = '/', options: RequestOptions = none): Promise<void> {
    const serverPath = this.#chroot.accept(calls.sync, path, options);
    unwrap(await this.#requests.send(calls.sync, path, serverPath, { path: serverPath }, nothing, options));
  }

  /** Returns the identities of this client on the server: its address and users (ZooKeeper 3.7 and later). */
  async whoAmI(options: RequestOptions = none): Promise<{ scheme: string; user: string }[]> {
    checkOptions(calls.whoAmI, undefined, options);
    const read = ({ clientInfo }: WhoAmIResponse) =>
      (clientInfo ?? []).map(({ authScheme, user }) => ({ scheme: authScheme ?? '', user: user ?? '' }));
    return unwrap(await this.#requests.send(calls.whoAmI, undefined, undefined, undefined, read, options));
  }

  // ---- transactions and multi-reads

  /** Starts a transaction: writes that take effect together or not at all. Add steps, then call `commit`. */
  transaction(): Transaction {
    return new Transaction(this.#requests, this.#chroot);
  }

  /** Starts a multi-read: reads of one state of the tree (ZooKeeper 3.6 and later). Add steps, then call `run`. */
  multiRead(): MultiRead {
    return new MultiRead(this.#requests, this.#chroot);
  }

  // ---- watches

  /**
   * Watches a node and its list of children, as an async iterator. The watch is persistent. With `recursive` it covers
   * the subtree, with `once` it is one-shot. The client registers the watch at once, and the promise `ready` resolves
   * when the server has it. The iterator throws when the session expires, and ends when the client is closed.
   */
  watch(path: string, options: WatchStreamOptions = none): WatchStream {
    this.#chroot.accept(calls.watch, path, options);
    return this.#streams.open(path, options);
  }

  /** Adds a persistent or recursive watch, which lasts until it is removed or the session ends (3.6 and later). */
  addWatch(path: string, callback: WatchCallback, options: AddWatchOptions = none): Promise<void> {
    return this.#watches.add(path, callback, options);
  }

  /**
   * Removes watches. The last event of each is `DataWatchRemoved`, `ChildWatchRemoved` or `PersistentWatchRemoved`.
   *
   * @throws `NOWATCHER` if the path has no watch of this kind
   */
  removeWatches(path: string, options: RemoveWatchesOptions = none): Promise<void> {
    return this.#watches.remove(path, options);
  }

  // ---- the configuration of the ensemble

  /** Returns the configuration of the ensemble: `server.N=...` lines and a version. The chroot has no effect. */
  getConfig(options: ReadOptions = none): Promise<Config> {
    return readConfig(this.#requests, options);
  }

  /**
   * Changes the members of the ensemble. Resolves with the new configuration.
   *
   * @throws `RECONFIGDISABLED`, `RECONFIGINPROGRESS`, `NEWCONFIGNOQUORUM`, `BADVERSION`, `NOAUTH`
   */
  reconfig(change: ConfigChange, options: RequestOptions = none): Promise<Config> {
    return changeConfig(this.#requests, change, options);
  }
}

function statOf({ stat }: { stat: Stat }): Stat {
  return stat;
}
