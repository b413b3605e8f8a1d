import type { ACL } from '@nodekeeper/protocol';

/**
 * The connection of a client that can have watches. Watches end when the connection closes, not when the session ends.
 */
export interface Watcher {
  /** Memory of the client's watches in bytes. The watch tables maintain this number. */
  watchBytes: number;
  /**
   * True if this client may read a node with this ACL. Otherwise the client gets no event about the node (C-4
   * CVE-2024-23944).
   */
  mayRead(acl: readonly ACL[]): boolean;
  /** Queues a complete frame with a notification. The frame is sent before the next message to this client. */
  notify(frame: Buffer): void;
}
