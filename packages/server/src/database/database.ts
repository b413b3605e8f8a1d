import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';
import type { ServerMeter } from '../meters/server-meter.js';
import type { Random } from '../ports/clock.js';
import type { Disk, DiskError } from '../ports/disk.js';
import type { Scheduler } from '../ports/scheduler.js';
import { SessionTracker } from '../session/session-tracker.js';
import { type LogBatch, logDirectory, TxnLog } from '../storage/index.js';
import type { Trace } from '../trace/trace.js';
import { TxnApplier } from '../tree/apply-txn.js';
import type { DataTree } from '../tree/data-tree.js';
import { OutstandingChanges } from '../tree/outstanding-changes.js';
import { Quotas } from '../tree/quotas.js';
import type { WatchManager } from '../watch/watch-manager.js';
import type { DigestLog } from './digest-log.js';
import type { DatabaseContent } from './load-database.js';
import { Snapshots } from './snapshots.js';

/** A standalone server assigns session ids as server 1 (spec 1.9.3). */
const standaloneServerId = 1;
const logRetryMs = 1000;
const settlePollMs = 2;
const purgeHourMs = 3_600_000;
/** A batch of this size in bytes is written at once, so that the disk works during the rest of the event-loop turn. */
const eagerFlushBytes = 64 * 1024;

interface DatabasePorts {
  readonly disk: Disk;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** The id of this server in its ensemble; undefined for a standalone server. */
  readonly serverId?: number;
}

interface DatabaseListener {
  /** The transactions of this batch are durable: they survive a crash of this server. */
  durable(batch: LogBatch): void;
  logFailed(error: DiskError): void;
  /** A transaction has ended the session. */
  sessionClosed(sessionId: bigint): void;
}

/** The parts of the server that a database uses. A database that replaces another one gets the same parts. */
interface DatabaseParts {
  readonly config: ServerConfig;
  readonly ports: DatabasePorts;
  readonly events: { readonly nowMs: number; readonly wallMs: number };
  readonly watches: WatchManager;
  readonly meter: ServerMeter;
  readonly logger: Logger;
  readonly trace: Trace | undefined;
  readonly listener: DatabaseListener;
}

/**
 * The tree and the parts that maintain it: sessions, quotas, outstanding changes, log, snapshots and digests. A
 * database exists as long as the process, unless a truncation of the history or a snapshot from a leader replaces it.
 */
export class Database {
  readonly tree: DataTree;
  readonly digests: DigestLog;
  readonly sessions: SessionTracker;
  readonly quotas: Quotas;
  readonly changes: OutstandingChanges;
  readonly applier: TxnApplier;
  readonly log: TxnLog;
  readonly snapshots: Snapshots;
  readonly #parts: DatabaseParts;
  #flushScheduled = false;
  #logRetriedMs = 0;
  #purgedMs: number;

  constructor(parts: DatabaseParts, content: DatabaseContent) {
    const { config, ports, events, watches, meter, logger } = parts;
    this.#parts = parts;
    this.#purgedMs = events.nowMs;
    this.tree = content.tree;
    this.digests = content.digests;
    this.quotas = new Quotas(this.tree);
    this.quotas.load();
    this.sessions = new SessionTracker(config.tickTimeMs, ports.serverId ?? standaloneServerId, events.nowMs);
    for (const [id, timeoutMs] of content.sessions) this.#sessionCreated(id, timeoutMs);
    this.changes = new OutstandingChanges(this.tree);
    this.log = new TxnLog(
      ports.disk,
      logDirectory(config.dataLogDir),
      config,
      logger,
      this.#logListener(),
      ports.scheduler,
    );
    const sessionEvents = {
      sessionCreated: (id: bigint, timeoutMs: number) => this.#sessionCreated(id, timeoutMs),
      sessionClosed: (id: bigint) => this.#sessionClosed(id),
    };
    this.applier = new TxnApplier(this.tree, watches, this.quotas, sessionEvents, meter.writeTraffic);
    const { tree, sessions, log } = this;
    this.snapshots = new Snapshots({ ...ports, config, tree, sessions, log, logger, listener: meter });
    if (content.recovered !== undefined) {
      this.snapshots.replayed(content.recovered.txnsReplayed);
      meter.loaded(content.recovered);
    }
  }

