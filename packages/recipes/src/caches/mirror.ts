import { type Codec, type ReadOptions, type WatchEvent, type WithCodec, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, isConnectionLoss } from '../foundation/call.js';
import { type RecipeError, recipeError } from '../foundation/errors.js';
import { insist } from '../foundation/insist.js';
import { whenSessionEnds } from '../foundation/session-end.js';
import { isRenewed } from '../foundation/session-guard.js';
import type { CacheEvent } from './cache-events.js';
import { CachedTree } from './cached-tree.js';
import { type Read, Reads } from './reads.js';
import { type Decoded, decodingSafely } from './safe-codec.js';
import { type Scope, TreeUpdates } from './tree-updates.js';

/** How a mirror reports to its cache. */
interface MirrorListener<Value> {
  event(event: CacheEvent<Value>): void;
  /** The client has no session any more. */
  ended(error: RecipeError): void;
}

/** After these errors, the client has no session any more, which the session guard reports. */
const sessionErrors = ['CLOSED', 'SESSIONEXPIRED', 'AUTHFAILED'];

/** The number of watches that are removed at the same time. */
const removalsMax = 1000;

/**
 * Follows a part of the tree of the servers. It never applies a state that is older than what it holds: events and
 * replies come in the order in which the server sent them, and zxids decide in all other cases.
 *
 * A recursive watch reports changes. After `PossiblyMissed`, the mirror compares the zxids of all nodes and reads only
 * what changed. Servers older than ZooKeeper 3.6 get one-shot watches, which the servers themselves compare.
 */
export class Mirror<Value> {
  readonly tree: CachedTree<Value>;
  readonly #caller: Caller;
  readonly #scope: Scope;
  readonly #listener: MirrorListener<Value>;
  readonly #reads: Reads;
  readonly #updates: TreeUpdates<Value>;
  /** The options of each read of data. */
  #dataOptions: ReadOptions & WithCodec<Decoded<Value>>;
  /** The options of each other read. */
  #watchOptions: ReadOptions = {};
  #initialDone = () => {};
  #isOver = false;
  /** Rejects `start`; undefined when the first read is complete. */
  #failStart: ((error: unknown) => void) | undefined;
  #forgetSession = () => {};

