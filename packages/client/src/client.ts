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
import { addressText } from './core/ports.js';
import { Session } from './core/session.js';
import type { SessionEvent, State } from './core/session-types.js';
import { type Created, type CreateOptions, createCall, nonEmptyAcl } from './create.js';
import { type Data, fromBytes, toBytes } from './data.js';
import { channels } from './diagnostics.js';
import { changeConfig, readConfig } from './ensemble-config.js';
import { MultiRead, type NodeData } from './multi/multi-read.js';
import { Transaction } from './multi/transaction.js';
import { nodePorts } from './node/node-ports.js';
import {
  type ClientOptions,
  type ConnectOptions,
  connecting,
  type ResolvedOptions,
  resolveOptions,
  serversOf,
} from './options.js';
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
 * Starts a client and resolves once it has a session.
 *
 * @param connectString `host[:port],host[:port]...[/chroot]`; default `127.0.0.1:2181`
 * @throws `OPERATIONTIMEOUT` after `connectTimeoutMs`, saying what went wrong with the last attempt; `SESSIONEXPIRED` if
 * the session to take over is no more; `AUTHFAILED`; `ABORTED` by `signal`; `BADARGUMENTS` for an option that cannot be
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
 * A client of a ZooKeeper ensemble. Everything rejects with a `ZooKeeperError`. Requests are carried out in the order in
 * which they are made, whether or not one waits for the one before; those made while there is no connection wait for
 * the next one, as long as the session lives.
 */
export class ZooKeeper extends EventEmitter<ClientEvents> implements AsyncDisposable {
  readonly #session: Session<WatchCallback>;
  readonly #sessionCalls: SessionCalls;
  readonly #requests: Requests;
  readonly #watches: Watches;
  readonly #chroot: Chroot;
  readonly #streams = new WatchStreams(this);

