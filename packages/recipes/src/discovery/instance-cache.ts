import { type SessionChange, type WatchEvent, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, isConnectionLoss, runCall } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { retry } from '../foundation/retry.js';
import { isRenewed } from '../foundation/session-guard.js';
import { decodeInstance, invalidNode } from './instance-json.js';
import type { ServiceInstance } from './service-instance.js';
import { sessionEnd } from './session-end.js';

interface CacheListener {
  changed(): void;
  invalid(error: RecipeError): void;
  /** The cache has ended. */
  ended(error: unknown): void;
}

/**
 * The instances of one service, kept up to date by one recursive watch. After an event, the cache reads only the node of
 * the event. After a disconnection it may read all nodes. While it reads, it keeps the last known instances.
 */
export class InstanceCache<Payload> {
  readonly #zk: ZooKeeper;
  readonly #caller: Caller;
  /** The directory of the service. */
  readonly #path: string;
  readonly #parsePayload: (payload: unknown) => Payload;
  readonly #listener: CacheListener;
  readonly #instances = new Map<string, ServiceInstance<Payload>>();
  readonly #closing = new AbortController();
  /** The names of the nodes that must be read again. */
  #stale = new Set<string>();
  #isListStale = false;
  #isReading = false;
  #sorted: readonly ServiceInstance<Payload>[] = [];

  constructor(caller: Caller, parsePayload: (payload: unknown) => Payload, listener: CacheListener) {
    this.#zk = caller.zk;
    this.#caller = caller;
    this.#path = caller.path;
    this.#parsePayload = parsePayload;
    this.#listener = listener;
  }

  /** All valid instances, in the order of the names of their nodes. */
  get instances(): readonly ServiceInstance<Payload>[] {
    return this.#sorted;
  }

  /** Sets the watch and reads all instances. */
  async start(call: Call): Promise<void> {
    this.#zk.on('state', this.#onState);
    try {
      while (!(await this.#load(call)));
    } catch (error) {
      this.close();
      throw error;
    }
    if (this.#needsRead) void this.#follow();
  }

  /** Returns false if the session expired during the work and the client has a new one. */
  async #load(call: Call): Promise<boolean> {
    try {
      await call.retry(() => this.#zk.addWatch(this.#path, this.#onEvent, call.limits));
      this.#isListStale = true;
      await this.#read(call);
      return true;
    } catch (error) {
      if (isRenewed(this.#zk, error)) return false;
      throw error;
    }
  }

  close(): void {
    this.#closing.abort();
    this.#zk.off('state', this.#onState);
    const watch = { kind: 'persistentRecursive', callback: this.#onEvent, local: true } as const;
    this.#zk.removeWatches(this.#path, watch).catch(() => {});
  }

  readonly #onState = (change: SessionChange): void => {
    const error = sessionEnd(change, this.#caller);
    if (error !== undefined) this.#end(error);
  };

  #end(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.close();
    this.#listener.ended(error);
  }

  readonly #onEvent = ({ type, path }: WatchEvent): void => {
    const name = path.slice(this.#path.length + 1);
    if (type === 'PossiblyMissed') this.#isListStale = true;
    else if (name !== '' && !name.includes('/')) this.#stale.add(name);
    if (this.#needsRead && !this.#isReading) void this.#follow();
  };

  get #needsRead(): boolean {
    return !this.#closing.signal.aborted && (this.#isListStale || this.#stale.size > 0);
  }

  /** Reads in the background until nothing is stale. A lost connection or a new session does not end it. */
  async #follow(): Promise<void> {
    const caller = { ...this.#caller, retry: retry.forever() };
    while (this.#needsRead) {
      try {
        await runCall(caller, { signal: this.#closing.signal }, (call) => this.#read(call));
      } catch (error) {
        // `#onState` handles the end of the session
        const cause = RecipeError.is(error) ? error.cause : error;
        if (!isConnectionLoss(cause) && !isRenewed(this.#zk, cause)) this.#end(error);
      }
    }
  }

  async #read(call: Call): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#needsRead) await this.#readOnce(call);
    } finally {
      this.#isReading = false;
    }
  }

  /** Reads what is stale at present. If that fails, everything is stale. */
  async #readOnce(call: Call): Promise<void> {
    const isWholeList = this.#isListStale;
    const stale = this.#stale;
    this.#isListStale = false;
    this.#stale = new Set();
    try {
      const names = isWholeList ? await this.#names(call) : [...stale];
      if (isWholeList) {
        for (const name of this.#instances.keys()) if (!names.includes(name)) this.#instances.delete(name);
      }
      await Promise.all(names.map((name) => this.#readNode(call, name)));
    } catch (error) {
      this.#isListStale = true;
      throw error;
    }
    this.#sort();
  }

  #sort(): void {
    const before = this.#sorted;
    const names = [...this.#instances.keys()].sort();
    this.#sorted = names.map((name) => this.#instances.get(name)!);
    const isSame = before.length === names.length && before.every((each, index) => each === this.#sorted[index]);
    if (!isSame) this.#listener.changed();
  }

  async #names(call: Call): Promise<string[]> {
    try {
      return (await call.retry(() => this.#zk.children(this.#path, call.limits))).children;
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return [];
      throw error;
    }
  }

  async #readNode(call: Call, name: string): Promise<void> {
    const path = childOf(this.#path, name);
    let data: Buffer | null;
    try {
      data = (await call.retry(() => this.#zk.get(path, call.limits))).data;
    } catch (error) {
      if (!ZooKeeperError.is(error, 'NONODE') && !ZooKeeperError.is(error, 'NOAUTH')) throw error;
      this.#instances.delete(name);
      if (error.code === 'NOAUTH') this.#listener.invalid(invalidNode(path, this.#caller, error));
      return;
    }
    try {
      this.#instances.set(name, decodeInstance(data, this.#parsePayload));
    } catch (error) {
      this.#instances.delete(name);
      this.#listener.invalid(invalidNode(path, this.#caller, error));
    }
  }
}
