import { channel } from 'node:diagnostics_channel';
import type { SessionEvent } from './core/session-types.js';
import type { ZooKeeperError } from './errors.js';

/*
 * For tracers and metrics: node:diagnostics_channel. Without a subscriber a channel costs one check.
 */

/** Message of the request channels; start and end of a request are told with the same object. */
export interface RequestDiagnostics {
  /** The protocol's name of the operation, such as `getData`. */
  readonly op: string;
  /** As the caller gave it. */
  readonly path: string | undefined;
  readonly server: string | undefined;
  readonly sessionId: bigint;
  readonly startMs: number;
  /** Set at the end, as is `error` if it failed. */
  durationMs?: number;
  error?: ZooKeeperError;
}

/** Message of the session channel. */
export interface SessionDiagnostics {
  readonly event: SessionEvent;
  readonly reason: string;
  readonly server: string | undefined;
  readonly sessionId: bigint;
}

/** `nodekeeper:client:request:start`, `nodekeeper:client:request:end` and `nodekeeper:client:session`. */
export const channels = {
  requestStart: channel('nodekeeper:client:request:start'),
  requestEnd: channel('nodekeeper:client:request:end'),
  session: channel('nodekeeper:client:session'),
} as const;
