import type { Data, ZooKeeper } from '@nodekeeper/client';
import type { WaitOptions } from '../foundation/call.js';
import { checkArgument, isInteger } from '../foundation/checks.js';
import { callerOf } from '../foundation/recipe-options.js';
import { type WallClockOptions, wallClockChecks, wallClockOf } from '../foundation/wall-clock.js';
import { BaseQueue, type QueueOptions, queueChecks } from './base-queue.js';
import { multiFormat } from './item-format.js';
import { delayNames, delayPrefix } from './item-names.js';

/** Options of a `DelayQueue`. */
export interface DelayQueueOptions extends QueueOptions, WallClockOptions {}

/** Options of `DelayQueue.put`. */
export interface DelayOptions extends WaitOptions {
  /** The time until the item may be taken, in whole milliseconds. */
  readonly delayMs: number;
}

/**
 * A queue whose items can be taken only after a time. Items that are due first come first. Producers and consumers use
 * their own clocks. The nodes are those of Curator's `DistributedDelayQueue`.
 */
export class DelayQueue extends BaseQueue {
  readonly #wallMs: () => number;

  /** @param path the directory of the items; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: DelayQueueOptions = {}) {
    const caller = callerOf(zk, 'DelayQueue', path, options, { ...queueChecks, ...wallClockChecks });
    const wallMs = wallClockOf(options);
    super(caller, options, {
      naming: 'curator',
      names: delayNames,
      format: multiFormat,
      isOrdered: true,
      delayMs: ({ order: dueMs }) => dueMs - wallMs(),
    });
    this.#wallMs = wallMs;
  }

  /** Puts an item into the queue. Throws as `Queue.put` does. */
  put(item: Data, options: DelayOptions): Promise<void> {
    return this.putAll([item], options);
  }

  /** Puts several items with the same delay: all or none. Throws as `Queue.put` does. */
  async putAll(items: readonly Data[], { delayMs, ...options }: DelayOptions): Promise<void> {
    checkArgument(this.caller, 'delayMs', delayMs, isInteger(0));
    await this.putAs(delayPrefix(Math.ceil(this.#wallMs() + delayMs)), items, options);
  }
}
