import type { Caller } from '../foundation/call.js';
import { RecipeError, recipeError } from '../foundation/errors.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import { dropClaim } from '../line/claim.js';
import type { Ticket } from '../line/ticket.js';
import { NodeHold } from './hold.js';

/** A hold on a node whose path other clients use too, after this client has lost the node. */
export class ClaimHold extends NodeHold {
  protected readonly claim: Ticket;

  constructor(caller: Caller, claim: Ticket, policy: ConnectionPolicy) {
    super(caller, [claim], policy);
    this.claim = claim;
  }

  override async release(): Promise<void> {
    this.end();
    try {
      await dropClaim(this.caller.zk, this.claim);
    } catch (error) {
      throw recipeError(error, this.caller);
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isReleased) await this.release();
  }

  /** Must be called before the node is deleted, so that the deletion is no loss. */
  protected end(): void {
    if (this.isReleased) throw new RecipeError('NOT_HELD', this.caller);
    this.forget();
  }
}
