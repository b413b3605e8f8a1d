import type { SessionCounters } from './core/counters.js';
import type { SessionEvent, State } from './core/session-types.js';
import type { WatchKind } from './core/watch-registry.js';

export type { SessionEvent, State } from './core/session-types.js';

/** The argument that the listeners of session events get. */
export interface SessionChange {
  readonly event: SessionEvent;
  /** The state after the event. */
  readonly state: State;
  /** A text for human readers that names the server and the reason. */
  readonly reason: string;
}

/**
 * The events that a `ZooKeeper` emits. `state` is emitted for every session event. Each of the other events is emitted
 * only for the session event of the same name.
 */
export type ClientEvents = { state: [change: SessionChange] } & {
  [Event in SessionEvent]: [change: SessionChange];
};

/** The credentials of a session. Another client can pass them as the option `session` before the session times out. */
export interface SessionCredentials {
  /** The id is 0n until a server has granted the first session. */
  readonly id: bigint;
  /** 16 bytes; keep the password secret. */
  readonly password: Buffer;
  /** The timeout that the server granted, in milliseconds. */
  readonly timeoutMs: number;
}

/** The totals of a client since it was created, and its current state. */
export interface ClientStats extends Readonly<SessionCounters> {
  readonly state: State;
  /** The connected server as `host:port`; undefined without a connection. */
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
