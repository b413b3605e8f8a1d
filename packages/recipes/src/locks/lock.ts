import type { Data, ZooKeeper } from '@nodekeeper/client';
import { type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { type Checks, isData, oneOf } from '../foundation/checks.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import type { Naming } from '../line/naming.js';
import { firstOnly, WaitingLine } from '../line/waiting-line.js';
import { type Held, LineHold } from './hold.js';

/** Options of all recipes that hold something exclusive. */
export interface ExclusiveOptions extends RecipeOptions {
  /** The library whose clients may use the same path. Default `curator`. */
  readonly naming?: Naming;
  /** When a hold counts as lost. Default `suspend`: as soon as the connection is lost. */
  readonly policy?: ConnectionPolicy;
  /** The data of this client's node, for operators. Default: empty. */
  readonly data?: Data;
}

export const exclusiveChecks: Checks = {
  naming: oneOf('curator', 'kazoo'),
  policy: oneOf('suspend', 'session'),
  data: isData,
};

const markers = { curator: '-lock-', kazoo: '__lock__' } as const;

/**
 * A mutual exclusion lock. At most one client holds it, in the order in which they asked for it. The nodes are those of
 * Curator's `InterProcessMutex`, or of kazoo's `Lock`.
 */
export class Lock {
  readonly #caller: Caller;
  readonly #line: WaitingLine;
  readonly #policy: ConnectionPolicy;
  readonly #data: Data;

  /** @param path the directory of the lock; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: ExclusiveOptions = {}) {
    this.#caller = callerOf(zk, 'Lock', path, options, exclusiveChecks);
    const { naming = 'curator', policy = 'suspend', data = '' } = options;
    const marker = markers[naming];
    this.#line = new WaitingLine(this.#caller, { naming, marker, markers: [marker] });
    this.#policy = policy;
    this.#data = data;
  }

  /** Waits for the lock. */
  acquire(options: WaitOptions = {}): Promise<Held> {
    return runCall(this.#caller, options, async (call) => {
      const ticket = await this.#line.waitForTurn(call, this.#data, firstOnly);
      return new LineHold(this.#line, ticket, this.#policy);
    });
  }
}
