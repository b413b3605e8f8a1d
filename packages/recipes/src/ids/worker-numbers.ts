import { type WatchCallback, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { isInteger, oneOf } from '../foundation/checks.js';
import { childOf, ensureContainer } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import { untilEvent } from '../foundation/until-event.js';
import { claimNode } from '../line/claim.js';
import { ClaimHold } from '../locks/claim-hold.js';
import type { Held } from '../locks/hold.js';

/** Options of `WorkerNumbers`. */
export interface WorkerNumbersOptions extends RecipeOptions {
  /** The numbers are 0 to `count` - 1. Default 1024. */
  readonly count?: number;
  /** When a number counts as lost. Default `suspend`: as soon as the connection is lost. */
  readonly policy?: ConnectionPolicy;
}

/** A number that only this client has. */
export interface HeldNumber extends Held {
  readonly number: number;
}

class NumberHold extends ClaimHold implements HeldNumber {
  readonly number: number;

  constructor(number: number, ...hold: ConstructorParameters<typeof ClaimHold>) {
    super(...hold);
    this.number = number;
  }
}

/** Gives each client the smallest number that no other client has. The node of a number is ephemeral. */
export class WorkerNumbers {
  readonly #caller: Caller;
  readonly #count: number;
  readonly #policy: ConnectionPolicy;

  /** @param path the directory of the numbers; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: WorkerNumbersOptions = {}) {
    const checks = { count: isInteger(1), policy: oneOf('suspend', 'session') };
    this.#caller = callerOf(zk, 'WorkerNumbers', path, options, checks);
    this.#count = options.count ?? 1024;
    this.#policy = options.policy ?? 'suspend';
  }

  /**
   * Claims the smallest free number, and waits for one if all are taken.
   *
   * @throws `TIMEOUT`, `ABORTED`; `SESSIONEXPIRED` if the session expires and the client does not renew it
   */
  claim(options: WaitOptions = {}): Promise<HeldNumber> {
    return runRenewing(this.#caller, options, async (call) => {
      for (;;) {
        try {
          const held = await this.#tryClaim(call);
          if (held !== undefined) return held;
        } catch (error) {
          // the server has deleted the empty directory just now
          if (!ZooKeeperError.is(error, 'NONODE')) throw error;
        }
      }
    });
  }

  /** Returns undefined if another client was faster, or the connection was lost just now. */
  async #tryClaim(call: Call): Promise<HeldNumber | undefined> {
    const { path } = this.#caller;
    const number = await this.#smallestFree(call);
    const claim = await claimNode(call, path, childOf(path, String(number)));
    if (claim === undefined) return undefined;
    const held = new NumberHold(number, this.#caller, claim, this.#policy);
    if (!held.signal.aborted) return held;
    await call.finish(held.release());
    return undefined;
  }

  async #smallestFree(call: Call): Promise<number> {
    const { path } = this.#caller;
    let free: number | undefined;
    while (free === undefined) {
      await ensureContainer(call, path);
      await untilEvent(call, 'children', [path], async (watch) => {
        free = await this.#freeNow(call);
        // all numbers are taken: watch, and look if one has become free since then
        free ??= await this.#freeNow(call, watch);
        return free !== undefined;
      });
    }
    return free;
  }

  /** Returns undefined if all numbers are taken. */
  async #freeNow(call: Call, watch?: WatchCallback): Promise<number | undefined> {
    const { zk, path } = this.#caller;
    const { children } = await zk.children(path, { ...call.limits, ...(watch && { watch }) });
    const taken = new Set(children);
    for (let number = 0; number < this.#count; number++) if (!taken.has(String(number))) return number;
    return undefined;
  }
}
