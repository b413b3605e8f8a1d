import { createMetrics, type Metrics } from '../admin/metrics.js';
import { Access } from '../auth/access.js';
import { authProviders } from '../auth/providers.js';
import { Clients } from '../clients/clients.js';
import type { ServerConfig } from '../config/server-config.js';
import { Database } from '../database/database.js';
import {
  type DatabaseContent,
  type LoadedDatabase,
  loadDatabase,
  type ReplayListener,
} from '../database/load-database.js';
import { Events } from '../events/events.js';
import { Standstill } from '../events/standstill.js';
import type { Logger } from '../log/logger.js';
import { ServerMeter } from '../meters/server-meter.js';
import type { DiskError } from '../ports/disk.js';
import type { Role, ServerMode } from '../roles/role.js';
import type { RoleParts } from '../roles/role-parts.js';
import type { SessionOwner } from '../session/session-tracker.js';
import type { LogBatch } from '../storage/index.js';
import { randomHashKey } from '../tree/path-hash.js';
import { WatchManager } from '../watch/watch-manager.js';
import type { ServerPorts } from './server-ports.js';
import { LiveView } from './view.js';

interface ServerPartsOptions {
  readonly config: ServerConfig;
  readonly ports: ServerPorts;
  readonly logger: Logger;
  /** This server's id in its ensemble. */
  readonly serverId?: number;
  /** Stands for this server as the owner of its clients' sessions. */
  readonly owner?: SessionOwner;
  readonly metrics?: Metrics;
  /** The mode that the server reports while it has no role. */
  readonly idleMode: ServerMode;
  logFailed(error: DiskError): void;
}

/**
 * The parts of a server. `clients` and `view` live as long as the process. `database` lives until another database
 * replaces it, and `role` lives for one term. Only `StandaloneServer` and `EnsembleReplica` hold all parts. Each part
 * receives only what it needs.
 */
export class ServerParts {
  readonly config: ServerConfig;
  readonly ports: ServerPorts;
  readonly logger: Logger;
  readonly events: Events;
  readonly metrics: Metrics;
  readonly clients: Clients;
  readonly view: LiveView;
  database!: Database;
  /**
   * The present role. A learner has its role already while it synchronises with the leader, before it serves clients.
   */
  role: Role | undefined;
  readonly #options: ServerPartsOptions;
  readonly #meter: ServerMeter;
  readonly #watches: WatchManager;
  readonly #access: Access;
  readonly #tickIntervalMs: number;
  #standstill = new Standstill(0);
  #stopTicking: () => void = () => {};
  #closed: (() => void) | undefined;

  constructor(options: ServerPartsOptions) {
    const { config, ports, logger, metrics = createMetrics() } = options;
    this.#options = options;
    this.config = config;
    this.ports = ports;
    this.logger = logger;
    this.metrics = metrics;
    this.#tickIntervalMs = Math.min(Math.max(Math.floor(config.tickTimeMs / 20), 5), 100);
    this.events = new Events(ports.scheduler, () => this.database.flushAfterTurn());
    this.#meter = new ServerMeter(metrics, ports.scheduler, this.events);
    this.#watches = new WatchManager(config.watchBytesMax, this.#meter);
    const aclBytesMax = Math.floor(config.juteMaxBufferExtraSizeBytes / 2);
    this.#access = new Access(authProviders(config, metrics), { ...config, aclBytesMax });
    const { trace } = ports;
    const shared = { config, events: this.events, watches: this.#watches, meter: this.#meter, logger, trace };
    this.clients = new Clients({
      ...shared,
      random: ports.random,
      access: this.#access,
      owner: options.owner,
      audit: ports.audit,
      view: () => this.view,
    });
    this.view = new LiveView({
      ...shared,
      clients: this.clients,
      ports: options.serverId === undefined ? ports : { ...ports, serverId: options.serverId },
      database: () => this.database,
      mode: () => this.role?.mode ?? options.idleMode,
    });
  }

  // ---- the database

  /** Loads the database from the files. Throws `RecoveryError` if the server cannot safely continue with them. */
  load(replayed?: ReplayListener): LoadedDatabase {
    const { disk, random, scheduler } = this.ports;
    return loadDatabase(disk, this.config, randomHashKey(random), this.logger, scheduler, replayed);
  }

  /** Replaces the present database. */
  replaceDatabase(content: DatabaseContent): void {
    const { config, ports, events, logger } = this;
    const { serverId } = this.#options;
    // a batch may become durable after its database was replaced; such a batch no longer belongs to this server's
    // history
    const isPresent = () => this.database === database;
    const database: Database = new Database(
      {
        config,
        ports: serverId === undefined ? ports : { ...ports, serverId },
        events,
        watches: this.#watches,
        meter: this.#meter,
        logger,
        trace: ports.trace,
        listener: {
          durable: (batch) => isPresent() && this.#durable(batch),
          logFailed: (error) => this.#logFailed(error),
          sessionClosed: (sessionId) => this.clients.sessionClosed(sessionId),
        },
      },
      content,
    );
    this.database = database;
  }

  #durable(batch: LogBatch): void {
    const { events, role } = this;
    events.begin();
    const { gathering, statistics } = this.database.log;
    this.#meter.batchLogged(
      batch.count,
      gathering.count,
      statistics,
      role?.mode === 'leader' || role?.mode === 'follower',
    );
    this.ports.trace?.durable(batch.lastZxid);
    role?.durable(batch);
    events.end();
    this.#reportClosed();
  }

  #logFailed(error: DiskError): void {
    this.#options.logFailed(error);
    this.#reportClosed();
  }

  // ---- the role

  roleParts(): RoleParts {
    const { config, database, clients, events, ports, logger } = this;
    const { scheduler, trace } = ports;
    return { config, database, clients, access: this.#access, events, scheduler, meter: this.#meter, logger, trace };
  }

  /** Starts to serve clients with this role. */
  serve(role: Role): void {
    this.role = role;
    this.clients.serve(role, this.database);
    this.#standstill = new Standstill(this.ports.scheduler.monotonicMs());
    this.#meter.ticksEvery(this.#tickIntervalMs);
    this.#stopTicking = this.ports.scheduler.every(this.#tickIntervalMs, () => this.#tick(role));
    role.begin(this.#tickIntervalMs);
  }

  #tick(role: Role): void {
    const { events } = this;
    events.begin();
    if (!this.#standstill.passesOver(events.nowMs)) role.tick();
    this.clients.tick();
    this.database.tick();
    events.end();
  }

  /** Disconnects all clients, and starts to write to the disk all log entries that are not written yet. */
  endService(): void {
    this.#stopTicking();
    this.role?.end();
    this.clients.endService();
    this.database.endService();
  }

  /** Prepares the parts for the next term. Called when the term is over and all logged transactions are applied. */
  startOver(): void {
    this.role = undefined;
    this.view.termEnds();
    this.clients.startOver();
    this.database.startOver();
  }

  // ---- shutdown

  /** Stops serving clients for good. Calls `closed` when no write to the disk is in progress. */
  close(closed: () => void): void {
    this.endService();
    this.database.close();
    this.#closed = closed;
    this.#reportClosed();
  }

  #reportClosed(): void {
    const closed = this.#closed;
    if (closed === undefined || !this.database.isClosed) return;
    this.#closed = undefined;
    closed();
  }
}
