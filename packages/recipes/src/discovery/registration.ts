import { type Stat, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, isConnectionLoss, runCall } from '../foundation/call.js';
import { RecipeError, recipeError } from '../foundation/errors.js';
import { deleteSurely } from '../foundation/guaranteed-delete.js';
import { childOf, ensureContainer } from '../foundation/parents.js';
import { retry } from '../foundation/retry.js';
import { isRenewed } from '../foundation/session-guard.js';
import type { ServiceType } from './service-instance.js';

const modes = {
  DYNAMIC: 'EPHEMERAL',
  DYNAMIC_SEQUENTIAL: 'EPHEMERAL_SEQUENTIAL',
  STATIC: 'PERSISTENT',
  PERMANENT: 'PERSISTENT',
} as const;

interface RegistrationListener {
  /** The node was created again, with a new session or after a deletion. */
  restored(): void;
  /** The registration is over: another client has the id now, or a server refused to create the node again. */
  lost(error: RecipeError): void;
}

/**
 * The node of a registered instance. It is created again when the session was lost or another client deleted it. The
 * steps of a registration run one after another.
 */
export class Registration {
  readonly #zk: ZooKeeper;
  readonly #caller: Caller;
  readonly #parent: string;
  readonly #id: string;
  readonly #type: ServiceType;
  readonly #listener: RegistrationListener;
  /** The sessions that have owned the node. A new session may delete the node of an earlier one. */
  readonly #sessions = new Set<bigint>();
  readonly #closing = new AbortController();
  #data: string;
  #path: string;
  #czxid = -1;
  /** True if a request has written the node, or may have done so. */
  #mayExist = false;
  #steps: Promise<unknown> = Promise.resolve();

  /** @param parent the directory of the service */
  constructor(
    caller: Caller,
    parent: string,
    { id, serviceType }: { id: string; serviceType: ServiceType },
    data: string,
    listener: RegistrationListener,
  ) {
    this.#zk = caller.zk;
    this.#caller = caller;
    this.#parent = parent;
    this.#id = id;
    this.#type = serviceType;
    this.#path = childOf(parent, id);
    this.#data = data;
    this.#listener = listener;
  }

