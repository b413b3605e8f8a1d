import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { isText } from '../foundation/checks.js';
import { deleteSoon } from '../foundation/late-deletes.js';
import { childOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { uuid } from '../foundation/unique-id.js';
import { readSequence } from '../line/sequence.js';
import { createSurely, ticketOf } from '../line/ticket.js';

/** Options of `SequentialNames`. */
export interface SequentialNamesOptions extends RecipeOptions {
  /** The text before the number. Default: none. */
  readonly prefix?: string;
}

/**
 * Unique names with a number that counts up, such as `job-0000000007`. The server counts in the directory at the path, as
 * long as the directory exists. The names sort like their numbers, which go up to 4294967295.
 */
export class SequentialNames {
  readonly #caller: Caller;
  readonly #prefix: string;
  #isChecked = false;

  /**
   * @param path the directory that counts; it is created when it is needed. If it is deleted, the numbers start at 0
   * again, so it must not be a container
   */
  constructor(zk: ZooKeeper, path: string, options: SequentialNamesOptions = {}) {
    this.#caller = callerOf(zk, 'SequentialNames', path, options, { prefix: isText });
    this.#prefix = options.prefix ?? '';
  }

  /** Returns the next name. No other call gets it. A call that stops waiting may leave out a number. */
  next(options: WaitOptions = {}): Promise<string> {
    return runRenewing(this.#caller, options, async (call) => {
      if (!this.#isChecked) await this.#ensureDirectory(call);
      this.#isChecked = true;
      const number = await this.#count(call);
      // after 2^31 - 1 the number of the server is negative (kazoo#730); as an unsigned number it continues to grow
      return this.#prefix + String(number >>> 0).padStart(10, '0');
    });
  }

  async #count(call: Call): Promise<number> {
    const { zk, path, acl } = this.#caller;
    const prefix = `${uuid(zk.ports.random)}-`;
    const options = { mode: 'EPHEMERAL_SEQUENTIAL', ...(acl && { acl }), ...call.limits } as const;
    const [ticket] = await createSurely(call, path, prefix, async () => {
      const { path: created, stat } = await zk.create(childOf(path, prefix), '', options);
      return [ticketOf(created, stat)];
    });
    // the directory remembers the number without the node
    deleteSoon(zk, ticket!.path);
    const number = readSequence(ticket!.name.slice(prefix.length));
    if (number === undefined) throw new Error(`the server has created ${ticket!.name} as a sequential node`);
    return number;
  }

  async #ensureDirectory(call: Call): Promise<void> {
    const { zk, path, acl } = this.#caller;
    try {
      await call.retry(() => zk.createWithParents(path, '', { ...(acl && { acl }), ...call.limits }));
    } catch (error) {
      if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
    }
  }
}
