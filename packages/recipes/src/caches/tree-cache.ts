import type { ZooKeeper } from '@nodekeeper/client';
import { Cache, type CacheOptions } from './cache.js';

/** Holds the values of a node and of all nodes below it. */
export class TreeCache<Value = Buffer> extends Cache<Value> {
  /** @param path the root; it need not exist */
  constructor(zk: ZooKeeper, path: string, options: CacheOptions<Value> = {}) {
    super(zk, 'TreeCache', path, { depth: Number.POSITIVE_INFINITY, hasRootValue: true }, options);
  }

  /**
   * Returns the names of the children of a node, in no particular order. Children that were never valid are included. A
   * node that does not exist has none.
   */
  children(path: string): string[] {
    return this.names(path);
  }
}
