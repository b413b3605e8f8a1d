import type { Id } from '@nodekeeper/protocol';
import type { Access } from '../auth/access.js';
import type { DataTree } from '../tree/data-tree.js';
import type { NamespaceMeter } from '../tree/namespace-meter.js';
import type { WatchManager } from '../watch/watch-manager.js';
import type { Watcher } from '../watch/watcher.js';

/** The state that a read may access. */
export interface ReadState {
  readonly tree: DataTree;
  readonly watches: WatchManager;
  readonly access: Access;
  readonly readTraffic: NamespaceMeter;
}

/** The client that sent a request: a connection with a session. */
export interface Client extends Watcher {
  readonly sessionId: bigint;
  readonly ids: readonly Id[];
}
