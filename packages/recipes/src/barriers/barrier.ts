import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { ensureContainer, parentOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { untilEvent } from '../foundation/until-event.js';

/**
 * Clients wait as long as the node exists. The node is that of Curator's `DistributedBarrier`, and of kazoo's
 * `Barrier`.
 */
export class Barrier {
  readonly #caller: Caller;

  /** @param path the node of the barrier; nodes above it are created when they are needed */
  constructor(zk: ZooKeeper, path: string, options: RecipeOptions = {}) {
    this.#caller = callerOf(zk, 'Barrier', path, options);
  }

  /** Closes the barrier. Does nothing if it is closed. */
  set(options: WaitOptions = {}): Promise<void> {
    return runRenewing(this.#caller, options, (call) => this.#create(call));
  }

  async #create(call: Call): Promise<void> {
    const { zk, path, acl } = this.#caller;
    for (;;) {
      try {
        await call.retry(() => zk.create(path, '', { ...(acl && { acl }), ...call.limits }));
        return;
      } catch (error) {
        if (ZooKeeperError.is(error, 'NODEEXISTS')) return;
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
      await ensureContainer(call, parentOf(path));
    }
  }

  /** Opens the barrier: all waiting clients continue. Does nothing if it is open. */
  async remove(options: WaitOptions = {}): Promise<void> {
    const { zk, path } = this.#caller;
    await runRenewing(this.#caller, options, async (call) => {
      try {
        await call.retry(() => zk.delete(path, call.limits));
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
    });
  }

  /** Waits until the barrier is open. Resolves at once if it is. */
  wait(options: WaitOptions = {}): Promise<void> {
    const { zk, path } = this.#caller;
    return runRenewing(this.#caller, options, async (call) => {
      let isOpen = false;
      while (!isOpen) {
        const event = await untilEvent(call, 'data', [path], async (watch) => {
          isOpen = (await zk.exists(path, { watch, ...call.limits })) === null;
          return isOpen;
        });
        // another client may have closed the barrier again
        isOpen ||= event?.type === 'NodeDeleted';
      }
    });
  }
}
