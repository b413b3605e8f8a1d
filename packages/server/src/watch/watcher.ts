import type { ACL } from '@nodekeeper/protocol';

/** Who watches: a client's connection (watches end with it, not with the session). */
export interface Watcher {
  /** What its watches take; the watch tables count it. */
  watchBytes: number;
  /** May this client see a node with this ACL? Events about others are dropped (C-4 CVE-2024-23944). */
  mayRead(acl: readonly ACL[]): boolean;
  /** Queues a whole notification frame, before whatever is sent to this client next. */
  notify(frame: Buffer): void;
}
