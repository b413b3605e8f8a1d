import { ZooKeeperError } from '@nodekeeper/client';
import { type Caller, isConnectionLoss } from '../foundation/call.js';
import { RecipeError, recipeError } from '../foundation/errors.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import { dropClaim, isStanding } from '../line/claim.js';
import type { Ticket } from '../line/ticket.js';
import { ClaimHold } from '../locks/claim-hold.js';
import type { Held } from '../locks/hold.js';

/** An item of a `LockingQueue` that this client has reserved. `release` and `await using` give it back. */
export interface HeldItem extends Held {
  readonly data: Buffer;
  /**
   * Removes the item from the queue for good. It is repeated until a server has answered.
   *
   * @throws `NOT_HELD` after `consume` or `release`; `LOST` if the reservation was lost, so that another client gets the
   * item
   */
  consume(): Promise<void>;
}

/** An item that is reserved with a claim: an ephemeral node. */
export class ItemHold extends ClaimHold implements HeldItem {
  readonly data: Buffer;
  readonly #itemPath: string;

  constructor(caller: Caller, claim: Ticket, policy: ConnectionPolicy, itemPath: string, data: Buffer) {
    super(caller, claim, policy);
    this.data = data;
    this.#itemPath = itemPath;
  }

  async consume(): Promise<void> {
    this.end();
    let mayBeDone = false;
    for (;;) {
      try {
        await this.#deleteBoth(mayBeDone);
        return;
      } catch (error) {
        // the next request waits for a connection, so this loop is not busy
        if (!isConnectionLoss(error)) throw this.#failure(error);
        mayBeDone = true;
      }
    }
  }

  /** Deletes the item and the claim together, so that no other client can get the item between. */
  async #deleteBoth(mayBeDone: boolean): Promise<void> {
    const { zk } = this.caller;
    if (mayBeDone) await zk.sync(this.path);
    while (await isStanding(zk, this.claim)) {
      try {
        await zk.transaction().delete(this.#itemPath).delete(this.path).commit();
        return;
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
        // another program has deleted the item, so only the claim is left
        if (error.path === this.#itemPath) return dropClaim(zk, this.claim);
      }
    }
    if (mayBeDone && (await zk.exists(this.#itemPath)) === null) return;
    throw new RecipeError('LOST', this.caller, `${this.path} is gone, so another client can take the item`);
  }

  /** The item stays in the queue after a failure. */
  #failure(error: unknown): unknown {
    void dropClaim(this.caller.zk, this.claim).catch(() => {});
    if (!ZooKeeperError.is(error, 'SESSIONEXPIRED')) return recipeError(error, this.caller);
    return new RecipeError('LOST', this.caller, 'the session has expired, so another client can take the item', error);
  }
}
