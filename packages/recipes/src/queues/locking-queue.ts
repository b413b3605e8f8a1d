import { EventEmitter } from 'node:events';
import { type Data, type Transaction, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { checkArgument, isData, isInteger, oneOf } from '../foundation/checks.js';
import { clientsPathOf } from '../foundation/clients-path.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { callerOf } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import { writeOnce } from '../foundation/write-once.js';
import { claimNode, dropClaim } from '../line/claim.js';
import { type QueueEvents, type QueueOptions, queueChecks } from './base-queue.js';
import { ensureDirectory } from './directory.js';
import { type HeldItem, ItemHold } from './held-item.js';
import { entryNames, entryPrefix, type ItemName } from './item-names.js';
import { ItemSource } from './item-source.js';
import { SpaceGate } from './space-gate.js';

/** Options of a `LockingQueue`. */
export interface LockingQueueOptions extends QueueOptions {
  /** When the reservation of an item counts as lost. Default `suspend`: as soon as the connection is lost. */
  readonly policy?: ConnectionPolicy;
}

/** Options of `LockingQueue.put`. */
export interface EntryOptions extends WaitOptions {
  /** 0 to 999; lower numbers come first. Default 100. */
  readonly priority?: number;
}

/**
 * A queue whose items stay until a consumer has finished with them. A consumer reserves an item with an ephemeral node.
 * If the consumer dies, another one gets the item: at least once, never lost. The nodes are those of kazoo's
 * `LockingQueue`.
 */
export class LockingQueue extends EventEmitter<QueueEvents> {
  readonly #caller: Caller;
  readonly #clientsPath: string;
  readonly #itemsPath: string;
  readonly #claimsPath: string;
  readonly #policy: ConnectionPolicy;
  readonly #source: ItemSource;
  readonly #gate: SpaceGate;

  /** @param path the directory of the queue; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: LockingQueueOptions = {}) {
    super();
    const caller = callerOf(zk, 'LockingQueue', path, options, { ...queueChecks, policy: oneOf('suspend', 'session') });
    this.#caller = caller;
    this.#policy = options.policy ?? 'suspend';
    this.#clientsPath = clientsPathOf(caller, options);
    this.#itemsPath = childOf(path, 'entries');
    this.#claimsPath = childOf(path, 'taken');
    this.#source = new ItemSource(caller, this.#clientsPath, {
      names: entryNames,
      naming: 'kazoo',
      path: this.#itemsPath,
      excludedPath: this.#claimsPath,
      isOrdered: true,
    });
    this.#gate = new SpaceGate(caller, this.#clientsPath, this.#itemsPath, options.sizeMax);
  }

  /**
   * Puts an item into the queue, exactly once, also if replies are lost.
   *
   * @throws `IN_DOUBT` if the session ended, or the caller stopped waiting, before the client knew if the item was put
   */
  put(item: Data, options: EntryOptions = {}): Promise<void> {
    return this.putAll([item], options);
  }

  /** Puts several items with one transaction: all or none. Throws as `put` does. */
  async putAll(items: readonly Data[], { priority = 100, ...options }: EntryOptions = {}): Promise<void> {
    const { acl } = this.#caller;
    checkArgument(this.#caller, 'priority', priority, isInteger(0, 999));
    for (const item of items) checkArgument(this.#caller, 'an item', item, isData);
    if (items.length === 0) return;
    const path = childOf(this.#itemsPath, entryPrefix(priority));
    const createOptions = { mode: 'PERSISTENT_SEQUENTIAL', ...(acl && { acl }) } as const;
    const steps = (transaction: Transaction<readonly unknown[]>) => {
      let all = transaction;
      for (const item of items) all = all.create(path, item, createOptions);
      return all;
    };
    const write = { steps, doubt: 'the items may have been put' };
    await runRenewing(this.#caller, options, (call) =>
      this.#gate.pass(call, () => this.#inDirectory(call, () => writeOnce(call, this.#clientsPath, write))),
    );
  }

  /**
   * Reserves the next item, and waits for one if all are reserved. Call `consume` when the work is done.
   *
   * @throws `TIMEOUT`, `ABORTED`; `SESSIONEXPIRED` if the session expires and the client does not renew it
   */
  async take(options: WaitOptions = {}): Promise<HeldItem> {
    return (await runRenewing(this.#caller, options, (call) => this.#takeNext(call, true)))!;
  }

  /** Reserves the next item, or resolves with undefined if all are reserved. Throws as `take` does. */
  poll(options: WaitOptions = {}): Promise<HeldItem | undefined> {
    return runRenewing(this.#caller, options, (call) => this.#takeNext(call, false));
  }

  /** Reserves items without end. The options apply to each item. An item that the loop does not consume is given back. */
  async *items(options: WaitOptions = {}): AsyncGenerator<HeldItem, never, void> {
    for (;;) {
      await using item = await this.take(options);
      yield item;
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<HeldItem, never, void> {
    return this.items();
  }

  /** Returns the number of items, with the reserved ones. It may be older than the last change of another client. */
  size(options: WaitOptions = {}): Promise<number> {
    return runRenewing(this.#caller, options, async (call) => {
      const stat = await call.retry(() => this.#caller.zk.exists(this.#itemsPath, call.limits));
      return stat?.numChildren ?? 0;
    });
  }

  /** Repeats a request that needs the directories after it has created them. */
  async #inDirectory<Result>(call: Call, request: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await request();
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
      await ensureDirectory(call, this.#itemsPath, 'kazoo');
      await ensureDirectory(call, this.#claimsPath, 'kazoo');
    }
  }

  async #takeNext(call: Call, waits: boolean): Promise<HeldItem | undefined> {
    for (;;) {
      const item = await this.#source.next(call, waits);
      if (item === undefined) return undefined;
      const held = await this.#reserve(call, item);
      if (held !== undefined) return held;
    }
  }

  async #reserve(call: Call, item: ItemName): Promise<HeldItem | undefined> {
    const itemPath = childOf(this.#itemsPath, item.name);
    const claimPath = childOf(this.#claimsPath, item.name);
    const claim = await this.#inDirectory(call, () => claimNode(call, itemPath, claimPath));
    if (claim === undefined) return undefined;
    let data: Buffer | undefined;
    try {
      data = await this.#read(call, itemPath, item);
    } finally {
      if (data === undefined) void dropClaim(this.#caller.zk, claim).catch(() => {});
    }
    if (data === undefined) return undefined;
    const held = new ItemHold(this.#caller, claim, this.#policy, itemPath, data);
    if (!held.signal.aborted) return held;
    // the connection was lost just now, so this client looks for an item again
    void held.release().catch(() => {});
    return undefined;
  }

  /** Returns undefined if the item is gone, or this client may not read it. */
  async #read(call: Call, path: string, { name }: ItemName): Promise<Buffer | undefined> {
    try {
      const { data } = await call.retry(() => this.#caller.zk.get(path, call.limits));
      return data ?? Buffer.alloc(0);
    } catch (error) {
      if (ZooKeeperError.is(error, 'NOAUTH')) {
        this.#source.rejected.add(name);
        const detail = `the ACL of ${path} does not allow to read it`;
        emitSafely(this, 'invalid', new RecipeError('NOAUTH', this.#caller, detail, error));
      } else if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      return undefined;
    }
  }
}
