import type { ZooKeeper } from '@nodekeeper/client';
import type { WaitOptions } from '../foundation/call.js';
import { oneOf } from '../foundation/checks.js';
import type { Naming } from '../line/naming.js';
import { AtomicNumber, type AtomicOptions, atomicChecks, type Change } from './atomic-number.js';
import { int64, integerText } from './number-format.js';

/** Options of an `AtomicLong`. */
export interface AtomicLongOptions extends AtomicOptions {
  /**
   * The form of the data. `curator`, the default: 8 bytes, as in `DistributedAtomicLong`. `kazoo`: decimal text without
   * a limit, as in kazoo's `Counter` with an integer.
   */
  readonly naming?: Naming;
}

/** An integer in a node, which any client changes in one step. A node that does not exist or is empty counts as 0. */
export class AtomicLong extends AtomicNumber<bigint> {
  /** @param path the node; it and the nodes above it are created by the first change */
  constructor(zk: ZooKeeper, path: string, options: AtomicLongOptions = {}) {
    const checks = { ...atomicChecks, naming: oneOf('curator', 'kazoo') };
    super(zk, 'AtomicLong', path, options, checks, options.naming === 'kazoo' ? integerText : int64);
  }

  /** Adds 1. Throws as `add` does. */
  increment(options: WaitOptions = {}): Promise<Change<bigint>> {
    return this.add(1n, options);
  }

  /** Subtracts 1. Throws as `add` does. */
  decrement(options: WaitOptions = {}): Promise<Change<bigint>> {
    return this.add(-1n, options);
  }
}