  /** Starts to connect and does not wait for it; `connect` does. */
  constructor(connectString = '127.0.0.1:2181', options: ClientOptions = none) {
    super();
    const resolved: ResolvedOptions = resolveOptions(connectString, options);
    this.#chroot = new Chroot(resolved.chroot);
    const ports = nodePorts(resolved.tls);
    this.#session = new Session<WatchCallback>(resolved.session, ports, {
      sessionEvent: (event, reason) => this.#onSessionEvent(event, reason),
      watchEvent: (watchers, type, path, zxid) => this.#watches.deliver(watchers, type, path, zxid),
      watchesInterrupted: (zxid) => this.#watches.interrupted(zxid),
    });
    const { requestTimeoutMs, chroot } = resolved;
    this.#sessionCalls = new SessionCalls(this.#session, ports.scheduler);
    this.#requests = new Requests(this.#session, ports.scheduler, requestTimeoutMs, chroot);
    this.#watches = new Watches(this.#requests, this.#chroot);
    for (const { scheme, auth } of resolved.auth) {
      this.#session.addAuth({ scheme, auth: Buffer.from(auth as Uint8Array), done: undefined });
    }
    this.#session.start();
  }

  // ---- the session

  /** Whether it is connected, named as in Java; see `State`. */
  get state(): State {
    return this.#session.state;
  }

  /** What another client needs to take the session over: pass it as the option `session`. */
  get session(): SessionCredentials {
    const { sessionId, password, timeoutMs } = this.#session.identity;
    return { id: sessionId, password: Buffer.from(password), timeoutMs };
  }

  /** The connected server as `host:port`, named as in the connect string; undefined while there is none. */
  get server(): string | undefined {
    const { server } = this.#session;
    return server && addressText(server);
  }

  /** The zxid of the last change that this client has seen. It never connects to a server that has not come as far. */
  get lastZxid(): number {
    return this.#session.lastZxid;
  }

  /** The prefix of every path in the server's tree; empty when there is none. */
  get chroot(): string {
    return this.#chroot.prefix;
  }

  /**
   * Resolves once there is a session, be it on a read-only server.
   *
   * @throws `OPERATIONTIMEOUT`, `ABORTED`, or what ended the session: `SESSIONEXPIRED`, `AUTHFAILED`, `CLOSED`
   */
  async connected(options: RequestOptions = none): Promise<void> {
    checkOptions(calls.connected, undefined, options);
    unwrap({ error: await this.#sessionCalls.connected(options), value: undefined });
  }

  /**
   * Ends the session, and with it its ephemeral nodes. Requests made before are answered first, later ones refused with
   * `CLOSED`. Without a connection it ends at once, and the servers find out when the session times out. Never
   * rejects, but for options that cannot be.
   */
  async close(options: CloseOptions = none): Promise<void> {
    checkOptions(calls.close, undefined, options);
    return this.#sessionCalls.close(options);
  }

  /** As `close`: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What the client has done so far, and what it waits for. */
  stats(): ClientStats {
    return this.#sessionCalls.stats();
  }

  /** Takes a new list of servers; the chroot stays. Clients spread over it evenly: true if this one changes its server. */
  updateServers(connectString: string): boolean {
    return this.#session.updateServers(serversOf(connectString, this.chroot));
  }

  /** Adds an identity, such as `digest`, `user:password`, on this and all later connections. `AUTHFAILED` ends the session. */
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
      // one by one, unlike `emit`, so that a listener that throws takes nothing from the others
      for (const listener of this.rawListeners(name)) callSafely((told) => listener.call(this, told), change);
    }
  }

  // ---- nodes

  /**
   * Creates a node.
   *
   * @param data default: empty; null for no data at all; with a codec, a value of it
   * @throws `NONODE` without a parent, `NODEEXISTS`, `NOCHILDRENFOREPHEMERALS`, `NOAUTH`, `INVALIDACL`, `QUOTAEXCEEDED`
   */
  create(path: string, data?: Data, options?: CreateOptions & RequestOptions): Promise<Created>;
  create<Input>(
    path: string,
    data: ValueFor<Input>,
    options: CreateOptions & RequestOptions & WithCodec<unknown, Input>,
  ): Promise<Created>;
  async create(path: string, data: unknown = '', options: CreateOptions & RequestOptions = none): Promise<Created> {
    const { request, body } = createCall(calls.create, this.#chroot, path, data, options);
    // the three records differ in the TTL alone, and the call says which one it is
    return unwrap(
      await this.#requests.send(request, path, body.path!, body as CreateTTLRequest, this.#readCreated, options),
    );
  }

  readonly #readCreated = (response: Create2Response): Created => ({
    path: this.#chroot.toClient(response.path!),
    stat: response.stat,
  });

  /** As `create`, and makes the nodes above it where they are missing: persistent, empty and open to all. */
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
   * @throws `NONODE`, `NOTEMPTY`, `BADVERSION` if it has another version than the one given, `NOAUTH`
   */
  async delete(path: string, options: VersionOptions & RequestOptions = none): Promise<void> {
    const serverPath = this.#chroot.accept(calls.delete, path, options);
    const body = { path: serverPath, version: options.version ?? anyVersion };
    unwrap(await this.#requests.send(calls.delete, path, serverPath, body, nothing, options));
  }

  /**
   * Deletes a node and all below it. Not one transaction: others may see it half done. Of `/` only with `wholeTree`, and
   * then all but `/zookeeper`.
   */
  async deleteRecursive(path: string, options: DeleteRecursiveOptions = none): Promise<void> {
    this.#chroot.accept(calls.deleteRecursive, path, options);
    checkWholeTree(path, options);
    return deleteTree(this, path, limitsOf(options));
  }

  /** The node's Stat, or null. A watch is left in both cases, and sees the node created, changed or deleted. */
  async exists(path: string, options: ReadOptions = none): Promise<Stat | null> {
    const serverPath = this.#chroot.accept(calls.exists, path, options);
    const body = { path: serverPath, watch: options.watch !== undefined };
    const watch = watchOf('exists', options.watch);
    const settled = await this.#requests.send(calls.exists, path, serverPath, body, statOf, options, watch);
    return settled.error?.code === 'NONODE' ? null : unwrap(settled);
  }

  /**
   * Reads a node's data and Stat. Data is null where the node was created without any.
   *
   * @throws `NONODE` (then no watch is left), `NOAUTH`, `INVALID_DATA` if the codec refuses it
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
   * @throws `NONODE`, `BADVERSION` if it has another version than the one given, `NOAUTH`, `QUOTAEXCEEDED`
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
   * The names of a node's children, in no particular order. A watch sees the list change or the node deleted.
   *
   * @throws `NONODE` (then no watch is left), `NOAUTH`
   */
  async children(path: string, options: ReadOptions = none): Promise<{ children: string[]; stat: Stat }> {
    const serverPath = this.#chroot.accept(calls.children, path, options);
    const body = { path: serverPath, watch: options.watch !== undefined };
    const read = ({ children, stat }: GetChildren2Response) => ({ children: (children ?? []) as string[], stat });
    const watch = watchOf('children', options.watch);
    return unwrap(await this.#requests.send(calls.children, path, serverPath, body, read, options, watch));
  }

  /** How many nodes there are below this one, at any depth (3.6 and later). */
  async getAllChildrenNumber(path: string, options: RequestOptions = none): Promise<number> {
    const serverPath = this.#chroot.accept(calls.getAllChildrenNumber, path, options);
    const read = ({ totalNumber }: { totalNumber: number }) => totalNumber;
    return unwrap(
      await this.#requests.send(calls.getAllChildrenNumber, path, serverPath, { path: serverPath }, read, options),
    );
  }

  /** The paths of this session's ephemeral nodes that begin with a prefix, as text: `/a` finds `/ab` too (3.6 and later). */
  async getEphemerals(prefix = '/', options: RequestOptions = none): Promise<string[]> {
    const prefixPath = this.#chroot.accept(calls.getEphemerals, prefix, options);
    const read = ({ ephemerals }: GetEphemeralsResponse) =>
      (ephemerals ?? []).map((path) => this.#chroot.toClient(path!));
    return unwrap(await this.#requests.send(calls.getEphemerals, prefix, prefixPath, { prefixPath }, read, options));
  }

  /** Who may do what with a node. Without the permission `ADMIN`, digests are hidden. */
  async getAcl(path: string, options: RequestOptions = none): Promise<{ acl: Acl[]; stat: Stat }> {
    const serverPath = this.#chroot.accept(calls.getAcl, path, options);
    const read = ({ acl, stat }: GetACLResponse) => ({ acl: fromAclRecords(acl), stat });
    return unwrap(await this.#requests.send(calls.getAcl, path, serverPath, { path: serverPath }, read, options));
  }

  /** Replaces a node's ACL; `version` is compared with the Stat's `aversion`. */
  async setAcl(path: string, acl: readonly Acl[], options: VersionOptions & RequestOptions = none): Promise<Stat> {
    const serverPath = this.#chroot.accept(calls.setAcl, path, options);
    checkArgument(calls.setAcl, path, 'acl', anAcl, acl);
    const records = toAclRecords(nonEmptyAcl('setAcl', path, acl));
    const body = { path: serverPath, acl: records, version: options.version ?? anyVersion };
    return unwrap(await this.#requests.send(calls.setAcl, path, serverPath, body, statOf, options));
  }

  /** Resolves when the connected server has come as far as the leader was: reads made after it see all until then. */
  async sync(path = '/', options: RequestOptions = none): Promise<void> {
    const serverPath = this.#chroot.accept(calls.sync, path, options);
    unwrap(await this.#requests.send(calls.sync, path, serverPath, { path: serverPath }, nothing, options));
  }

  /** Who this client is to the server: its address, and what `addAuth` told (3.7 and later). */
  async whoAmI(options: RequestOptions = none): Promise<{ scheme: string; user: string }[]> {
    checkOptions(calls.whoAmI, undefined, options);
    const read = ({ clientInfo }: WhoAmIResponse) =>
      (clientInfo ?? []).map(({ authScheme, user }) => ({ scheme: authScheme ?? '', user: user ?? '' }));
    return unwrap(await this.#requests.send(calls.whoAmI, undefined, undefined, undefined, read, options));
  }

  // ---- many at once

  /** Writes that are carried out together or not at all: add steps, then `commit`. */
  transaction(): Transaction {
    return new Transaction(this.#requests, this.#chroot);
  }

  /** Reads that are answered together, from one state of the tree (3.6 and later): add steps, then `run`. */
  multiRead(): MultiRead {
    return new MultiRead(this.#requests, this.#chroot);
  }

  // ---- watches

  /**
   * Watches a node, with the list of its children, as an async iterator: a persistent watch, or with `recursive` one on
   * the whole subtree, or with `once` a one-shot watch. It starts at once; `ready` tells when the server has it.
   * Throws when the session expires, ends when the client is closed.
   */
  watch(path: string, options: WatchStreamOptions = none): WatchStream {
    this.#chroot.accept(calls.watch, path, options);
    return this.#streams.open(path, options);
  }

  /** Leaves a recursive or persistent watch (3.6 and later), be there a node or not, until it is removed or the session ends. */
  addWatch(path: string, callback: WatchCallback, options: AddWatchOptions = none): Promise<void> {
    return this.#watches.add(path, callback, options);
  }

  /**
   * Takes watches off, and tells them so with `DataWatchRemoved`, `ChildWatchRemoved` or `PersistentWatchRemoved`.
   *
   * @throws `NOWATCHER` if there is none of the kind
   */
  removeWatches(path: string, options: RemoveWatchesOptions = none): Promise<void> {
    return this.#watches.remove(path, options);
  }

  // ---- the ensemble

  /** The ensemble's configuration (`server.N=...` lines and its version), wherever the client's chroot is. */
  getConfig(options: ReadOptions = none): Promise<Config> {
    return readConfig(this.#requests, options);
  }

  /**
   * Changes the ensemble and resolves with the new configuration.
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
