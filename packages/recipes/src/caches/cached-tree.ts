import type { Stat } from '@nodekeeper/client';
import { childOf, nameOf } from '../foundation/parents.js';
import { StatTable } from './stat-table.js';

/** A node as a cache holds it. */
export interface CacheEntry<Value> {
  readonly path: string;
  /** The value, or null for a node without data. */
  readonly value: Value | null;
  /** The Stat that belongs to the value. `numChildren`, `cversion` and `pzxid` may be older than the children. */
  readonly stat: Stat;
}

/** The place of a node that has no good value: it was never read, or its data was always invalid. */
const noValue = Symbol('no value');

const neverRead = -2;
const neverValid = -1;

/** A node of the tree. It is small, because a cache may hold many of them: its Stat is in the `StatTable`. */
export class CachedNode<Value> {
  value: Value | null | typeof noValue = noValue;
  /** The number of the record of its Stat; `neverRead`, or `neverValid` after a first read of invalid data. */
  record = neverRead;
  children: Map<string, CachedNode<Value>> | undefined;

  /** True if its data was read, valid or not. */
  get wasRead(): boolean {
    return this.record !== neverRead;
  }
}

/** The nodes that a cache holds, by path, from its root downwards. */
export class CachedTree<Value> {
  readonly #stats = new StatTable();
  readonly #rootPath: string;
  /** The length of the root's path up to and including the final slash. */
  readonly #prefixLength: number;
  /** The mzxids of nodes whose newest data is invalid. */
  readonly #refused = new Map<CachedNode<Value>, number>();
  #root: CachedNode<Value> | undefined;
  #size = 0;
  /** The parent that was found last, and its path. */
  #parent: CachedNode<Value> | undefined;
  #parentPath = '';

  constructor(rootPath: string) {
    this.#rootPath = rootPath;
    this.#prefixLength = rootPath === '/' ? 1 : rootPath.length + 1;
  }

  /** The number of nodes with a value. */
  get size(): number {
    return this.#size;
  }

  find(path: string): CachedNode<Value> | undefined {
    if (path === this.#rootPath) return this.#root;
    return this.covers(path) ? this.#parentOf(path)?.children?.get(nameOf(path)) : undefined;
  }

  /** Returns the node above a path that the root covers. Remembers it, because its other children are often next. */
  #parentOf(path: string): CachedNode<Value> | undefined {
    const length = Math.max(path.lastIndexOf('/'), this.#rootPath.length);
    const parentPath = this.#parentPath;
    if (this.#parent !== undefined && length === parentPath.length && path.startsWith(parentPath)) return this.#parent;
    this.#parentPath = path.slice(0, length);
    this.#parent = this.#walkTo(this.#parentPath);
    return this.#parent;
  }

  #walkTo(path: string): CachedNode<Value> | undefined {
    let node = this.#root;
    for (let from = this.#prefixLength; node !== undefined && from <= path.length; ) {
      const slash = path.indexOf('/', from);
      const end = slash < 0 ? path.length : slash;
      node = node.children?.get(path.slice(from, end));
      from = end + 1;
    }
    return node;
  }

  /** True if the path is the root's, or below it. */
  covers(path: string): boolean {
    if (path === this.#rootPath || this.#rootPath === '/') return true;
    return path.startsWith(this.#rootPath) && path[this.#rootPath.length] === '/';
  }

  /** The number of levels between the root and a path that it covers: 0 for the root. */
  depthOf(path: string): number {
    if (path === this.#rootPath) return 0;
    let depth = 1;
    for (let at = path.indexOf('/', this.#prefixLength); at >= 0; at = path.indexOf('/', at + 1)) depth++;
    return depth;
  }

  /** Returns the node at a path, and adds it if it is missing. Returns undefined if its parent is not in the tree. */
  ensure(path: string): CachedNode<Value> | undefined {
    if (path === this.#rootPath) {
      this.#root ??= new CachedNode();
      return this.#root;
    }
    const parent = this.#parentOf(path);
    if (parent === undefined) return undefined;
    const name = nameOf(path);
    const found = parent.children?.get(name);
    if (found !== undefined) return found;
    const node = new CachedNode<Value>();
    parent.children ??= new Map();
    parent.children.set(name, node);
    return node;
  }

  /** Removes a node and its descendants. Returns those that have a value, descendants first. */
  remove(path: string): CacheEntry<Value>[] {
    const node = this.find(path);
    if (node === undefined) return [];
    if (path === this.#rootPath) {
      this.#root = undefined;
    } else {
      const parent = this.#parentOf(path)!;
      parent.children!.delete(nameOf(path));
      if (parent.children!.size === 0) parent.children = undefined;
    }
    // the parent that was found last may be one of the removed nodes
    this.#parent = undefined;
    const removed = [...walk(path, node)].reverse();
    return removed.flatMap(([itsPath, each]) => {
      this.#refused.delete(each);
      const entry = this.entry(itsPath, each);
      if (entry === undefined) return [];
      this.#size--;
      this.#stats.delete(each.record);
      return [entry];
    });
  }

  // ---- values

  hasValue(node: CachedNode<Value>): boolean {
    return node.record >= 0;
  }

  setValue(node: CachedNode<Value>, value: Value | null, stat: Stat): void {
    if (this.#refused.size > 0) this.#refused.delete(node);
    node.value = value;
    if (node.record < 0) {
      node.record = this.#stats.add(stat);
      this.#size++;
    } else {
      this.#stats.set(node.record, stat);
    }
  }

  /** Notes that the newest data of a node is invalid. The node keeps its value. */
  refuse(node: CachedNode<Value>, stat: Stat): void {
    if (!node.wasRead) node.record = neverValid;
    this.#refused.set(node, stat.mzxid);
  }

  /** The zxid of the creation of the node with the held value; -1 without a value. */
  czxid(node: CachedNode<Value>): number {
    return node.record < 0 ? -1 : this.#stats.czxid(node.record);
  }

  /** The zxid of the newest data that was read, valid or not; -1 if none was read. */
  mzxid(node: CachedNode<Value>): number {
    const held = node.record < 0 ? -1 : this.#stats.mzxid(node.record);
    return this.#refused.size === 0 ? held : Math.max(held, this.#refused.get(node) ?? -1);
  }

  entry(path: string, node = this.find(path)): CacheEntry<Value> | undefined {
    if (node === undefined || node.value === noValue) return undefined;
    return { path, value: node.value, stat: this.#stats.get(node.record) };
  }

  /** Yields the paths of all nodes, parents first. */
  *paths(): Generator<string, undefined> {
    if (this.#root === undefined) return;
    for (const [path] of walk(this.#rootPath, this.#root)) yield path;
  }

  /** Yields all nodes with a value, parents first. */
  *entries(): Generator<CacheEntry<Value>, undefined> {
    if (this.#root === undefined) return;
    for (const [path, node] of walk(this.#rootPath, this.#root)) {
      const entry = this.entry(path, node);
      if (entry !== undefined) yield entry;
    }
  }
}

/** Yields a node and its descendants, parents first. It does not call itself, because a tree may be deep. */
function* walk<Value>(rootPath: string, root: CachedNode<Value>): Generator<[string, CachedNode<Value>], undefined> {
  const waiting: [string, CachedNode<Value>][] = [[rootPath, root]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    const [path, { children }] = next;
    for (const [name, child] of children ?? []) waiting.push([childOf(path, name), child]);
  }
}
