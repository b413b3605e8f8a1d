import type { Stat } from '@nodekeeper/client';
import { type Place, RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import type { CacheEvent } from './cache-events.js';
import type { CachedTree } from './cached-tree.js';
import type { Reads, Round } from './reads.js';
import { type Decoded, Undecodable } from './safe-codec.js';

/** Which nodes a cache holds. */
export interface Scope {
  /** The number of levels below the root. */
  readonly depth: number;
  /** True if the cache holds the data of the root. */
  readonly hasRootValue: boolean;
}

/**
 * Applies the replies of the servers to the tree of a cache, tells the events, and asks for the reads that follow. A
 * reply that is older than the tree changes nothing.
 */
export class TreeUpdates<Value> {
  /** True if the watches report lists of children, and not the children themselves. */
  watchesLists = false;

  constructor(
    private readonly place: Place,
    private readonly scope: Scope,
    private readonly tree: CachedTree<Value>,
    private readonly reads: Reads,
    private readonly tell: (event: CacheEvent<Value>) => void,
  ) {}

  readRoot(round?: Round): void {
    this.reads.read(this.scope.hasRootValue ? 'data' : 'children', this.place.path, round);
  }

  /** Applies the data of a node. */
  data(path: string, data: Decoded<Value> | null, stat: Stat, round: Round | undefined): void {
    const isNew = this.tree.find(path) === undefined;
    const node = this.tree.ensure(path);
    // if the parent is missing, it was deleted, or a read of it comes later and finds this node again
    if (node === undefined) return;
    const heldCzxid = this.tree.czxid(node);
    const isReplaced = heldCzxid >= 0 && stat.czxid > heldCzxid;
    if (this.#hasNewerData(path, stat)) {
      const hadValue = this.tree.hasValue(node);
      if (data instanceof Undecodable) {
        this.tree.refuse(node, stat);
        this.#invalid(path, stat, data.cause);
      } else {
        this.tree.setValue(node, data, stat);
        this.tell({ type: hadValue ? 'changed' : 'added', path, value: data, stat });
      }
    }
    if (isNew || isReplaced) this.#followChildren(path, stat, round);
  }

  #invalid(path: string, stat: Stat, cause: unknown): void {
    const detail = `${path}, version ${stat.version}: ${cause instanceof Error ? cause.message : cause}`;
    const error = new RecipeError('INVALID_DATA', this.place, detail, cause);
    this.tell({ type: 'invalid', path, error, stat });
  }

  #hasNewerData(path: string, stat: Stat): boolean {
    if (path === this.place.path && !this.scope.hasRootValue) return false;
    const node = this.tree.find(path);
    if (node === undefined) return false;
    const held = this.tree.czxid(node);
    return stat.czxid >= held && stat.mzxid > this.tree.mzxid(node);
  }

  /** A node without children needs no list: the recursive watch reports its later children. */
  #followChildren(path: string, stat: Stat, round: Round | undefined): void {
    if (this.tree.depthOf(path) >= this.scope.depth) return;
    if (stat.numChildren > 0 || this.watchesLists) this.reads.read('children', path, round);
    else this.children(path, [], stat, false, round);
  }

  /**
   * Applies a list of children.
   *
   * @param isProbe true if the children that are in the tree may have changed too
   */
  children(path: string, names: readonly string[], stat: Stat, isProbe: boolean, round: Round | undefined): void {
    const isRoot = path === this.place.path;
    const node = isRoot && !this.scope.hasRootValue ? this.tree.ensure(path) : this.tree.find(path);
    if (node === undefined) return;
    if (isProbe && this.#hasNewerData(path, stat)) this.reads.read('data', path);
    const known = node.children;
    if (known !== undefined) this.#removeMissing(path, new Set(names), stat);
    for (const name of names) {
      if (!known?.has(name)) this.reads.read('data', childOf(path, name), round);
      else if (isProbe) this.reads.read('probe', childOf(path, name));
    }
  }

  #removeMissing(path: string, names: ReadonlySet<string>, stat: Stat): void {
    for (const [name, child] of this.tree.find(path)?.children ?? []) {
      // a child that was created after the last change of this list is newer than the list
      if (!names.has(name) && this.tree.czxid(child) <= stat.pzxid) this.remove(childOf(path, name));
    }
  }

  /** Applies the result of a look at a node that had no children. */
  stat(path: string, stat: Stat | null): void {
    if (stat === null) {
      this.remove(path);
    } else if (this.tree.find(path) === undefined) {
      if (path === this.place.path) this.readRoot();
    } else {
      if (this.#hasNewerData(path, stat)) this.reads.read('data', path);
      if (stat.numChildren > 0 && this.tree.depthOf(path) < this.scope.depth) this.reads.read('children', path);
    }
  }

  /** Removes a node and its descendants. */
  remove(path: string): void {
    for (const entry of this.tree.remove(path)) this.tell({ type: 'removed', ...entry });
  }
}
