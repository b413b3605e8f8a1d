import type { ServerAddress } from './ports.js';
import type { ReconnectDelay } from './timing.js';

/** Java's `ZooKeeper.States`. The last two are for good: after `close`, expiry, or credentials that were refused. */
export type State = 'CONNECTING' | 'CONNECTED' | 'CONNECTEDREADONLY' | 'CLOSED' | 'AUTH_FAILED';

/** What happens to a session, by the names of Java's `KeeperState`. The last three end it. */
export type SessionEvent = 'SyncConnected' | 'ConnectedReadOnly' | 'Disconnected' | 'Expired' | 'AuthFailed' | 'Closed';

export interface SessionOptions {
  readonly servers: readonly ServerAddress[];
  readonly shuffle: boolean;
  readonly sessionTimeoutMs: number;
  readonly reconnectDelay: ReconnectDelay;
  readonly readOnly: boolean;
  /** A session to take over; id 0n opens a new one. */
  readonly sessionId: bigint;
  readonly password: Buffer;
  readonly requestBytesMax: number;
  readonly replyBytesMax: number;
  /** False forgets one-shot watches when the connection is lost. */
  readonly autoWatchReset: boolean;
  /** The number before the first request's. */
  readonly lastXid: number;
}

export interface SessionListener<Watcher> {
  /** The state has changed already. `reason` is for people. */
  sessionEvent(event: SessionEvent, reason: string): void;
  watchEvent(watchers: ReadonlySet<Watcher>, type: number, path: string, zxid: number): void;
  /** Connected anew, and persistent watches were without a server while something was written. */
  watchesInterrupted(zxid: number): void;
}