  constructor(
    caller: Caller,
    scope: Scope,
    codec: Codec<Value, never>,
    readsMax: number,
    listener: MirrorListener<Value>,
  ) {
    this.tree = new CachedTree(caller.path);
    this.#caller = caller;
    this.#scope = scope;
    this.#listener = listener;
    this.#reads = new Reads(caller.zk, readsMax, {
      send: (read) => this.#send(read),
      refused: (path, error) => this.#refused(path, error),
      initialDone: () => this.#initialDone(),
    });
    this.#dataOptions = { codec: decodingSafely(codec) };
    this.#updates = new TreeUpdates(caller, scope, this.tree, this.#reads, (event) => listener.event(event));
  }

  get #usesOneShotWatches(): boolean {
    return this.#updates.watchesLists;
  }

  // ---- the start and the end

  /** Resolves when the tree includes every change that the ensemble committed before the call. */
  async start(call: Call): Promise<void> {
    const { zk, path } = this.#caller;
    this.#forgetSession = whenSessionEnds(this.#caller, (error) => {
      this.#end();
      if (this.#failStart === undefined) this.#listener.ended(error);
      else this.#failStart(error);
    });
    await insist(call, () => zk.sync(path, call.limits));
    await insist(call, () => call.finish(this.#watch()));
    // throws if the session has ended
    if (this.#isOver) await zk.exists(path, call.limits);
    await call.wait((wake, fail) => {
      this.#failStart = fail;
      this.#initialDone = wake;
      this.#updates.readRoot(true);
      return () => {
        this.#failStart = undefined;
      };
    });
  }

  #end(): void {
    this.#isOver = true;
    this.#reads.end();
    this.#forgetSession();
  }

  /** Ends the mirror, and removes its watches. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#end();
    const { path } = this.#caller;
    if (!this.#usesOneShotWatches) return this.#removeWatches(path);
    let removals = [this.#removeWatches(path)];
    for (const each of this.tree.paths()) {
      removals.push(this.#removeWatches(each));
      if (removals.length < removalsMax) continue;
      await Promise.all(removals);
      removals = [];
    }
    await Promise.all(removals);
  }

  /** Ignores errors: the watch may not exist, and without a session there is no watch. */
  async #removeWatches(path: string): Promise<void> {
    await this.#caller.zk.removeWatches(path, { callback: this.#onEvent, local: true }).catch(() => {});
  }

  // ---- watches

  async #watch(): Promise<void> {
    const { zk, path } = this.#caller;
    const mode = this.#scope.depth === 0 ? 'PERSISTENT' : 'PERSISTENT_RECURSIVE';
    try {
      await zk.addWatch(path, this.#onEvent, { mode });
    } catch (error) {
      if (!ZooKeeperError.is(error, 'UNIMPLEMENTED')) throw error;
      this.#updates.watchesLists = true;
      this.#watchOptions = { watch: this.#onEvent };
      this.#dataOptions = { ...this.#dataOptions, watch: this.#onEvent };
    }
    if (this.#isOver) await this.#removeWatches(path);
  }

  readonly #onEvent = ({ type, path }: WatchEvent): void => {
    if (this.#isOver || this.#isOutside(path)) return;
    if (type === 'NodeCreated' || type === 'NodeDataChanged') this.#changed(path);
    else if (type === 'NodeDeleted') this.#deleted(path);
    else if (type === 'NodeChildrenChanged') this.#childrenChanged(path);
    else if (type === 'PossiblyMissed') this.#refresh();
    else this.#watchAgain();
  };

  #isOutside(path: string): boolean {
    return this.#scope.depth !== Number.POSITIVE_INFINITY && this.tree.depthOf(path) > this.#scope.depth;
  }

  #changed(path: string): void {
    if (path === this.#caller.path) this.#updates.readRoot();
    else this.#reads.read('data', path);
  }

  #deleted(path: string): void {
    this.#reads.deleted(path);
    this.#updates.remove(path);
    if (this.#usesOneShotWatches && path === this.#caller.path) this.#updates.readRoot();
  }

  /** A recursive watch does not report lists of children, because it reports the children themselves. */
  #childrenChanged(path: string): void {
    if (this.#usesOneShotWatches && this.tree.depthOf(path) < this.#scope.depth) this.#reads.read('children', path);
  }

  /** Another part of the program has removed the watch. */
  #watchAgain(): void {
    const { zk } = this.#caller;
    this.#watch().then(
      () => this.#isOver || this.#refresh(),
      (error) => (isConnectionLoss(error) || isRenewed(zk, error)) && !this.#isOver && this.#watchAgain(),
    );
  }

  // ---- reads

  /** Finds what changed while the watch was not registered. */
  #refresh(): void {
    const { path } = this.#caller;
    if (this.tree.find(path) === undefined) this.#updates.readRoot();
    else this.#reads.read('probe', path);
  }

  /** Every kind of read takes the same number of promises, so that replies are applied in the order of their arrival. */
  #send(read: Read): void {
    const { zk } = this.#caller;
    const { kind, path } = read;
    const failed = (error: unknown) => this.#reads.failed(read, error);
    const reads = this.#reads;
    if (kind === 'data') {
      zk.get<Decoded<Value>>(path, this.#dataOptions).then(({ data, stat }) => {
        if (reads.arrived(read)) this.#updates.data(path, data, stat, read.isInitial);
        reads.done(read);
      }, failed);
    } else if (kind === 'children' || this.#probesByList(path)) {
      zk.children(path, this.#watchOptions).then(({ children, stat }) => {
        if (reads.arrived(read)) this.#updates.children(read, children, stat);
        reads.done(read);
      }, failed);
    } else {
      zk.exists(path, this.#watchOptions).then((stat) => {
        if (reads.arrived(read)) this.#updates.stat(path, stat);
        reads.done(read);
      }, failed);
    }
  }

  /** A list of children has the Stat too. With one-shot watches, a probe must set a watch for a missing node. */
  #probesByList(path: string): boolean {
    return !this.#usesOneShotWatches && this.tree.find(path)?.children !== undefined;
  }

  #refused(path: string, error: unknown): void {
    if (ZooKeeperError.is(error, 'NONODE')) {
      this.#missing(path);
    } else if (this.#failStart !== undefined && path === this.#caller.path) {
      this.#failStart(error);
    } else if (!ZooKeeperError.is(error) || !sessionErrors.includes(error.code)) {
      const problem = recipeError(error, this.#caller) as RecipeError;
      this.#listener.event({ type: 'invalid', path, error: problem, stat: undefined });
    }
  }

  #missing(path: string): void {
    this.#updates.remove(path);
    // `exists` sets a watch for the creation of the root
    if (this.#usesOneShotWatches && path === this.#caller.path) this.#reads.read('probe', path);
  }
}
