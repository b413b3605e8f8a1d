import { type Data, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, runCall, type WaitOptions } from '../foundation/call.js';
import { checkArgument, isNonEmptyText } from '../foundation/checks.js';
import { childOf } from '../foundation/parents.js';
import { callerOf } from '../foundation/recipe-options.js';
import { writeOnce } from '../foundation/write-once.js';
import { BaseQueue, type QueueOptions, queueChecks } from './base-queue.js';
import { multiFormat } from './item-format.js';
import { idInName, idNames, idPrefix } from './item-names.js';

/** Options of `IdQueue.put`. */
export interface IdOptions extends WaitOptions {
  /** Any text that is not empty. The characters / and | count as _. Several items may have the same id. */
  readonly id: string;
}

/** A queue whose items have ids by which they can be removed. The nodes are those of Curator's `DistributedIdQueue`. */
export class IdQueue extends BaseQueue {
  /** @param path the directory of the items; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: QueueOptions = {}) {
    const caller = callerOf(zk, 'IdQueue', path, options, queueChecks);
    super(caller, options, { naming: 'curator', names: idNames, format: multiFormat });
  }

  /** Puts an item into the queue. Throws as `Queue.put` does. */
  put(item: Data, options: IdOptions): Promise<void> {
    return this.putAll([item], options);
  }

  /** Puts several items with the same id: all or none. Throws as `Queue.put` does. */
  async putAll(items: readonly Data[], { id, ...options }: IdOptions): Promise<void> {
    checkArgument(this.caller, 'id', id, isNonEmptyText);
    await this.putAs(idPrefix(id), items, options);
  }

  /** Removes all items with an id. Returns the number of nodes that this call has removed. Throws as `take` does. */
  async remove(id: string, options: WaitOptions = {}): Promise<number> {
    checkArgument(this.caller, 'id', id, isNonEmptyText);
    return runCall(this.caller, options, async (call) => {
      const items = await this.source.list(call);
      const wanted = items.filter((item) => item.id === idInName(id));
      const removals = await Promise.all(wanted.map(({ name }) => this.#removeNode(call, name)));
      return removals.filter((isRemoved) => isRemoved).length;
    });
  }

  /** Returns false if another client has taken the item. */
  async #removeNode(call: Call, name: string): Promise<boolean> {
    const path = childOf(this.caller.path, name);
    const doubt = `the item ${path} may have been removed`;
    try {
      await writeOnce(call, this.clientsPath, { steps: (transaction) => transaction.delete(path), doubt });
      return true;
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return false;
      throw error;
    }
  }
}