  /** Creates the node. A node of another client with this id is replaced. If the call fails, no node is left. */
  create(call: Call): Promise<void> {
    return this.#step(async () => {
      try {
        await this.#put(call, true);
      } catch (error) {
        this.#closing.abort();
        if (this.#mayExist) void this.#remove().catch(() => {});
        throw error;
      }
      this.follow();
    });
  }

  /** Replaces the data of the node. */
  update(call: Call, data: string): Promise<void> {
    return this.#step(async () => {
      this.#data = data;
      if (!(await this.#setInSession(call, data))) this.follow(); // this creates the node again, with the new data
    });
  }

  /** Returns false if the node is lost, for example with its session. */
  async #setInSession(call: Call, data: string): Promise<boolean> {
    try {
      return await call.retry(() => this.#setOwn(call, data));
    } catch (error) {
      if (!isRenewed(this.#zk, error)) throw error;
      return false;
    }
  }

  /** Returns false if the node does not exist, or is not the one of this registration. */
  async #setOwn(call: Call, data: string): Promise<boolean> {
    const stat = await this.#zk.exists(this.#path, call.limits);
    if (stat === null || !this.#isCurrent(stat)) return false;
    try {
      await this.#zk.set(this.#path, data, call.limits);
      return true;
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return false;
      throw error;
    }
  }

  /** Deletes the node, and repeats that until a server has answered or the session is over. */
  remove(): Promise<void> {
    this.#closing.abort();
    return this.#step(() => this.#remove());
  }

  /** Looks if the node still belongs to this registration, and creates it again if it does not exist. */
  readonly follow = (): void => {
    if (this.#closing.signal.aborted) return;
    this.#step(() => this.#look()).catch((error) => this.#failed(error));
  };

  #step<Result>(step: () => Promise<Result>): Promise<Result> {
    const result = this.#steps.then(step);
    this.#steps = result.catch(() => {});
    return result;
  }

  #failed(error: unknown): void {
    // the registry itself handles the end of the session
    if (this.#closing.signal.aborted || this.#zk.state === 'CLOSED' || this.#zk.state === 'AUTH_FAILED') return;
    if (isConnectionLoss(error) || isRenewed(this.#zk, error)) {
      this.follow();
      return;
    }
    this.#closing.abort();
    this.#listener.lost(recipeError(error, this.#caller) as RecipeError);
  }

  async #look(): Promise<void> {
    // also while the session is not the one of the node, because then the node may be about to disappear
    const path = this.#path;
    const stat = await this.#zk.exists(path, { watch: this.follow });
    if (this.#closing.signal.aborted) return this.#forgetWatch(path);
    if (stat !== null && this.#isCurrent(stat)) return;
    const caller = { ...this.#caller, retry: retry.forever() };
    await runCall(caller, { signal: this.#closing.signal }, (call) => this.#put(call, false));
    if (this.#path !== path) this.#leave(path);
    this.#listener.restored();
    this.follow();
  }

  /** Deletes a sequential node of an earlier session, which the servers may keep for some time. */
  #leave(path: string): void {
    this.#forgetWatch(path);
    void deleteSurely(this.#zk, path).catch(() => {});
  }

  #isCurrent({ czxid, ephemeralOwner }: Stat): boolean {
    return !this.#isDynamic || (czxid === this.#czxid && ephemeralOwner === this.#zk.session.id);
  }

  get #isDynamic(): boolean {
    return this.#type === 'DYNAMIC' || this.#type === 'DYNAMIC_SEQUENTIAL';
  }

  // ---- the creation

  async #put(call: Call, mayReplace: boolean): Promise<void> {
    for (let isParentMissing = false; ; ) {
      try {
        if (isParentMissing) await ensureContainer(call, this.#parent);
        const { path, stat } = await call.retry(() => this.#attempt(call, mayReplace));
        this.#mayExist = true;
        this.#path = path;
        this.#czxid = stat.czxid;
        // a request that waits for a connection is sent in the session that the client has then
        if (this.#isDynamic) this.#sessions.add(stat.ephemeralOwner);
        return;
      } catch (error) {
        isParentMissing = ZooKeeperError.is(error, 'NONODE');
        if (!isParentMissing && !isRenewed(this.#zk, error)) throw error;
      }
    }
  }

  async #attempt(call: Call, mayReplace: boolean): Promise<{ path: string; stat: Stat }> {
    try {
      return this.#type === 'DYNAMIC_SEQUENTIAL' ? await this.#appendNode(call) : await this.#putNode(call, mayReplace);
    } catch (error) {
      if (ZooKeeperError.is(error) && error.outcome === 'unknown') {
        this.#mayExist = true;
        this.#sessions.add(this.#zk.session.id);
      }
      throw error;
    }
  }

  /** Creates the node under its id, or takes over the node that exists. It is safe to repeat. */
  async #putNode(call: Call, mayReplace: boolean): Promise<{ path: string; stat: Stat }> {
    const path = this.#path;
    const options = this.#createOptions();
    try {
      return await this.#zk.create(path, this.#data, { ...options, ...call.limits });
    } catch (error) {
      if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
    }
    const found = await this.#zk.exists(path, call.limits);
    if (found === null) return this.#putNode(call, mayReplace);
    if (!this.#isDynamic || found.ephemeralOwner === this.#zk.session.id) {
      return { path, stat: await this.#zk.set(path, this.#data, call.limits) };
    }
    if (!mayReplace && !this.#sessions.has(found.ephemeralOwner)) {
      throw new RecipeError('NODEEXISTS', this.#caller, `another client has registered ${path}`);
    }
    try {
      const replacing = this.#zk.transaction().delete(path, { version: found.version });
      const [, created] = await replacing.create(path, this.#data, options).commit(call.limits);
      return created;
    } catch (error) {
      if (!ZooKeeperError.is(error, 'BADVERSION') && !ZooKeeperError.is(error, 'NONODE')) throw error;
      return this.#putNode(call, mayReplace);
    }
  }

  /** Creates a sequential node, unless an earlier attempt has created it. */
  async #appendNode(call: Call): Promise<{ path: string; stat: Stat }> {
    const found = this.#sessions.has(this.#zk.session.id) ? await this.#findAppended(call) : undefined;
    if (found !== undefined) return found;
    return this.#zk.create(childOf(this.#parent, this.#id), this.#data, { ...this.#createOptions(), ...call.limits });
  }

  /** Returns the sequential node of this registration and session, or undefined if no node is found. */
  async #findAppended(call: Call): Promise<{ path: string; stat: Stat } | undefined> {
    // after `sync`, the server has applied a request whose reply was lost, if it was carried out at all
    await this.#zk.sync(this.#parent, call.limits);
    const { children } = await this.#zk.children(this.#parent, call.limits);
    for (const name of children) {
      if (name.slice(0, -10) !== this.#id || !/^-?\d+$/.test(name.slice(-10))) continue;
      const path = childOf(this.#parent, name);
      const stat = await this.#zk.exists(path, call.limits);
      if (stat?.ephemeralOwner === this.#zk.session.id) return { path, stat };
    }
    return undefined;
  }

  #createOptions() {
    const { acl } = this.#caller;
    return { mode: modes[this.#type], ...(acl && { acl }) };
  }

  // ---- the end

  async #remove(): Promise<void> {
    this.#forgetWatch(this.#path);
    const caller = { ...this.#caller, retry: retry.forever() };
    for (;;) {
      try {
        return await runCall(caller, {}, (call) => call.retry(() => this.#removeOwn(call)));
      } catch (error) {
        if (RecipeError.is(error) && isRenewed(this.#zk, error.cause)) continue;
        const isGone =
          RecipeError.is(error) && ['NONODE', 'SESSIONEXPIRED', 'CLOSED', 'AUTHFAILED'].includes(error.code);
        if (!isGone) throw error;
        return;
      }
    }
  }

  /** Deletes the node, unless another client has replaced it. */
  async #removeOwn(call: Call): Promise<void> {
    const appended = this.#type === 'DYNAMIC_SEQUENTIAL' ? await this.#findAppended(call) : undefined;
    const path = appended?.path ?? this.#path;
    const stat = await this.#zk.exists(path);
    if (stat === null || (this.#isDynamic && !this.#sessions.has(stat.ephemeralOwner))) return;
    await deleteSurely(this.#zk, path);
  }

  #forgetWatch(path: string): void {
    const watch = { kind: 'data', callback: this.follow, local: true } as const;
    this.#zk.removeWatches(path, watch).catch(() => {});
  }
}
