import type { ServerAddress } from './ports.js';
import type { ReconnectDelay } from './timing.js';

/**
 * The state of a session, with the names of Java's `ZooKeeper.States`. `CLOSED` and `AUTH_FAILED` are final: the
 * session was closed or expired, or a server rejected its credentials. With the option `renewSession`, the state after
 * the expiry of a session is `CONNECTING`.
 */
export type State = 'CONNECTING' | 'CONNECTED' | 'CONNECTEDREADONLY' | 'CLOSED' | 'AUTH_FAILED';

/**
 * The events of a session, with the names of Java's `KeeperState`. `AuthFailed` and `Closed` are final, and so is
 * `Expired` unless the client has the option `renewSession`.
 */
export type SessionEvent = 'SyncConnected' | 'ConnectedReadOnly' | 'Disconnected' | 'Expired' | 'AuthFailed' | 'Closed';

export interface SessionOptions {
  readonly servers: readonly ServerAddress[];
  readonly shuffle: boolean;
  readonly sessionTimeoutMs: number;
  readonly reconnectDelay: ReconnectDelay;
  readonly readOnly: boolean;
  /** The id of the session to take over, or 0n to request a new session. */
  readonly sessionId: bigint;
  readonly password: Buffer;
  readonly requestBytesMax: number;
  readonly replyBytesMax: number;
  /** If false, one-shot watches are removed when the connection is lost. */
  readonly autoWatchReset: boolean;
  /** If true, the client requests a new session when its session has expired. */
  readonly renewSession: boolean;
  /** The first request gets the xid `lastXid` + 1. */
  readonly lastXid: number;
}

export interface SessionListener<Watcher> {
  /** Called after the state has changed. `reason` is a text for human readers. */
  sessionEvent(event: SessionEvent, reason: string): void;
  watchEvent(watchers: ReadonlySet<Watcher>, type: number, path: string, zxid: number): void;
  /**
   * Called after a reconnection if any client wrote while the watches of this session were not registered. Some watches
   * may have missed events.
   */
  watchesInterrupted(zxid: number): void;
}