  #logListener() {
    const { listener, meter, trace } = this.#parts;
    return {
      writing: ({ firstZxid, lastZxid }: LogBatch) => trace?.written(firstZxid, lastZxid),
      durable: (batch: LogBatch) => listener.durable(batch),
      failed: (error: DiskError) => {
        meter.logFailed();
        listener.logFailed(error);
      },
    };
  }

  /** Tracks a session whose creation is committed. The client of the session may be connected to another server. */
  #sessionCreated(id: bigint, timeoutMs: number): void {
    this.sessions.track(id, timeoutMs, this.#parts.events.nowMs).committed = true;
  }

  #sessionClosed(id: bigint): void {
    this.sessions.remove(id);
    this.#parts.listener.sessionClosed(id);
  }

  /**
   * Called after a transaction of `bytes` bytes was applied. `timeMs` is the time of the transaction, by the clock of
   * the server that created it.
   */
  applied(zxid: number, bytes: number, timeMs: number): void {
    this.#parts.meter.propagated(this.#parts.events.wallMs - timeMs);
    this.digests.applied(zxid, this.tree.digest);
    this.snapshots.txnApplied(bytes);
  }

  // ---- the log

  /**
   * Writes the gathered transactions to the log at the end of the event-loop turn. So one batch holds the requests that
   * all connections make in this turn.
   */
  flushAfterTurn(): void {
    const { log } = this;
    if (log.gathering.size >= eagerFlushBytes && !log.inFlight) log.flush();
    if (log.gathering.count === 0 || this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#parts.ports.scheduler.nextTurn(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushScheduled = false;
    this.log.flush();
  };

  /** True if the log has nothing to write and no cancelled snapshot is still being written. */
  get #isSettled(): boolean {
    const { log, snapshots } = this;
    return !log.inFlight && log.gathering.count === 0 && !snapshots.isEnding;
  }

  /**
   * Calls `settled` when the log has nothing to write and no cancelled snapshot is still being written. The caller can
   * stop waiting with the returned function.
   */
  whenSettled(settled: () => void): () => void {
    if (this.#isSettled) {
      settled();
      return () => {};
    }
    const cancel = this.#parts.ports.scheduler.every(settlePollMs, () => {
      if (!this.#isSettled) return;
      cancel();
      settled();
    });
    return cancel;
  }

  /** True if the last write of the log is complete or has failed. The process may then exit. */
  get isClosed(): boolean {
    return !this.log.inFlight || this.log.failed !== undefined;
  }

  // ---- periodic work

  tick(): void {
    const { events, config } = this.#parts;
    if (this.log.failed !== undefined && events.nowMs - this.#logRetriedMs >= logRetryMs) {
      this.#logRetriedMs = events.nowMs;
      this.log.retry();
    }
    if (events.nowMs - this.#purgedMs >= config.autopurgePurgeIntervalHours * purgeHourMs) {
      this.#purgedMs = events.nowMs;
      this.snapshots.purge();
    }
  }

  // ---- end of a term, and shutdown

  /**
   * Called when the service ends. Cancels the snapshot in progress, prevents new ones, and writes the gathered batch to
   * the log.
   */
  endService(): void {
    this.snapshots.stop();
    this.log.flush();
  }

  /**
   * Prepares the database for the term of the next leader. All logged transactions are applied before this call.
   * Uncommitted sessions and changes are dropped. The next term starts a new log file.
   */
  startOver(): void {
    this.sessions.startOver(this.#parts.events.nowMs);
    this.changes.reset();
    this.log.requestRoll();
    this.snapshots.resume();
  }

  /** Writes the gathered batch to the log and then closes it. Nothing more is written after this batch. */
  close(): void {
    this.endService();
    this.log.close();
  }
}
