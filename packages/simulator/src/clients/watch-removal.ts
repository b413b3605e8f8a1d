import type { Failure, Session, WatchCallback, WatchKind } from '@nodekeeper/client/testing';
import { WatcherType } from '@nodekeeper/protocol';

/**
 * For each kind of watch: the type in a `removeWatches` request, and the client's tables from which the watches are
 * removed.
 */
const removals: Record<WatchKind, readonly [type: number, tables: readonly WatchKind[]]> = {
  data: [WatcherType.data, ['data', 'exists']],
  exists: [WatcherType.data, ['data', 'exists']],
  children: [WatcherType.children, ['children']],
  persistent: [WatcherType.persistent, ['persistent']],
  recursive: [WatcherType.persistentRecursive, ['recursive']],
};

interface WatchRemoval {
  readonly body: { readonly path: string; readonly type: number };
  /** Must be called when the `removeWatches` request ends. */
  ended(failure: Failure | undefined): void;
}

/** Removes all watches of a kind from a path, as `Watches.remove` does. `removed` is called for each removed watch. */
export function watchRemoval(
  { watches }: Session<WatchCallback>,
  kind: WatchKind,
  path: string,
  removed: (callback: WatchCallback) => void,
): WatchRemoval {
  const [type, tables] = removals[kind];
  return {
    body: { path, type },
    ended: (failure) => {
      if (failure !== undefined) return;
      for (const table of tables) for (const callback of watches.remove(table, path)) removed(callback);
    },
  };
}
