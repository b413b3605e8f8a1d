import { EventType } from '@nodekeeper/protocol';

/**
 * The kind of a watch. `data`: set by getData, and by exists if the node exists. `exists`: set by exists if the node
 * does not exist. `children`: set by getChildren. `persistent` and `recursive`: set by addWatch.
 */
export type WatchKind = 'data' | 'exists' | 'children' | 'persistent' | 'recursive';

export const watchKinds: readonly WatchKind[] = ['data', 'exists', 'children', 'persistent', 'recursive'];

/** The kinds of watches that are removed by their first event. */
const oneShot: readonly WatchKind[] = ['data', 'exists', 'children'];

/**
 * For each type of event, the kinds of watches that it triggers on the changed node (spec 7.5.2). An event type with
 * `recursive` also triggers the recursive watches on every ancestor of the node.
 */
const kindsByEvent = new Map<number, readonly WatchKind[]>([
  [EventType.nodeCreated, ['data', 'exists', 'persistent', 'recursive']],
  [EventType.nodeDataChanged, ['data', 'exists', 'persistent', 'recursive']],
  [EventType.nodeDeleted, ['data', 'exists', 'children', 'persistent', 'recursive']],
  [EventType.nodeChildrenChanged, ['children', 'persistent']],
]);

/**
 * The watchers of a session, by path and kind. The paths include the chroot. A watcher that is registered twice is
 * called once for an event.
 */
export class WatchRegistry<Watcher> {
  readonly #tables: Readonly<Record<WatchKind, Map<string, Set<Watcher>>>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
    persistent: new Map(),
    recursive: new Map(),
  };

  add(kind: WatchKind, path: string, watcher: Watcher): void {
    const table = this.#tables[kind];
    const watchers = table.get(path);
    if (watchers === undefined) table.set(path, new Set([watcher]));
    else watchers.add(watcher);
  }

  /** Returns the watchers to call for an event, and removes the one-shot watches among them. */
  take(eventType: number, path: string): Set<Watcher> {
    const found = new Set<Watcher>();
    for (const kind of kindsByEvent.get(eventType) ?? []) {
      for (const watcher of this.#tables[kind].get(path) ?? []) found.add(watcher);
      if (oneShot.includes(kind)) this.#tables[kind].delete(path);
    }
    if (kindsByEvent.get(eventType)?.includes('recursive')) this.#collectFromAncestors(path, found);
    return found;
  }

  #collectFromAncestors(path: string, into: Set<Watcher>): void {
    const { recursive } = this.#tables;
    if (recursive.size === 0) return;
    for (let slash = path.lastIndexOf('/'); slash >= 0 && path !== '/'; slash = path.lastIndexOf('/', slash - 1)) {
      for (const watcher of recursive.get(slash === 0 ? '/' : path.slice(0, slash)) ?? []) into.add(watcher);
      if (slash === 0) return;
    }
  }

  watchers(kind: WatchKind, path: string): ReadonlySet<Watcher> | undefined {
    return this.#tables[kind].get(path);
  }

  /**
   * Removes `watcher` from a path. If `watcher` is undefined, removes all watchers of this kind. Returns the removed
   * watchers.
   */
  remove(kind: WatchKind, path: string, watcher?: Watcher): Watcher[] {
    const table = this.#tables[kind];
    const watchers = table.get(path);
    if (watchers === undefined) return [];
    if (watcher === undefined) {
      table.delete(path);
      return [...watchers];
    }
    if (!watchers.delete(watcher)) return [];
    if (watchers.size === 0) table.delete(path);
    return [watcher];
  }

  paths(kind: WatchKind): Iterable<string> {
    return this.#tables[kind].keys();
  }

  /** Yields all watchers of a kind, with their paths. */
  *entries(kind: WatchKind): Iterable<[path: string, watcher: Watcher]> {
    for (const [path, watchers] of this.#tables[kind]) {
      for (const watcher of watchers) yield [path, watcher];
    }
  }

  /** The number of watched paths, by kind. */
  counts(): Record<WatchKind, number> {
    const counts = { data: 0, exists: 0, children: 0, persistent: 0, recursive: 0 };
    for (const kind of watchKinds) counts[kind] = this.#tables[kind].size;
    return counts;
  }

  clear(kinds: readonly WatchKind[] = watchKinds): void {
    for (const kind of kinds) this.#tables[kind].clear();
  }

  clearOneShot(): void {
    this.clear(oneShot);
  }
}
