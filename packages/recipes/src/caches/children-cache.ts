import type { ZooKeeper } from '@nodekeeper/client';
import { childOf } from '../foundation/parents.js';
import { Cache, type CacheOptions } from './cache.js';
import type { CacheEntry } from './cached-tree.js';

/** Holds the values of all children of a node. It does not read the node itself, or deeper nodes. */
export class ChildrenCache<Value = Buffer> extends Cache<Value> {
  /** @param path the parent; it need not exist */
  constructor(zk: ZooKeeper, path: string, options: CacheOptions<Value> = {}) {
    super(zk, 'ChildrenCache', path, { depth: 1, hasRootValue: false }, options);
  }

  /** Returns the child with this name; undefined if it does not exist, or never had a valid value. */
  child(name: string): CacheEntry<Value> | undefined {
    return this.get(childOf(this.caller.path, name));
  }

  /** The names of the children, in no particular order. Children that were never valid are included. */
  children(): string[] {
    return this.names(this.caller.path);
  }
}
