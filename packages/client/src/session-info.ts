import type { SessionCounters } from './core/counters.js';
import type { SessionEvent, State } from './core/session-types.js';
import type { WatchKind } from './core/watch-registry.js';

export type { SessionEvent, State } from './core/session-types.js';

/** The argument of the session events. */
export interface SessionChange {
  readonly event: SessionEvent;
  /** The state after the event. */
  readonly state: State;
  /** Text for people: the server, and the reason. */
  readonly reason: string;
}

/**
 * The events of a `ZooKeeper`, an `EventEmitter`. `state` is emitted for every change, the other events for one kind
 * each.
 */
export type ClientEvents = { state: [change: SessionChange] } & {
  [Event in SessionEvent]: [change: SessionChange];
};

/** The credentials of a session. Another client can pass them as the option `session` before the session times out. */
export interface SessionCredentials {
  /** 0n before the first connection. */
  readonly id: bigint;
  /** 16 bytes; keep them secret. */
  readonly password: Buffer;
  /** The timeout that the server granted, in milliseconds. */
  readonly timeoutMs: number;
}

/** The totals and the current queues of a client. */
export interface ClientStats extends Readonly<SessionCounters> {
  readonly state: State;
  /** The connected server as `host:port`. */
  readonly server: string | undefined;
  readonly sessionId: bigint;
  /** The zxid of the last change that the client has seen. */
  readonly lastZxid: number;
  /** The number of requests that were sent and have no reply yet. */
  readonly pending: number;
  /** The number of requests that wait for a connection. */
  readonly queued: number;
  /** The number of watched paths, by kind. */
  readonly watches: Readonly<Record<WatchKind, number>>;
}
