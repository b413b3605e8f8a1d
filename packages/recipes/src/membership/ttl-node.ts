import { EventEmitter } from 'node:events';
import { type Data, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { checkArgument, isData, isInteger } from '../foundation/checks.js';
import { emitSafely } from '../foundation/emit-safely.js';
import type { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { isRenewed } from '../foundation/session-guard.js';
import { KeptNode } from './kept-node.js';
import { keptNodeEvents, type PersistentNodeEvents } from './persistent-node.js';

/** Options of a `TtlNode`. */
export interface TtlNodeOptions extends RecipeOptions {
  /** The data of the node. Default: empty. */
  readonly data?: Data;
}

/** The name of the child that is written again and again. A node with a child does not expire. */
const touchName = 'touch';

/**
 * A node that outlives the session of its client, but not its program: it expires when the program has not touched it
 * for a time. The servers need the option `extendedTypesEnabled=true`. It is Curator's `PersistentTtlNode`.
 */
export class TtlNode extends EventEmitter<PersistentNodeEvents> implements AsyncDisposable {
  readonly #caller: Caller;
  readonly #ttlMs: number;
  readonly #node: KeptNode;
  readonly #closing = new AbortController();
  #touching: Promise<void> | undefined;

  /** @param ttlMs the node expires this time after the last touch. This client touches it twice in this time. */
  constructor(zk: ZooKeeper, path: string, ttlMs: number, options: TtlNodeOptions = {}) {
    super();
    this.#caller = callerOf(zk, 'TtlNode', path, options, { data: isData });
    checkArgument(this.#caller, 'ttlMs', ttlMs, isInteger(1, 2 ** 40 - 1));
    this.#ttlMs = ttlMs;
    const mode = 'PERSISTENT_WITH_TTL';
    const events = { ...keptNodeEvents(this), failed: (error: RecipeError) => this.#fail(error) };
    this.#node = new KeptNode(this.#caller, path, options.data ?? '', { mode, ttlMs, stays: true }, events);
  }

  /**
   * Creates the node, or adopts the node that exists, and touches it from then on. If the call rejects, the node is
   * closed.
   *
   * @throws `UNIMPLEMENTED` if the servers have no `extendedTypesEnabled=true`
   */
  async start(options: WaitOptions = {}): Promise<void> {
    await this.#node.start(options);
    this.#touching ??= this.#touchForEver();
  }

  /** Replaces the data. Resolves when the node has this data, or later data of another call. */
  async setData(data: Data, options: WaitOptions = {}): Promise<void> {
    checkArgument(this.#caller, 'the data', data, isData);
    return this.#node.setData(data, options);
  }

  /** Ends the touches. The node stays in the tree until it expires. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#node.close();
    await this.#touching;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #touchForEver(): Promise<void> {
    try {
      await runCall(this.#caller, { signal: this.#closing.signal }, async (call) => {
        for (;;) {
          await this.#touch(call);
          await call.sleep(this.#ttlMs / 2);
        }
      });
    } catch (error) {
      this.#fail(error as RecipeError);
    }
  }

  async #touch(call: Call): Promise<void> {
    const { zk, path, acl } = this.#caller;
    const child = childOf(path, touchName);
    const options = { mode: 'PERSISTENT_WITH_TTL', ttlMs: this.#ttlMs, ...(acl && { acl }), ...call.limits } as const;
    for (;;) {
      try {
        const isThere = (await call.retry(() => zk.exists(child, call.limits))) !== null;
        await call.retry<unknown>(() => (isThere ? zk.set(child, '', call.limits) : zk.create(child, '', options)));
        return;
      } catch (error) {
        // without the node itself, the next touch comes after its creation
        if (ZooKeeperError.is(error, 'NONODE') && (await this.#isMissing(call))) return;
        // the child was created or deleted just now, also by a request without a reply
        const isPassing = ZooKeeperError.is(error, 'NODEEXISTS') || ZooKeeperError.is(error, 'NONODE');
        if (!isPassing && !isRenewed(zk, error)) throw error;
      }
    }
  }

  async #isMissing(call: Call): Promise<boolean> {
    const { zk, path } = this.#caller;
    return (await call.retry(() => zk.exists(path, call.limits))) === null;
  }

  #fail(error: RecipeError): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#node.close().catch(() => {});
    if (error.code !== 'CLOSED') emitSafely(this, 'error', error);
  }
}
