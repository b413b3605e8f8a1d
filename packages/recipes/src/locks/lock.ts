import type { Acl, Data, ZooKeeper } from '@nodekeeper/client';
import { type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { type RetryPolicy, retry } from '../foundation/retry.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import type { Naming } from '../line/naming.js';
import { firstOnly, WaitingLine } from '../line/waiting-line.js';
import { type Held, LineHold } from './hold.js';

/** Options of all recipes that hold something exclusive. */
export interface ExclusiveOptions {
  /** The library whose clients may use the same path. Default `curator`. */
  readonly naming?: Naming;
  /** When a hold counts as lost. Default `suspend`: as soon as the connection is lost. */
  readonly policy?: ConnectionPolicy;
  /** The data of this client's node, for operators. Default: empty. */
  readonly data?: Data;
  /** The ACL of the nodes that the recipe creates. Default `OPEN_ACL`. */
  readonly acl?: readonly Acl[];
  /** Whether to repeat requests whose connection was lost. Default `retry.forever()`. */
  readonly retry?: RetryPolicy;
}

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
    const { naming = 'curator', policy = 'suspend', data = '', acl } = options;
    this.#caller = { zk, path, recipe: 'Lock', retry: options.retry ?? retry.forever() };
    const marker = markers[naming];
    this.#line = new WaitingLine(this.#caller, { naming, marker, markers: [marker], acl });
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
