import { EventEmitter } from 'node:events';
import { type Data, type Transaction, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { type Checks, checkArgument, isData, isInteger } from '../foundation/checks.js';
import { type ClientsPathOptions, clientsPathChecks, clientsPathOf } from '../foundation/clients-path.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { writeOnce } from '../foundation/write-once.js';
import type { Naming } from '../line/naming.js';
import { ensureDirectory } from './directory.js';
import type { ItemFormat } from './item-format.js';
import type { ItemName, ItemNames } from './item-names.js';
import { ItemSource } from './item-source.js';
import { SpaceGate } from './space-gate.js';

/** Options of all queues. */
export interface QueueOptions extends ClientsPathOptions {
  /**
   * While the queue has this number of items, `put` waits. A few clients that find space at the same time may exceed it.
   * Default: no limit.
   */
  readonly sizeMax?: number;
}

/** The events of all queues. */
export interface QueueEvents {
  /** An item has invalid data, or the client may not read it. The item stays; this client does not take it. */
  invalid: [error: RecipeError];
}

export const queueChecks: Checks = { ...clientsPathChecks, sizeMax: isInteger(1) };

/** How a kind of queue differs from others. */
interface QueueKind {
  readonly naming: Naming;
  readonly names: ItemNames;
  readonly format: ItemFormat;
  readonly isOrdered?: boolean;
  readonly delayMs?: (item: ItemName) => number;
}

/** A queue whose items are deleted when they are taken. */
export abstract class BaseQueue extends EventEmitter<QueueEvents> {
  protected readonly caller: Caller;
  protected readonly source: ItemSource;
  protected readonly clientsPath: string;
  readonly #kind: QueueKind;
  readonly #gate: SpaceGate;

  /** @internal */
  constructor(caller: Caller, options: QueueOptions, kind: QueueKind) {
    super();
    this.caller = caller;
    this.clientsPath = clientsPathOf(caller, options);
    this.#kind = kind;
    const { names, naming, isOrdered = false, delayMs } = kind;
    const { path } = caller;
    const sourceOptions = { path, names, naming, isOrdered, ...(delayMs && { delayMs }) };
    this.source = new ItemSource(caller, this.clientsPath, sourceOptions);
    this.#gate = new SpaceGate(caller, this.clientsPath, path, options.sizeMax);
  }

  /**
   * Takes the next item out of the queue, and waits for one if the queue is empty. Every item is taken by one client
   * once, also if replies are lost.
   *
   * @throws `TIMEOUT`, `ABORTED`; `IN_DOUBT` if the session ended, or the caller stopped waiting, before the client knew
   * if it had taken the item. The client puts the item back if its session lives long enough
   */
  async take(options: WaitOptions = {}): Promise<Buffer> {
    return (await runRenewing(this.caller, options, (call) => this.#takeNext(call, true)))!;
  }

  /** Takes the next item, or resolves with undefined if the queue is empty. Throws as `take` does. */
  poll(options: WaitOptions = {}): Promise<Buffer | undefined> {
    return runRenewing(this.caller, options, (call) => this.#takeNext(call, false));
  }

  /** Takes items without end. The options apply to each item. */
  async *items(options: WaitOptions = {}): AsyncGenerator<Buffer, never, void> {
    for (;;) yield await this.take(options);
  }

  [Symbol.asyncIterator](): AsyncGenerator<Buffer, never, void> {
    return this.items();
  }

  /** Returns the number of nodes in the directory. It may be older than the last change of another client. */
  size(options: WaitOptions = {}): Promise<number> {
    return runRenewing(this.caller, options, async (call) => {
      const stat = await call.retry(() => this.caller.zk.exists(this.caller.path, call.limits));
      return stat?.numChildren ?? 0;
    });
  }

  /**
   * Puts items into the queue, all or none.
   *
   * @param prefix the name of their nodes up to the number
   */
  protected async putAs(prefix: string, items: readonly Data[], options: WaitOptions): Promise<void> {
    for (const item of items) checkArgument(this.caller, 'an item', item, isData);
    if (items.length === 0) return;
    const { path, acl } = this.caller;
    const bytes = items.map((item) => this.#kind.format.encode([Buffer.from(item ?? '')]));
    const createOptions = { mode: 'PERSISTENT_SEQUENTIAL', ...(acl && { acl }) } as const;
    const steps = (transaction: Transaction<readonly unknown[]>) => {
      let all = transaction;
      for (const data of bytes) all = all.create(childOf(path, prefix), data, createOptions);
      return all;
    };
    await runRenewing(this.caller, options, (call) =>
      this.#gate.pass(call, async () => {
        for (;;) {
          try {
            await writeOnce(call, this.clientsPath, { steps, doubt: 'the items may have been put' });
            return;
          } catch (error) {
            if (!ZooKeeperError.is(error, 'NONODE')) throw error;
          }
          await ensureDirectory(call, path, this.#kind.naming);
        }
      }),
    );
  }

  // ---- taking

  async #takeNext(call: Call, waits: boolean): Promise<Buffer | undefined> {
    for (;;) {
      const item = await this.source.next(call, waits);
      if (item === undefined) return undefined;
      const data = await this.#take(call, item);
      if (data !== undefined) return data;
    }
  }

  /** Takes an item out of its node. Returns undefined if there is nothing to take from the node. */
  async #take(call: Call, item: ItemName): Promise<Buffer | undefined> {
    const path = childOf(this.caller.path, item.name);
    for (;;) {
      const content = await this.#read(call, path, item);
      if (content === undefined) return undefined;
      try {
        return await this.#takeFirst(call, path, item, content);
      } catch (error) {
        if (ZooKeeperError.is(error, 'NONODE')) return undefined;
        // another client has taken an earlier item of the same node
        if (!ZooKeeperError.is(error, 'BADVERSION')) throw error;
      }
    }
  }

  /** Reads the items in a node. Returns undefined if the node is gone or invalid. */
  async #read(call: Call, path: string, item: ItemName): Promise<Content | undefined> {
    try {
      const { data, stat } = await call.retry(() => this.caller.zk.get(path, call.limits));
      const items = this.#kind.format.decode(data ?? Buffer.alloc(0));
      if (items !== undefined) return { items, data, version: stat.version };
      this.#reject(item, new RecipeError('BAD_NODE', this.caller, `${path} does not have the data of an item`));
    } catch (error) {
      if (ZooKeeperError.is(error, 'NOAUTH')) {
        this.#reject(
          item,
          new RecipeError('NOAUTH', this.caller, `the ACL of ${path} does not allow to read it`, error),
        );
      } else if (!ZooKeeperError.is(error, 'NONODE')) throw error;
    }
    return undefined;
  }

  #reject({ name }: ItemName, error: RecipeError): void {
    this.source.rejected.add(name);
    emitSafely(this, 'invalid', error);
  }

  /** Takes the first item of a node. The node stays for the rest. Curator's producers put several items into one node. */
  async #takeFirst(call: Call, path: string, item: ItemName, content: Content): Promise<Buffer | undefined> {
    const { items, data, version } = content;
    const [first, ...rest] = items;
    const { acl } = this.caller;
    const { format } = this.#kind;
    const prefix = path.slice(0, -(/-?\d+$/.exec(item.name)?.[0].length ?? 0));
    await writeOnce(call, this.clientsPath, {
      doubt: `the item ${path} may have been taken`,
      steps: (transaction) =>
        rest.length === 0
          ? transaction.delete(path, { version })
          : transaction.set(path, format.encode(rest), { version }),
      undo: (transaction) =>
        rest.length === 0
          ? transaction.create(path, data, acl && { acl })
          : transaction.create(prefix, format.encode([first!]), {
              mode: 'PERSISTENT_SEQUENTIAL',
              ...(acl && { acl }),
            }),
    });
    return first;
  }
}

interface Content {
  readonly items: readonly Buffer[];
  readonly data: Buffer | null;
  readonly version: number;
}
