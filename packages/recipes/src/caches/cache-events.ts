import type { Stat } from '@nodekeeper/client';
import type { RecipeError } from '../foundation/errors.js';
import type { CacheEntry } from './cached-tree.js';

/** A node whose value could not be read. The cache keeps the last good value, if it has one. */
export interface InvalidNode {
  readonly path: string;
  /**
   * `INVALID_DATA` if the codec refused the data; `cause` is then the codec's error. `NOAUTH` if the ACL of the node
   * does not allow this client to read it: the cache then has no node below it either.
   */
  readonly error: RecipeError;
  /** The Stat of the node with the invalid data; undefined if the server refused the read. */
  readonly stat: Stat | undefined;
}

/** The events of a cache. */
export interface CacheEvents<Value> {
  /** The cache has a first value of a node. This includes the nodes that the first read finds. */
  added: [entry: CacheEntry<Value>];
  /** A node has a new value. Several changes in a short time may be one event, which has the newest value. */
  changed: [entry: CacheEntry<Value>];
  /** A node was deleted. The event has its last value. */
  removed: [entry: CacheEntry<Value>];
  /** A node could not be read. Other nodes are not affected. */
  invalid: [node: InvalidNode];
  /** The cache has ended, because the client has no session any more. */
  error: [error: RecipeError];
}

/** An event of a cache, for loops over `events()`. */
export type CacheEvent<Value> =
  | ({ readonly type: 'added' | 'changed' | 'removed' } & CacheEntry<Value>)
  | ({ readonly type: 'invalid' } & InvalidNode);
