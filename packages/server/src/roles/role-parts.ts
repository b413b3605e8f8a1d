import type { Access } from '../auth/access.js';
import type { ServerConfig } from '../config/server-config.js';
import type { Database } from '../database/database.js';
import type { Logger } from '../log/logger.js';
import type { ServerMeter } from '../meters/server-meter.js';
import type { PrepareState } from '../ops/preparation.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Trace } from '../trace/trace.js';
import type { ClientSide } from './role-client.js';

/** The parts of the server that a role uses. */
export interface RoleParts {
  readonly config: ServerConfig;
  readonly database: Database;
  readonly clients: ClientSide;
  readonly access: Access;
  readonly events: { readonly nowMs: number; readonly wallMs: number; begin(): void; end(): void };
  readonly scheduler: Scheduler;
  readonly meter: ServerMeter;
  readonly logger: Logger;
  readonly trace: Trace | undefined;
}

export function prepareState(parts: RoleParts, unknownSessionCode: number): PrepareState {
  const { config, database, access, meter, logger } = parts;
  return {
    tree: database.tree,
    changes: database.changes,
    quotas: database.quotas,
    sessions: database.sessions,
    access,
    logger,
    config,
    txnBytesMax: txnBytesMax(config),
    unknownSessionCode,
    quotaExceeded: (path) => meter.quotaExceeded(path),
  };
}

/** The size in bytes of the largest log entry that nodekeeper and ZooKeeper can read. */
export function txnBytesMax(config: ServerConfig): number {
  return config.juteMaxBufferBytes + config.juteMaxBufferExtraSizeBytes;
}
