import type { ZooKeeper } from '@nodekeeper/client';
import { Cache, type CacheOptions } from './cache.js';
import type { CacheEntry } from './cached-tree.js';

/** Holds the value of one node. The node need not exist. */
export class NodeCache<Value = Buffer> extends Cache<Value> {
  /** @param path the node */
  constructor(zk: ZooKeeper, path: string, options: CacheOptions<Value> = {}) {
    super(zk, 'NodeCache', path, { depth: 0, hasRootValue: true }, options);
  }

  /** The node; undefined if it does not exist, or never had a valid value. */
  get current(): CacheEntry<Value> | undefined {
    return this.get(this.caller.path);
  }
}
