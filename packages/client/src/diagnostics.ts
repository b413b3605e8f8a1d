import { channel } from 'node:diagnostics_channel';
import type { SessionEvent } from './core/session-types.js';
import type { ZooKeeperError } from './errors.js';

// The channels of node:diagnostics_channel, for tracing and metrics. A channel without a subscriber costs one check.

/**
 * The message of `nodekeeper:client:request:start` and `nodekeeper:client:request:end`. Both channels get the same
 * object for one request.
 */
export interface RequestDiagnostics {
  /** The protocol's name of the operation, such as `getData`. */
  readonly op: string;
  /** The path that the caller passed; undefined for operations without a path. */
  readonly path: string | undefined;
  /** The server that was connected when the request was made, as `host:port`. */
  readonly server: string | undefined;
  readonly sessionId: bigint;
  /** The start of the call, on the clock of `performance.now()`. */
  readonly startMs: number;
  /** The time from the call to its end, in milliseconds. Set at the end. */
  durationMs?: number;
  /** Set at the end if the request failed. */
  error?: ZooKeeperError;
}

/** The message of `nodekeeper:client:session`. */
export interface SessionDiagnostics {
  readonly event: SessionEvent;
  readonly reason: string;
  readonly server: string | undefined;
  readonly sessionId: bigint;
}

/** The channels `nodekeeper:client:request:start`, `nodekeeper:client:request:end` and `nodekeeper:client:session`. */
export const channels = {
  requestStart: channel('nodekeeper:client:request:start'),
  requestEnd: channel('nodekeeper:client:request:end'),
  session: channel('nodekeeper:client:session'),
} as const;
