import type { LogBatch } from '../storage/index.js';
import type { RequestSpan } from './request-span.js';
import type { RoleClient } from './role-client.js';

/** The mode of a server in its ensemble; `standalone` without an ensemble. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer';

/**
 * The role of a server for one term. The role decides how a write is prepared, and how a session is opened and resumed.
 * A standalone server has one role for life.
 */
export interface Role {
  readonly mode: ServerMode;
  /** Returns OK if the commit will answer the request. Any other code is the reply. */
  write(client: RoleClient, request: RequestSpan): number;
  /** Opens a new session. Its commit answers the client. */
  openSession(client: RoleClient): void;
  /** Resumes a session that the client had before. Ends in `ClientSide.resumed` or `ClientSide.refused`. */
  resumeSession(client: RoleClient, sessionId: bigint): void;
  /** True if the leader must confirm a sync. Otherwise a sync is answered like a read. */
  readonly confirmsSyncs: boolean;
  /** Calls `done` when this server has applied everything that the leader had committed at the time of the sync. */
  sync(client: RoleClient, request: RequestSpan, done: () => void): void;
  /** The server starts to serve clients, and calls `tick` at this interval. */
  begin(tickIntervalMs: number): void;
  /** A batch of the log survives a crash of this server. */
  durable(batch: LogBatch): void;
  /** Called at the interval of `begin`. */
  tick(): void;
  /** The server stops serving clients and proposing. */
  end(): void;
}

/** A role in an ensemble. */
export interface TermRole extends Role {
  /** The term is over: applies all logged transactions, committed or not, so that log and tree agree (R-1 ZK-2845). */
  applyLogged(): void;
}
