import { type CreateMode, type Data, type Stat, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, isConnectionLoss, runCall, type WaitOptions } from '../foundation/call.js';
import { Condition } from '../foundation/condition.js';
import { RecipeError, recipeError } from '../foundation/errors.js';
import { childOf, ensureContainer, nameOf, parentOf } from '../foundation/parents.js';
import { isRenewed, SessionGuard } from '../foundation/session-guard.js';
import { uuid } from '../foundation/unique-id.js';
import { Repeater } from './repeater.js';
import { WantedData } from './wanted-data.js';

interface KeptNodeOptions {
  readonly mode: CreateMode;
  /** Required by the modes with TTL. */
  readonly ttlMs?: number;
  /** True: the node stays when its keeper closes. */
  readonly stays?: boolean;
}

interface KeptNodeListener {
  /** The node exists, and this client has created it or adopted it. */
  created(path: string): void;
  /** A node of another client has the path. This client waits until it is gone. */
  blocked(path: string): void;
  /** The server refuses new data. The node keeps its earlier data. */
  refused(error: RecipeError): void;
  /** The node cannot be kept any more. Called only after the first creation, because `start` rejects before. */
  failed(error: RecipeError): void;
}

/**
 * Keeps a node with certain data in the tree: creates it, and creates it again when it was deleted or when the session
 * of the client has expired. All requests come from one loop, which compares the tree with what it should be.
 */
export class KeptNode {
  readonly #caller: Caller;
  /** The path without the prefix and the number of a sequential node. */
  readonly #basePath: string;
  readonly #options: KeptNodeOptions;
  readonly #listener: KeptNodeListener;
  readonly #condition = new Condition();
  readonly #closing = new AbortController();
  readonly #repeater = new Repeater(() => this.#settle());
  #closed: Promise<void> | undefined;
  /** The text that makes a sequential node recognisable, as Curator writes it. */
  readonly #protection: string;
  /** The path of the node; undefined as long as the number of a sequential node is unknown. */
  #path: string | undefined;
  /** True if this client may have created or adopted the node. */
  #mayExist = false;
  /** The session in which the node was found last. */
  #sessionId = 0n;
  readonly #data: WantedData;
  /** The sessions of this client that may own an ephemeral node. */
  readonly #sessionIds = new Set<bigint>();
  #isThere = false;
  #wasThere = false;
  #isBlocked = false;
  #failure: RecipeError | undefined;
  #forgetSession: (() => void) | undefined;

  constructor(caller: Caller, path: string, data: Data, options: KeptNodeOptions, listener: KeptNodeListener) {
    this.#caller = caller;
    this.#basePath = path;
    this.#options = options;
    this.#listener = listener;
    this.#data = new WantedData(data);
    this.#protection = `_c_${uuid(caller.zk.ports.random)}-`;
    this.#path = options.mode.includes('SEQUENTIAL') ? undefined : path;
  }

  /** The path of the node while it exists, as far as this client knows; otherwise undefined. */
  get path(): string | undefined {
    return this.#isThere ? this.#path : undefined;
  }

  /**
   * Resolves with the path when the node exists for the first time. If the call rejects, the keeper is closed, and the
   * node is deleted, if necessary in the background.
   */
  async start(options: WaitOptions): Promise<string> {
    this.#repeater.request();
    try {
      return await this.untilThere(options);
    } catch (error) {
      this.close().catch(() => {});
      throw error;
    }
  }

  /** Resolves with the path when the node exists. */
  untilThere(options: WaitOptions): Promise<string> {
    return this.#until(options, () => this.path);
  }

  /** Resolves when the node has this data or later data. The data stays wanted if the call ends early. */
  async setData(data: Data, options: WaitOptions): Promise<void> {
    const number = this.want(data);
    await this.#until(options, () => this.#data.hasReached(number) || undefined);
  }

