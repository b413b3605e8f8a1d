import { channel } from 'node:diagnostics_channel';
import type { SessionEvent } from './core/session-types.js';
import type { ZooKeeperError } from './errors.js';

// The channels of node:diagnostics_channel, for tracing and metrics. A channel without a subscriber costs each request
// only one check.

/**
 * The message of `nodekeeper:client:request:start` and `nodekeeper:client:request:end`. For one request, both channels
 * get the same object.
 */
export interface RequestDiagnostics {
  /** The protocol's name of the operation, such as `getData`. */
  readonly op: string;
  /** The path that the caller passed; undefined for operations without a path. */
  readonly path: string | undefined;
  /** The server that was connected when the caller made the request, as `host:port`. */
  readonly server: string | undefined;
  readonly sessionId: bigint;
  /** The time at which the call started, on the clock of `performance.now()`. */
  readonly startMs: number;
  /** The time from the call to the end of the request, in milliseconds. It is set when the request ends. */
  durationMs?: number;
  /** The error of a failed request. It is set when the request ends. */
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
