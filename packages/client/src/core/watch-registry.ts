import { EventType } from '@nodekeeper/protocol';

/** `data`: left by getData and by exists on a node; `exists`: by exists on no node; `children`: by getChildren. */
export type WatchKind = 'data' | 'exists' | 'children' | 'persistent' | 'recursive';

export const watchKinds: readonly WatchKind[] = ['data', 'exists', 'children', 'persistent', 'recursive'];

/** One-shot kinds go with the first event. */
const oneShot: readonly WatchKind[] = ['data', 'exists', 'children'];

/** Which watches at the event's own path see it (inventory 7.5.2). Recursive ones see it from every ancestor too. */
const kindsByEvent = new Map<number, readonly WatchKind[]>([
  [EventType.nodeCreated, ['data', 'exists', 'persistent', 'recursive']],
  [EventType.nodeDataChanged, ['data', 'exists', 'persistent', 'recursive']],
  [EventType.nodeDeleted, ['data', 'exists', 'children', 'persistent', 'recursive']],
  [EventType.nodeChildrenChanged, ['children', 'persistent']],
]);

/** Who watches what. Paths are the server's; a watcher that is registered twice is called once. */
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

  /** The watchers that an event is for; one-shot ones are forgotten with this call. */
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

  /** Takes one watcher, or all of them, off a path; gives those that were there. */
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

  /** Everyone with a watch of this kind, with the path of each. */
  *entries(kind: WatchKind): Iterable<[path: string, watcher: Watcher]> {
    for (const [path, watchers] of this.#tables[kind]) {
      for (const watcher of watchers) yield [path, watcher];
    }
  }

  /** Paths watched, by kind. */
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
