import type { LogBatch } from '../storage/index.js';
import type { RequestSpan } from './request-span.js';
import type { RoleClient } from './role-client.js';

/** The mode of a server: its role in the ensemble, or `standalone` if the server is not in an ensemble. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer';

/**
 * The role of a server for one term. The role decides how a write is prepared, and how a session is opened and resumed.
 * A standalone server keeps one role until it stops.
 */
export interface Role {
  readonly mode: ServerMode;
  /**
   * Starts a write. OK means that the write has started; the client gets the reply when the write is committed. Any
   * other code means that the write was refused, and is the error code of the reply.
   */
  write(client: RoleClient, request: RequestSpan): number;
  /** Opens a new session. The client gets the reply when the session's creation is committed. */
  openSession(client: RoleClient): void;
  /** Resumes a session that the client had before. Calls `ClientSide.resumed` or `ClientSide.refused` at the end. */
  resumeSession(client: RoleClient, sessionId: bigint): void;
  /** True if a sync must wait now, so that `sync` is called. If false, the server answers a sync at once, like a read. */
  readonly confirmsSyncs: boolean;
  /**
   * Handles a sync. Calls `done` when this server has applied everything that the leader, or the standalone server, had
   * proposed when the sync arrived there.
   */
  sync(client: RoleClient, request: RequestSpan, done: () => void): void;
  /** Called when the server starts to serve clients. From then on, the server calls `tick` at this interval. */
  begin(tickIntervalMs: number): void;
  /** Called when a batch of log entries is on disk and would survive a crash of this server. */
  durable(batch: LogBatch): void;
  /** Called at the interval that was passed to `begin()`. */
  tick(): void;
  /** Called when the server stops serving clients and making proposals. */
  end(): void;
}

/** The role of a server in an ensemble. */
export interface TermRole extends Role {
  /**
   * Called when the term is over. Applies all logged transactions, committed or not, so that the log and the tree agree
   * (R-1 ZK-2845).
   */
  applyLogged(): void;
}
