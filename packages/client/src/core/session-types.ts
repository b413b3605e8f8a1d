import type { ServerAddress } from './ports.js';
import type { ReconnectDelay } from './timing.js';

/**
 * The states of Java's `ZooKeeper.States`. The last two are final: after `close`, after expiry, or after rejected
 * credentials.
 */
export type State = 'CONNECTING' | 'CONNECTED' | 'CONNECTEDREADONLY' | 'CLOSED' | 'AUTH_FAILED';

/** The events of a session, with the names of Java's `KeeperState`. The last three end the session. */
export type SessionEvent = 'SyncConnected' | 'ConnectedReadOnly' | 'Disconnected' | 'Expired' | 'AuthFailed' | 'Closed';

export interface SessionOptions {
  readonly servers: readonly ServerAddress[];
  readonly shuffle: boolean;
  readonly sessionTimeoutMs: number;
  readonly reconnectDelay: ReconnectDelay;
  readonly readOnly: boolean;
  /** The session to take over; 0n opens a new one. */
  readonly sessionId: bigint;
  readonly password: Buffer;
  readonly requestBytesMax: number;
  readonly replyBytesMax: number;
  /** False: one-shot watches are removed when the connection is lost. */
  readonly autoWatchReset: boolean;
  /** The xid before the first request's xid. */
  readonly lastXid: number;
}

export interface SessionListener<Watcher> {
  /** Called after the state has changed. `reason` is text for people. */
  sessionEvent(event: SessionEvent, reason: string): void;
  watchEvent(watchers: ReadonlySet<Watcher>, type: number, path: string, zxid: number): void;
  /** The session is connected again. Something was written while its persistent watches were not registered. */
  watchesInterrupted(zxid: number): void;
}
