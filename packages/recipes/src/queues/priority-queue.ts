import type { Data, ZooKeeper } from '@nodekeeper/client';
import type { WaitOptions } from '../foundation/call.js';
import { type Check, checkArgument, isInteger } from '../foundation/checks.js';
import { callerOf } from '../foundation/recipe-options.js';
import { BaseQueue } from './base-queue.js';
import { multiFormat, plainFormat } from './item-format.js';
import { entryNames, entryPrefix, priorityNames, priorityPrefix } from './item-names.js';
import { type NamedQueueOptions, namedQueueChecks } from './queue.js';

/** Options of `PriorityQueue.put`. */
export interface PriorityOptions extends WaitOptions {
  /** Lower numbers come first. Curator: an integer of 32 bits. kazoo: 0 to 999. */
  readonly priority: number;
}

/**
 * A queue that offers items with a lower priority number first. The nodes are those of Curator's
 * `DistributedPriorityQueue`, or of kazoo's `Queue`.
 */
export class PriorityQueue extends BaseQueue {
  readonly #prefixOf: (priority: number) => string;
  readonly #isPriority: Check;

  /** @param path the directory of the items; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: NamedQueueOptions = {}) {
    const caller = callerOf(zk, 'PriorityQueue', path, options, namedQueueChecks);
    const { naming = 'curator' } = options;
    const isKazoo = naming === 'kazoo';
    super(caller, options, {
      naming,
      names: isKazoo ? entryNames : priorityNames,
      format: isKazoo ? plainFormat : multiFormat,
      isOrdered: true,
    });
    this.#prefixOf = isKazoo ? entryPrefix : priorityPrefix;
    this.#isPriority = isKazoo ? isInteger(0, 999) : isInteger(-0x80000000, 0x7fffffff);
  }

  /** Puts an item into the queue. Throws as `Queue.put` does. */
  put(item: Data, options: PriorityOptions): Promise<void> {
    return this.putAll([item], options);
  }

  /** Puts several items with the same priority: all or none. Throws as `Queue.put` does. */
  async putAll(items: readonly Data[], { priority, ...options }: PriorityOptions): Promise<void> {
    checkArgument(this.caller, 'priority', priority, this.#isPriority);
    await this.putAs(this.#prefixOf(priority), items, options);
  }
}
