import { channel } from 'node:diagnostics_channel';
import type { SessionEvent } from './core/session-types.js';
import type { ZooKeeperError } from './errors.js';

/*
 * For tracers and metrics: node:diagnostics_channel. Without a subscriber a channel costs one check.
 */

/**
 * Message of `nodekeeper:client:request:start` and `nodekeeper:client:request:end`; both get the same object for one
 * request.
 */
export interface RequestDiagnostics {
  /** The protocol's name of the operation, such as `getData`. */
  readonly op: string;
  /** As the caller gave it; undefined for operations without one. */
  readonly path: string | undefined;
  /** The connected server as `host:port`, when the request was made. */
  readonly server: string | undefined;
  readonly sessionId: bigint;
  /** On the clock of `performance.now()`. */
  readonly startMs: number;
  /** From the call to its end; set at the end. */
  durationMs?: number;
  /** Set at the end of a request that failed. */
  error?: ZooKeeperError;
}

/** Message of `nodekeeper:client:session`. */
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
