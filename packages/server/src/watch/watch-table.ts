import { pathFault } from '@nodekeeper/protocol';
import { PathTrie } from './path-trie.js';
import type { Watcher } from './watcher.js';

export const WatchMode = { standard: 1, persistent: 2, persistentRecursive: 4 } as const;
const anyMode = 7;
/** Longer paths cannot be watched: each look-up would cost milliseconds, and no real program uses them. */
const pathLengthMax = 65_536;
/** Approximate memory of a watch besides its path. */
const bytesPerWatch = 128;

/**
 * Maps paths to watchers, each with its set of modes, so that one mode never overwrites another (C-2 ZK-4466).
 * ZooKeeper keeps two such tables, for data and for children.
 */
export class WatchTable {
  readonly #byPath = new Map<string, Map<Watcher, number>>();
  readonly #byWatcher = new Map<Watcher, Set<string>>();
  /** An index of the recursive watchers by path. */
  readonly #recursive = new PathTrie<Set<Watcher>>();
  #count = 0;
  readonly #bytesMax: number;

  /** @param bytesMax the memory limit for the watches of one watcher */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Number of watches: pairs of path and watcher. */
  get count(): number {
    return this.#count;
  }
  get pathCount(): number {
    return this.#byPath.size;
  }
  get watcherCount(): number {
    return this.#byWatcher.size;
  }

  /** Returns false, and changes nothing, if the watcher would exceed its limit or the path is too long. */
  add(path: string, watcher: Watcher, mode: number): boolean {
    if (path.length > pathLengthMax) return false;
    let watchers = this.#byPath.get(path);
    const modes = watchers?.get(watcher) ?? 0;
    const bytes = watcher.watchBytes + bytesOf(path);
    if (modes === 0 && bytes > this.#bytesMax) return false;
    if (watchers === undefined) this.#byPath.set(path, (watchers = new Map()));
    if (modes === 0) {
      watcher.watchBytes = bytes;
      this.#count++;
      let paths = this.#byWatcher.get(watcher);
      if (paths === undefined) this.#byWatcher.set(watcher, (paths = new Set()));
      paths.add(path);
    }
    if (mode & ~modes & WatchMode.persistentRecursive) this.#addRecursive(path, watcher);
    watchers.set(watcher, modes | mode);
    return true;
  }

  has(path: string, watcher: Watcher, mode: number = anyMode): boolean {
    return ((this.#byPath.get(path)?.get(watcher) ?? 0) & mode) !== 0;
  }

  /** Removes modes. Returns true if at least one of them was set. */
  remove(path: string, watcher: Watcher, mode: number = anyMode): boolean {
    const watchers = this.#byPath.get(path);
    const modes = watchers?.get(watcher) ?? 0;
    if (watchers === undefined || (modes & mode) === 0) return false;
    if (modes & mode & WatchMode.persistentRecursive) this.#removeRecursive(path, watcher);
    const left = modes & ~mode;
    if (left !== 0) watchers.set(watcher, left);
    else this.#forget(path, watchers, watcher);
    return true;
  }

  #forget(path: string, watchers: Map<Watcher, number>, watcher: Watcher): void {
    this.#count--;
    watcher.watchBytes -= bytesOf(path);
    watchers.delete(watcher);
    if (watchers.size === 0) this.#byPath.delete(path);
    const paths = this.#byWatcher.get(watcher)!;
    paths.delete(path);
    if (paths.size === 0) this.#byWatcher.delete(watcher);
  }

  /** Removes all watches of a watcher that will set no more, one per step. */
  *removal(watcher: Watcher): Generator<number, void, undefined> {
    for (const path of this.#byWatcher.get(watcher) ?? []) {
      this.remove(path, watcher);
      yield 1;
    }
  }

  /**
   * Returns the watchers of an event at `path`: every watcher of this path, and the recursive watchers of any ancestor
   * (spec 1.8.1). Removes the one-shot watches. Each watcher appears once.
   */
  take(path: string): Set<Watcher> | undefined {
    if (this.#count === 0) return undefined;
    let hit: Set<Watcher> | undefined;
    const here = this.#byPath.get(path);
    if (here !== undefined) {
      hit = new Set(here.keys());
      for (const watcher of hit) this.remove(path, watcher, WatchMode.standard);
    }
    this.#recursive.visit(path, (watchers) => {
      for (const watcher of watchers) (hit ??= new Set()).add(watcher);
    });
    return hit;
  }

  /** No node is below an illegal path, so the trie does not need it. */
  #addRecursive(path: string, watcher: Watcher): void {
    if (pathFault(path) !== undefined) return;
    const watchers = this.#recursive.get(path);
    if (watchers === undefined) this.#recursive.set(path, new Set([watcher]));
    else watchers.add(watcher);
  }

  #removeRecursive(path: string, watcher: Watcher): void {
    const watchers = pathFault(path) === undefined ? this.#recursive.get(path) : undefined;
    if (watchers?.delete(watcher) && watchers.size === 0) this.#recursive.delete(path);
  }

  /** Lists the watches by path, for the words wchp and wchc. */
  *entries(): Iterable<[string, Iterable<Watcher>]> {
    for (const [path, watchers] of this.#byPath) yield [path, watchers.keys()];
  }
}

function bytesOf(path: string): number {
  return path.length + bytesPerWatch;
}
