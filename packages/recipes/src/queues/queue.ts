import type { Data, ZooKeeper } from '@nodekeeper/client';
import type { WaitOptions } from '../foundation/call.js';
import { oneOf } from '../foundation/checks.js';
import { callerOf } from '../foundation/recipe-options.js';
import type { Naming } from '../line/naming.js';
import { BaseQueue, type QueueOptions, queueChecks } from './base-queue.js';
import { plainFormat } from './item-format.js';
import { entryNames, entryPrefix, simpleNames } from './item-names.js';

/** Options of a `Queue` and a `PriorityQueue`. */
export interface NamedQueueOptions extends QueueOptions {
  /** The library whose clients may use the same path. Default `curator`. */
  readonly naming?: Naming;
}

export const namedQueueChecks = { ...queueChecks, naming: oneOf('curator', 'kazoo') };

const kazooPriority = 100;

/**
 * A queue: first in, first out. The nodes are those of Curator's `SimpleDistributedQueue`, or of kazoo's `Queue` with its
 * default priority.
 */
export class Queue extends BaseQueue {
  readonly #prefix: string;

  /** @param path the directory of the items; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: NamedQueueOptions = {}) {
    const caller = callerOf(zk, 'Queue', path, options, namedQueueChecks);
    const { naming = 'curator' } = options;
    const isKazoo = naming === 'kazoo';
    const names = isKazoo ? entryNames : simpleNames;
    super(caller, options, { naming, names, format: plainFormat, isOrdered: isKazoo });
    this.#prefix = isKazoo ? entryPrefix(kazooPriority) : 'qn-';
  }

  /**
   * Puts an item into the queue, exactly once, also if replies are lost.
   *
   * @throws `IN_DOUBT` if the session ended, or the caller stopped waiting, before the client knew if the item was put
   */
  put(item: Data, options: WaitOptions = {}): Promise<void> {
    return this.putAs(this.#prefix, [item], options);
  }

  /** Puts several items with one transaction: all or none. Throws as `put` does. */
  putAll(items: readonly Data[], options: WaitOptions = {}): Promise<void> {
    return this.putAs(this.#prefix, items, options);
  }
}
