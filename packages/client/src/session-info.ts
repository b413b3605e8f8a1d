import type { SessionCounters } from './core/counters.js';
import type { SessionEvent, State } from './core/session-types.js';
import type { WatchKind } from './core/watch-registry.js';

export type { SessionEvent, State } from './core/session-types.js';

/** Something happened to the session. */
export interface SessionChange {
  readonly event: SessionEvent;
  /** After it. */
  readonly state: State;
  /** For people: which server, and what went wrong. */
  readonly reason: string;
}

/** The events of a `ZooKeeper`, an `EventEmitter`: `state` is told of everything, the others of one thing each. */
export type ClientEvents = { state: [change: SessionChange] } & {
  [Event in SessionEvent]: [change: SessionChange];
};

/** What it takes to take a session over: give it to the `session` option before it times out. */
export interface SessionCredentials {
  /** 0n before the first connection. */
  readonly id: bigint;
  /** 16 bytes, to be kept secret. */
  readonly password: Buffer;
  /** What the server granted. */
  readonly timeoutMs: number;
}

/** What a client has done and has to do. */
export interface ClientStats extends Readonly<SessionCounters> {
  readonly state: State;
  /** The connected server as `host:port`. */
  readonly server: string | undefined;
  readonly sessionId: bigint;
  /** The last change that was seen. */
  readonly lastZxid: number;
  /** Sent, and not answered yet. */
  readonly pending: number;
  /** Waiting for a connection. */
  readonly queued: number;
  /** Watched paths by kind. */
  readonly watches: Readonly<Record<WatchKind, number>>;
}
