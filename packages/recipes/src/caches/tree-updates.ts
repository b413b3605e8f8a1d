import type { Stat } from '@nodekeeper/client';
import { type Place, RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import type { CacheEvent } from './cache-events.js';
import type { CachedNode, CachedTree } from './cached-tree.js';
import type { Read, Reads } from './reads.js';
import { type Decoded, Undecodable } from './safe-codec.js';

/** Which nodes a cache holds. */
export interface Scope {
  /** The number of levels below the root. */
  readonly depth: number;
  /** True if the cache holds the data of the root. */
  readonly hasRootValue: boolean;
}

const noNames: ReadonlySet<string> = new Set();

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

  readRoot(isInitial = false): void {
    this.reads.read(this.scope.hasRootValue ? 'data' : 'children', this.place.path, isInitial);
  }

  /** Applies the data of a node. */
  data(path: string, data: Decoded<Value> | null, stat: Stat, isInitial: boolean): void {
    const node = this.tree.ensure(path);
    // if the parent is missing, it was deleted, or a read of it comes later and finds this node again
    if (node === undefined) return;
    const isNew = !node.wasRead;
    const heldCzxid = this.tree.czxid(node);
    const isReplaced = heldCzxid >= 0 && stat.czxid > heldCzxid;
    if (this.#isNewer(stat, node)) {
      const hadValue = this.tree.hasValue(node);
      if (data instanceof Undecodable) {
        this.tree.refuse(node, stat);
        this.#invalid(path, stat, data.cause);
      } else {
        this.tree.setValue(node, data, stat);
        this.tell({ type: hadValue ? 'changed' : 'added', path, value: data, stat });
      }
    }
    if (isNew || isReplaced) this.#followChildren(path, node, stat, isInitial);
  }

  #invalid(path: string, stat: Stat, cause: unknown): void {
    const detail = `${path}, version ${stat.version}: ${cause instanceof Error ? cause.message : cause}`;
    const error = new RecipeError('INVALID_DATA', this.place, detail, cause);
    this.tell({ type: 'invalid', path, error, stat });
  }

  /** True if the Stat belongs to newer data than that of the node in the tree. */
  #isNewer(stat: Stat, node: CachedNode<Value>): boolean {
    return stat.czxid >= this.tree.czxid(node) && stat.mzxid > this.tree.mzxid(node);
  }

  /** Reads the data of a node if the Stat shows that it changed, and if the cache holds it. */
  #readIfNewer(path: string, node: CachedNode<Value>, stat: Stat): void {
    if (path === this.place.path && !this.scope.hasRootValue) return;
    if (this.#isNewer(stat, node)) this.reads.read('data', path);
  }

  /** A node without children needs no list: the recursive watch reports its later children. */
  #followChildren(path: string, node: CachedNode<Value>, stat: Stat, isInitial: boolean): void {
    if (stat.numChildren === 0 && !this.watchesLists) this.#removeMissing(path, node, noNames, stat);
    else if (this.tree.depthOf(path) < this.scope.depth) this.reads.read('children', path, isInitial);
  }

  /** Applies a list of children. If the read is a probe, the children in the tree may have changed too. */
  children({ path, kind, isInitial }: Read, names: readonly string[], stat: Stat): void {
    const isRoot = path === this.place.path;
    const node = isRoot && !this.scope.hasRootValue ? this.tree.ensure(path) : this.tree.find(path);
    if (node === undefined) return;
    const known = node.children;
    if (known !== undefined) this.#removeMissing(path, node, new Set(names), stat);
    const added = known === undefined ? names : names.filter((name) => !known.has(name));
    this.reads.readChildren(path, added, isInitial);
    if (kind !== 'probe') return;
    this.#readIfNewer(path, node, stat);
    for (const name of names) if (known?.has(name)) this.reads.read('probe', childOf(path, name));
  }

  #removeMissing(path: string, node: CachedNode<Value>, names: ReadonlySet<string>, stat: Stat): void {
    if (node.children === undefined) return;
    for (const [name, child] of node.children) {
      // a child that was created after the last change of this list is newer than the list
      if (!names.has(name) && this.tree.czxid(child) <= stat.pzxid) this.remove(childOf(path, name));
    }
  }

  /** Applies the result of a look at a node that had no children. */
  stat(path: string, stat: Stat | null): void {
    const node = this.tree.find(path);
    if (stat === null) {
      this.remove(path);
    } else if (node === undefined) {
      if (path === this.place.path) this.readRoot();
    } else {
      this.#readIfNewer(path, node, stat);
      if (stat.numChildren > 0 && this.tree.depthOf(path) < this.scope.depth) this.reads.read('children', path);
    }
  }

  /** Removes a node and its descendants. */
  remove(path: string): void {
    for (const entry of this.tree.remove(path)) this.tell({ type: 'removed', ...entry });
  }
}
