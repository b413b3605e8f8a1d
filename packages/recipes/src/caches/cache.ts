import { EventEmitter } from 'node:events';
import { bytes, type Codec, onAbort, type ZooKeeper } from '@nodekeeper/client';
import { type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { type Checks, isCodec, isInteger } from '../foundation/checks.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError } from '../foundation/errors.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import type { CacheEvent, CacheEvents } from './cache-events.js';
import type { CacheEntry } from './cached-tree.js';
import { CacheEventStream } from './event-stream.js';
import { Mirror } from './mirror.js';
import type { Scope } from './tree-updates.js';

/**
 * Options of a cache. `retry` is for the first requests of `start`. Later reads are repeated as long as the client has a
 * session.
 */
export interface CacheOptions<Value> extends Pick<RecipeOptions, 'retry'> {
  /** Converts the data of the nodes. Default: the data as a `Buffer`. */
  readonly codec?: Codec<Value, never>;
  /** The largest number of reads that wait for a reply at the same time. Default 1000. */
  readonly readsMax?: number;
}

const cacheChecks: Checks = { codec: isCodec, readsMax: isInteger(1) };

/** The common part of `NodeCache`, `ChildrenCache` and `TreeCache`. */
export abstract class Cache<Value> extends EventEmitter<CacheEvents<Value>> implements AsyncDisposable {
  protected readonly caller: Caller;
  readonly #scope: Scope;
  readonly #codec: Codec<Value, never>;
  readonly #readsMax: number;
  readonly #streams = new Set<CacheEventStream<Value>>();
  #mirror: Mirror<Value> | undefined;
  #isReady = false;
  /** Why the cache cannot be used any more. */
  #overError: RecipeError | undefined;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(zk: ZooKeeper, recipe: string, path: string, scope: Scope, options: CacheOptions<Value>) {
    super();
    this.caller = callerOf(zk, recipe, path, options, cacheChecks);
    this.#scope = scope;
    // without a codec, `Value` is `Buffer`
    this.#codec = options.codec ?? (bytes as Codec<unknown, never> as Codec<Value, never>);
    this.#readsMax = options.readsMax ?? 1000;
  }

  /**
   * Reads the nodes, and follows their changes from then on. Resolves when the cache includes every change that the
   * ensemble committed before the call. The root need not exist: the cache is empty then. If the call rejects, the
   * cache is as before, and `start` may be called again.
   *
   * @throws `NOAUTH` if the ACL of the root does not allow to read it
   */
  async start(options: WaitOptions = {}): Promise<void> {
    this.#check();
    if (this.#mirror !== undefined) throw new RecipeError('BADARGUMENTS', this.caller, 'the cache is started already');
    const mirror = new Mirror(this.caller, this.#scope, this.#codec, this.#readsMax, {
      event: (event) => this.#tell(event),
      ended: (error) => this.#isReady && this.#ended(error),
    });
    this.#mirror = mirror;
    try {
      await runCall(this.caller, options, (call) => mirror.start(call));
      this.#check();
      this.#isReady = true;
    } catch (error) {
      this.#mirror = undefined;
      await mirror.stop();
      throw error;
    }
  }

  /** Stops following changes, and removes the watches. Loops over `events()` end. The cache cannot be used any more. */
  close(): Promise<void> {
    this.#overError ??= new RecipeError('CLOSED', this.caller, 'the cache is closed');
    this.#closing ??= this.#mirror?.stop() ?? Promise.resolve();
    for (const stream of this.#streams) stream.end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ended(error: RecipeError): void {
    const isClosed = error.code === 'CLOSED';
    this.#overError ??= error;
    for (const stream of this.#streams) stream.end(isClosed ? undefined : error);
    // a program that closes its client knows that the cache has ended
    if (!isClosed) emitSafely<CacheEvents<Value>, 'error'>(this, 'error', error);
  }

  #check(): void {
    if (this.#overError !== undefined) throw this.#overError;
  }

  // ---- events

  #tell(event: CacheEvent<Value>): void {
    for (const stream of this.#streams) stream.push(event);
    if (this.listenerCount(event.type) === 0) return;
    if (event.type === 'invalid') {
      const { path, error, stat } = event;
      emitSafely<CacheEvents<Value>, 'invalid'>(this, 'invalid', { path, error, stat });
    } else {
      const { type, path, value, stat } = event;
      emitSafely<CacheEvents<Value>, typeof type>(this, type, { path, value, stat });
    }
  }

  /**
   * Returns the events from now on as an async iterator. A slow consumer gets one event for each changed node, with the
   * newest value. The iterator ends when the cache is closed, and throws when the session is over.
   */
  events({ signal }: Pick<WaitOptions, 'signal'> = {}): CacheEventStream<Value> {
    this.#check();
    const stream = new CacheEventStream<Value>((ended) => {
      this.#streams.delete(ended);
      forget();
    });
    const abort = () => stream.end(new RecipeError('ABORTED', this.caller, 'aborted', signal?.reason));
    const forget = onAbort(signal, abort);
    this.#streams.add(stream);
    if (signal?.aborted) abort();
    return stream;
  }

  // ---- the content

  /** The number of nodes with a value. */
  get size(): number {
    this.#check();
    return this.#mirror?.tree.size ?? 0;
  }

  /** Returns the node at a path; undefined if it does not exist, or never had a valid value. */
  get(path: string): CacheEntry<Value> | undefined {
    this.#check();
    return this.#mirror?.tree.entry(path);
  }

  /** Returns the names of the children of a node that the cache has; in no particular order. */
  protected names(path: string): string[] {
    this.#check();
    return [...(this.#mirror?.tree.find(path)?.children?.keys() ?? [])];
  }

  /** Yields all nodes with a value, parents first. */
  [Symbol.iterator](): IterableIterator<CacheEntry<Value>> {
    this.#check();
    return this.#mirror?.tree.entries() ?? [].values();
  }
}
