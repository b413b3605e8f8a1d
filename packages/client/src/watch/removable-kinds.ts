import { WatcherType } from '@nodekeeper/protocol';
import type { WatchKind } from '../core/watch-registry.js';

/** What can be removed: the server's watcher type, and the tables of the client that it means. */
export const removableKinds = {
  any: { type: WatcherType.any, kinds: ['data', 'exists', 'children', 'persistent', 'recursive'] },
  data: { type: WatcherType.data, kinds: ['data', 'exists'] },
  children: { type: WatcherType.children, kinds: ['children'] },
  persistent: { type: WatcherType.persistent, kinds: ['persistent'] },
  persistentRecursive: { type: WatcherType.persistentRecursive, kinds: ['recursive'] },
} as const satisfies Record<string, { type: number; kinds: readonly WatchKind[] }>;

/** `any`, `data` (left by `get` and `exists`), `children`, `persistent` or `persistentRecursive`. */
export type RemovableKind = keyof typeof removableKinds;
