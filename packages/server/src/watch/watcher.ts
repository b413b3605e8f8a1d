import type { ACL } from '@nodekeeper/protocol';

/** A client's connection, which owns watches. They end with the connection, not with the session. */
export interface Watcher {
  /** Memory of its watches, maintained by the watch tables. */
  watchBytes: number;
  /** Whether this client may read a node with this ACL. Events about other nodes are dropped (C-4 CVE-2024-23944). */
  mayRead(acl: readonly ACL[]): boolean;
  /** Queues a whole notification frame before the next message to this client. */
  notify(frame: Buffer): void;
}