  /** Writes the data soon, unless later data replaces it first. Returns the number of the data. */
  want(data: Data): number {
    const number = this.#data.want(data);
    if (this.#wasThere) this.#repeater.request();
    return number;
  }

  /** Stops, and deletes the node unless it should stay. Without a connection, it waits for the next one. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#condition.changed();
    await this.#repeater.idle();
    this.#isThere = false;
    this.#forgetSession?.();
    if (this.#path !== undefined) {
      const watch = { kind: 'data', callback: this.#onChange, local: true } as const;
      this.#caller.zk.removeWatches(this.#path, watch).catch(() => {});
    }
    if (this.#options.stays !== true) await runCall(this.#caller, {}, () => this.#delete());
  }

  #until<Value>(options: WaitOptions, read: () => Value | undefined): Promise<Value> {
    return runCall(this.#caller, options, (call) =>
      this.#condition.until(call, () => {
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#closing.signal.aborted) throw new RecipeError('CLOSED', this.#caller, 'it is closed');
        return read();
      }),
    );
  }

  // ---- the loop

  readonly #onChange = (): void => {
    if (!this.#closing.signal.aborted) this.#repeater.request();
  };

  async #settle(): Promise<void> {
    if (this.#closing.signal.aborted || this.#failure !== undefined) return;
    try {
      await runCall(this.#caller, { signal: this.#closing.signal }, (call) => this.#settleIn(call));
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#fail(error as RecipeError);
    }
  }

  async #settleIn(call: Call): Promise<void> {
    const { zk } = this.#caller;
    for (;;) {
      try {
        // each step looks before it writes, so it is safe to repeat
        while (!(await call.retry(() => this.#step(call))));
        this.#forgetSession?.();
        this.#forgetSession = SessionGuard.of(zk).depend('expiry', this.#onChange, this.#sessionId);
        return;
      } catch (error) {
        if (!isRenewed(zk, error)) throw error;
      }
    }
  }

  /** Makes one step. Returns true if nothing more is to be done until something changes. */
  async #step(call: Call): Promise<boolean> {
    const { zk } = this.#caller;
    this.#path ??= await this.#findSequential(call);
    const path = this.#path;
    const stat = path === undefined ? null : await zk.exists(path, { watch: this.#onChange, ...call.limits });
    if (path === undefined || stat === null) {
      this.#isThere = false;
      await this.#create(call);
      return false;
    }
    if (!this.#isOwn(stat)) return this.#meetForeign(call, path, stat);
    if (!this.#isThere) this.#found(path);
    if (this.#data.isWritten) return true;
    await this.#write(call, path);
    return false;
  }

  /** An ephemeral node must belong to the session. A persistent node may have been created by any client. */
  #isOwn({ ephemeralOwner }: Stat): boolean {
    return ephemeralOwner === (this.#options.mode.startsWith('EPHEMERAL') ? this.#caller.zk.session.id : 0n);
  }

  /** True for an ephemeral node of this client, also one of an earlier session. */
  #wasOwn({ ephemeralOwner }: Stat): boolean {
    return ephemeralOwner !== 0n && this.#sessionIds.has(ephemeralOwner);
  }

  async #meetForeign(call: Call, path: string, stat: Stat): Promise<boolean> {
    this.#isThere = false;
    if (!this.#wasOwn(stat)) {
      if (!this.#isBlocked) this.#listener.blocked(path);
      this.#isBlocked = true;
      return true;
    }
    // the servers still keep the former session of this client
    await unlessMissing(this.#caller.zk.delete(path, call.limits));
    return false;
  }

  #found(path: string): void {
    this.#isThere = true;
    this.#wasThere = true;
    this.#isBlocked = false;
    this.#mayExist = true;
    this.#sessionId = this.#caller.zk.session.id;
    this.#listener.created(path);
    this.#condition.changed();
  }

  // ---- requests

  async #create(call: Call): Promise<void> {
    const { zk, acl } = this.#caller;
    const { mode, ttlMs } = this.#options;
    const parent = parentOf(this.#basePath);
    // a node that is created again keeps its number, as in Curator
    const isNamed = this.#path !== undefined;
    const target = this.#path ?? childOf(parent, this.#protection + nameOf(this.#basePath));
    const options = {
      mode: isNamed ? (mode.replace('_SEQUENTIAL', '') as CreateMode) : mode,
      ...(ttlMs !== undefined && { ttlMs }),
      ...(acl && { acl }),
      ...call.limits,
    };
    const { newest } = this.#data;
    this.#data.forgetWritten();
    this.#sessionIds.add(zk.session.id);
    try {
      const created = await zk.create(target, newest.data, options);
      this.#path = created.path;
      this.#sessionIds.add(created.stat.ephemeralOwner);
      this.#mayExist = true;
      this.#data.written(newest);
    } catch (error) {
      this.#mayExist ||= ZooKeeperError.is(error) && error.outcome === 'unknown';
      if (ZooKeeperError.is(error, 'NONODE')) await ensureContainer(call, parent);
      else if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
    }
  }

  /** Returns the path of the sequential node if a lost request has created it. */
  async #findSequential({ limits }: Pick<Call, 'limits'>): Promise<string | undefined> {
    if (!this.#mayExist) return undefined;
    const { zk } = this.#caller;
    const parent = parentOf(this.#basePath);
    // after `sync`, the server has applied the lost request, if the ensemble has carried it out at all
    await zk.sync(parent, limits);
    try {
      const { children } = await zk.children(parent, limits);
      const name = children.find((each) => each.startsWith(this.#protection));
      return name === undefined ? undefined : childOf(parent, name);
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return undefined;
      throw error;
    }
  }

  async #write(call: Call, path: string): Promise<void> {
    const { newest } = this.#data;
    try {
      await this.#caller.zk.set(path, newest.data, call.limits);
      this.#data.written(newest);
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return;
      // a node that never had data of this client cannot keep it
      if (!concernsData(error) || !this.#data.isKnown) throw error;
      const refusal = recipeError(error, this.#caller) as RecipeError;
      this.#data.refused(newest, refusal);
      this.#listener.refused(refusal);
    }
    this.#condition.changed();
  }

  /** Deletes the node, and repeats that until a server has answered or the client has no session any more. */
  async #delete(): Promise<void> {
    const { zk } = this.#caller;
    for (;;) {
      try {
        await this.#deleteOwn();
        return;
      } catch (error) {
        // the next request waits for a connection, so this loop is not busy
        if (isConnectionLoss(error) || isRenewed(zk, error)) continue;
        if (zk.state === 'CLOSED' || zk.state === 'AUTH_FAILED') return;
        throw error;
      }
    }
  }

  async #deleteOwn(): Promise<void> {
    const { zk } = this.#caller;
    // a persistent node that this client has neither created nor adopted belongs to another program
    if (!this.#mayExist) return;
    const own = this.#path ?? (await this.#findSequential({ limits: {} }));
    if (own === undefined) return;
    // a request without a reply may have created the node, and the server may not have applied it yet
    await zk.sync(own);
    const stat = await zk.exists(own);
    const isOwn = stat !== null && (this.#isOwn(stat) || this.#wasOwn(stat));
    if (isOwn) await unlessMissing(zk.delete(own));
  }

  #fail(error: RecipeError): void {
    this.#failure = error;
    this.#isThere = false;
    this.#forgetSession?.();
    this.#condition.changed();
    // otherwise `start` rejects, or the program has closed the client and knows it
    if (this.#wasThere && error.code !== 'CLOSED') this.#listener.failed(error);
  }
}

/** True if `set` has failed because of the new data or its ACL, and not because of the connection or the session. */
function concernsData(error: unknown): boolean {
  const others = [
    'CONNECTIONLOSS',
    'REQUESTTIMEOUT',
    'SESSIONEXPIRED',
    'SESSIONMOVED',
    'CLOSED',
    'AUTHFAILED',
    'ABORTED',
  ];
  return ZooKeeperError.is(error) && !others.includes(error.code);
}

async function unlessMissing(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NONODE')) throw error;
  }
}
