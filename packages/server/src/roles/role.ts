import type { LogBatch } from '../storage/index.js';
import type { RequestSpan } from './request-span.js';
import type { RoleClient } from './role-client.js';

/** What a server is in its ensemble; one without an ensemble is `standalone`. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer';

/**
 * What a server is for one term. The role decides how a write is prepared, and how a session is opened and continued. A
 * standalone server has one role for life.
 */
export interface Role {
  readonly mode: ServerMode;
  /** OK: the request is answered with its commit. Any other code is the answer. */
  write(client: RoleClient, request: RequestSpan): number;
  /** Opens a new session; its commit is the client's answer. */
  openSession(client: RoleClient): void;
  /** Continues a session that the client had before; ends in `ClientSide.resumed` or `ClientSide.refused`. */
  resumeSession(client: RoleClient, sessionId: bigint): void;
  /** Whether a sync has to be confirmed by the leader; otherwise it is answered like a read. */
  readonly confirmsSyncs: boolean;
  /** Calls `done` when this server has applied what the leader had committed when the sync was made. */
  sync(client: RoleClient, request: RequestSpan, done: () => void): void;
  /** Clients are served from here on; `tick` is called this often. */
  begin(tickIntervalMs: number): void;
  /** A batch of the log survives a crash of this server. */
  durable(batch: LogBatch): void;
  /** Time passes. */
  tick(): void;
  /** No client is served any more, and nothing new is proposed. */
  end(): void;
}

/** A role in an ensemble. */
export interface TermRole extends Role {
  /** The term is over: everything logged is applied, committed or not, so that log and tree agree (R-1 ZK-2845). */
  applyLogged(): void;
}
