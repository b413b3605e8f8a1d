import { pathFault } from '@nodekeeper/protocol';
import { PathTrie } from './path-trie.js';
import type { Watcher } from './watcher.js';

export const WatchMode = { standard: 1, persistent: 2, persistentRecursive: 4 } as const;
const anyMode = 7;
/**
 * The maximum length of a path that can be watched. Each look-up of a longer path would take milliseconds, and no real
 * program uses such paths.
 */
const pathLengthMax = 65_536;
/** Approximate memory of a watch in bytes, without its path. */
const bytesPerWatch = 128;

/**
 * Maps each path to its watchers. Each watcher has a set of modes for the path, so that one mode never overwrites
 * another (C-2 ZK-4466). Like ZooKeeper, the server has one table for data watches and one for child watches.
 */
export class WatchTable {
  readonly #byPath = new Map<string, Map<Watcher, number>>();
  readonly #byWatcher = new Map<Watcher, Set<string>>();
  /** The recursive watchers by path. This index finds the recursive watchers of all ancestors of a path. */
  readonly #recursive = new PathTrie<Set<Watcher>>();
  #count = 0;
  readonly #bytesMax: number;

  /** @param bytesMax the memory limit for the watches of one watcher, in bytes */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Number of watches. A watch is a (path, watcher) pair. */
  get count(): number {
    return this.#count;
  }
  get pathCount(): number {
    return this.#byPath.size;
  }
  get watcherCount(): number {
    return this.#byWatcher.size;
  }

  /**
   * Adds a watch. Returns false, and changes nothing, if the path is too long or the watcher would exceed its memory
   * limit.
   */
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

  /**
   * Removes the modes `mode` from the set of modes that a watcher has for a path. Returns true if the watcher had at
   * least one of these modes.
   */
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

  /** Removes all watches of a watcher, one per step. Call this only after the watcher has added its last watch. */
  *removal(watcher: Watcher): Generator<number, void, undefined> {
    for (const path of this.#byWatcher.get(watcher) ?? []) {
      this.remove(path, watcher);
      yield 1;
    }
  }

  /**
   * Returns the watchers to notify of an event at `path`: the watchers of this path, and the recursive watchers of all
   * its ancestors (spec 1.8.1). Each watcher appears once. Also removes the one-shot watches of the path.
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

  /** Adds a recursive watcher to the index. Skips an invalid path, because no znode can be at or below it. */
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

  /** Lists each watched path with its watchers, for the four-letter words wchp and wchc. */
  *entries(): Iterable<[string, Iterable<Watcher>]> {
    for (const [path, watchers] of this.#byPath) yield [path, watchers.keys()];
  }
}

function bytesOf(path: string): number {
  return path.length + bytesPerWatch;
}
