import type { Data, ZooKeeper } from '@nodekeeper/client';
import { type Checks, isData, oneOf } from '../foundation/checks.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import type { Naming } from '../line/naming.js';
import { firstOnly, WaitingLine } from '../line/waiting-line.js';
import { LineLock } from './line-lock.js';

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
export class Lock extends LineLock {
  /** @param path the directory of the lock; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: ExclusiveOptions = {}) {
    const caller = callerOf(zk, 'Lock', path, options, exclusiveChecks);
    const { naming = 'curator', policy = 'suspend', data = '' } = options;
    const marker = markers[naming];
    super(new WaitingLine(caller, { naming, marker, markers: [marker] }), firstOnly, policy, data);
  }
}
