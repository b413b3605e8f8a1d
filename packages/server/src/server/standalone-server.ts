import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';
import type { DiskLock } from '../ports/disk.js';
import { Standalone } from '../roles/standalone.js';
import type { Server } from './server.js';
import { ServerParts } from './server-parts.js';
import type { ServerPorts } from './server-ports.js';

/** A server without an ensemble. It keeps one role until it stops. */
export class StandaloneServer implements Server {
  readonly parts: ServerParts;
  role!: Standalone;
  readonly #lock: DiskLock;
  readonly #lacksSnapshot: boolean;

  constructor(config: ServerConfig, ports: ServerPorts, logger: Logger, lock: DiskLock) {
    this.#lock = lock;
    this.parts = new ServerParts({ config, ports, logger, idleMode: 'standalone', logFailed() {} });
    const startMs = ports.scheduler.monotonicMs();
    const database = this.parts.load();
    this.parts.replaceDatabase(database);
    this.parts.metrics.dbinittime.add(Math.round(ports.scheduler.monotonicMs() - startMs));
    this.#lacksSnapshot = database.recovered.snapshotZxid < 0;
  }

  get clients() {
    return this.parts.clients;
  }

  get view() {
    return this.parts.view;
  }

  prepare(done: (error: Error | undefined) => void): void {
    if (this.#lacksSnapshot) this.parts.database.snapshots.take(done);
    else done(undefined);
  }

  start(): void {
    this.role = new Standalone(this.parts.roleParts());
    this.parts.serve(this.role);
  }

  stop(stopped: () => void): void {
    this.parts.close(() => {
      this.#lock.release();
      stopped();
    });
  }
}
