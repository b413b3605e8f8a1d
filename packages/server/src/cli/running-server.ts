import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';

/** A server that has started and answers on its client port. */
export interface RunningServer {
  /** The port that clients connect to. */
  readonly port: number;
  /** Rejects when the server cannot go on, with the reason; a server that tries for ever has none. */
  readonly failed?: Promise<never>;
  /** Closes every connection, flushes the log and resolves once nothing of the server is left. */
  stop(): Promise<void>;
}

/**
 * Starts a server; resolves once clients are served. An error may carry a numeric `exitCode` (see `exit-codes.ts`); its
 * message is all that the operator is told.
 */
export type StartServer = (config: ServerConfig, logger: Logger) => Promise<RunningServer>;
