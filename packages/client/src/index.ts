/** The public API. Everything that is not exported here may change. */
export { Perm, type Stat } from '@nodekeeper/protocol';
export { onAbort } from './abort-signals.js';
export { type Acl, CREATOR_ALL_ACL, digestId, OPEN_ACL, READ_ACL } from './acl.js';
export type { CloseOptions, Config, ConfigChange, ReadOptions, VersionOptions, WithCodec } from './call-options.js';
export { connect, ZooKeeper } from './client.js';
export { bytes, type Codec, json, type StandardSchema, utf8, type ValueFor } from './codec.js';
export type { Dial, Link, LinkHandler, Ports, Random, Scheduler, ServerAddress } from './core/ports.js';
export type { Created, CreateMode, CreateOptions } from './create.js';
export type { Data } from './data.js';
export type { RequestDiagnostics, SessionDiagnostics } from './diagnostics.js';
export { type Outcome, ZooKeeperError, type ZooKeeperErrorCode } from './errors.js';
export type { MultiRead, NodeData } from './multi/multi-read.js';
export type { Transaction } from './multi/transaction.js';
export type { ClientOptions, ConnectOptions, Credentials } from './options.js';
export type { RequestOptions } from './requests.js';
export type {
  ClientEvents,
  ClientStats,
  SessionChange,
  SessionCredentials,
  SessionEvent,
  State,
} from './session-info.js';
export type { DeleteRecursiveOptions } from './tree.js';
export type { RemovableKind } from './watch/removable-kinds.js';
export type { WatchCallback, WatchEvent, WatchEventType } from './watch/watch-event.js';
export type { WatchStream, WatchStreamOptions } from './watch/watch-stream.js';
export type { AddWatchOptions, RemoveWatchesOptions } from './watch/watches.js';
