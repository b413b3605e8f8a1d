import { pathFault } from '@nodekeeper/protocol';
import { PathTrie } from './path-trie.js';
import type { Watcher } from './watcher.js';

export const WatchMode = { standard: 1, persistent: 2, persistentRecursive: 4 } as const;
const anyMode = 7;
/** A longer path is not watched: looking it up costs milliseconds, and no program has one. */
const pathLengthMax = 65_536;
/** What a watch takes besides its path, about. */
const bytesPerWatch = 128;

/**
 * Paths and who watches them, each watcher with the set of modes it watches in (C-2 ZK-4466: modes do not overwrite
 * each other). Apache keeps two such tables, for data and for children.
 */
export class WatchTable {
  readonly #byPath = new Map<string, Map<Watcher, number>>();
  readonly #byWatcher = new Map<Watcher, Set<string>>();
  /** Those who watch all that is below a path, once more. */
  readonly #recursive = new PathTrie<Set<Watcher>>();
  #count = 0;
  readonly #bytesMax: number;

  /** @param bytesMax what the watches of one watcher may take */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Watches in all: pairs of path and watcher. */
  get count(): number {
    return this.#count;
  }
  get pathCount(): number {
    return this.#byPath.size;
  }
  get watcherCount(): number {
    return this.#byWatcher.size;
  }

  /** False, and nothing is done, where the watcher would have too many, or the path is too long. */
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

  /** Takes modes away; true when at least one of them was there. */
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

  /** Away with all of a watcher that will leave no more; a step for each. */
  *removal(watcher: Watcher): Generator<number, void, undefined> {
    for (const path of this.#byWatcher.get(watcher) ?? []) {
      this.remove(path, watcher);
      yield 1;
    }
  }

  /**
   * Who hears of an event at `path`: everyone who watches just there, their one-shot watches being used up by it, and
   * recursive watchers of any ancestor (inventory 1.8.1). Each watcher is in the result once.
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

  /** What is no path of a node, no node is below. */
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

  /** Path by path, for the words wchp and wchc. */
  *entries(): Iterable<[string, Iterable<Watcher>]> {
    for (const [path, watchers] of this.#byPath) yield [path, watchers.keys()];
  }
}

function bytesOf(path: string): number {
  return path.length + bytesPerWatch;
}
