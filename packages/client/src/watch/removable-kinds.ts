import { WatcherType } from '@nodekeeper/protocol';
import type { WatchKind } from '../core/watch-registry.js';

/**
 * The kinds of watches that a client can remove. `type` is the number of the kind in the protocol. `kinds` are the
 * corresponding kinds in the `WatchRegistry`.
 */
export const removableKinds = {
  any: { type: WatcherType.any, kinds: ['data', 'exists', 'children', 'persistent', 'recursive'] },
  data: { type: WatcherType.data, kinds: ['data', 'exists'] },
  children: { type: WatcherType.children, kinds: ['children'] },
  persistent: { type: WatcherType.persistent, kinds: ['persistent'] },
  persistentRecursive: { type: WatcherType.persistentRecursive, kinds: ['recursive'] },
} as const satisfies Record<string, { type: number; kinds: readonly WatchKind[] }>;

/**
 * The kind of the watches to remove: `any`, `data` (set by `get` and `exists`), `children`, `persistent` or
 * `persistentRecursive`.
 */
export type RemovableKind = keyof typeof removableKinds;
