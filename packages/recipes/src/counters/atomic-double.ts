import type { ZooKeeper } from '@nodekeeper/client';
import { AtomicNumber, type AtomicOptions, atomicChecks } from './atomic-number.js';
import { floatText } from './number-format.js';

/** A number with a fraction in a node, as decimal text: kazoo's `Counter` with a float. */
export class AtomicDouble extends AtomicNumber<number> {
  /** @param path the node; it and the nodes above it are created by the first change */
  constructor(zk: ZooKeeper, path: string, options: AtomicOptions = {}) {
    super(zk, 'AtomicDouble', path, options, atomicChecks, floatText);
  }
}
