import type { ZooKeeper } from '@nodekeeper/client';
import { decodeNumber, encodeNumber, int64 } from '../counters/number-format.js';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { isInteger } from '../foundation/checks.js';
import { type ClientsPathOptions, clientsPathChecks, clientsPathOf } from '../foundation/clients-path.js';
import { RecipeError } from '../foundation/errors.js';
import { callerOf } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { VersionedNode } from '../foundation/versioned-node.js';

/** Options of `IdBlocks`. */
export interface IdBlocksOptions extends ClientsPathOptions {
  /** The number of ids that a client reserves at once. Default 1000. */
  readonly blockSize?: number;
}

/**
 * Unique integers of 64 bits, from 0. Each client reserves a block of them with one change of a counter. Ids of one
 * client grow; ids of several clients do not come in the order of time. The counter is that of Curator's
 * `CachedAtomicLong`.
 */
export class IdBlocks {
  readonly #caller: Caller;
  readonly #node: VersionedNode;
  readonly #blockSize: bigint;
  #next = 0n;
  /** The end of the reserved block. The first id that is not reserved. */
  #end = 0n;
  #reserving: Promise<void> | undefined;

  /** @param path the node of the counter; it and the nodes above it are created when they are needed */
  constructor(zk: ZooKeeper, path: string, options: IdBlocksOptions = {}) {
    this.#caller = callerOf(zk, 'IdBlocks', path, options, { ...clientsPathChecks, blockSize: isInteger(1) });
    this.#node = new VersionedNode(this.#caller, clientsPathOf(this.#caller, options));
    this.#blockSize = BigInt(options.blockSize ?? 1000);
  }

  /**
   * Returns an id that no client has got and no client will get. Ids that a client has reserved and not used are lost
   * when it ends.
   *
   * @throws `BAD_NODE` if the data of the node is not a counter; `BADARGUMENTS` after the last id of 64 bits
   */
  next(options: WaitOptions = {}): Promise<bigint> {
    return runRenewing(this.#caller, options, async (call) => {
      call.check();
      while (this.#next === this.#end) {
        // other calls need the block too, so the reservation continues when this call ends
        this.#reserving ??= runRenewing(this.#caller, {}, (own) => this.#reserve(own)).finally(() => {
          this.#reserving = undefined;
        });
        await call.finish(this.#reserving);
      }
      return this.#next++;
    });
  }

  async #reserve(call: Call): Promise<void> {
    for (;;) {
      const content = await this.#node.read(call);
      const start = content === undefined ? 0n : decodeNumber(int64, content.data, this.#caller);
      const end = start + this.#blockSize;
      const data = encodeNumber(int64, end, this.#caller);
      if (await this.#tryReplace(call, content, data)) {
        this.#next = start;
        this.#end = end;
        return;
      }
    }
  }

  /** A block whose reservation is in doubt is not used: that costs some ids, but never gives one twice. */
  async #tryReplace(call: Call, ...[content, data]: Replacement): Promise<boolean> {
    try {
      return await this.#node.replace(call, content, data);
    } catch (error) {
      const { state } = this.#caller.zk;
      if (RecipeError.is(error, 'IN_DOUBT') && state !== 'CLOSED' && state !== 'AUTH_FAILED') return false;
      throw error;
    }
  }
}

type Replacement = [content: Parameters<VersionedNode['replace']>[1], data: Buffer];
