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

/** Standalone servers hand out session ids as server 1 (inventory 1.9.3). */
const standaloneServerId = 1;
const logRetryMs = 1000;
const settlePollMs = 2;
const purgeHourMs = 3_600_000;
/** A batch of this size is written before the turn is over: the disk works on it while the rest is prepared. */
const eagerFlushBytes = 64 * 1024;

interface DatabasePorts {
  readonly disk: Disk;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** This server's id in its ensemble; undefined for a standalone server. */
  readonly serverId?: number;
}

interface DatabaseListener {
  /** These transactions survive a crash of this server. */
  durable(batch: LogBatch): void;
  logFailed(error: DiskError): void;
  /** A transaction has ended the session. */
  sessionClosed(sessionId: bigint): void;
}

/** What a database is made with; the same for each that a server has. */
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
 * The tree with everything that keeps it: sessions, quotas, outstanding changes, log, snapshots and digests. It lives as
 * long as the process, unless history is taken back or a leader sends a snapshot: then another one takes its place.
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

  /** Sessions of other servers' clients are followed from their commit on. */
  #sessionCreated(id: bigint, timeoutMs: number): void {
    this.sessions.track(id, timeoutMs, this.#parts.events.nowMs).committed = true;
  }

  #sessionClosed(id: bigint): void {
    this.sessions.remove(id);
    this.#parts.listener.sessionClosed(id);
  }

  /** A transaction of so many bytes, made at `timeMs` on its maker's clock, was applied. */
  applied(zxid: number, bytes: number, timeMs: number): void {
    this.#parts.meter.propagated(this.#parts.events.wallMs - timeMs);
    this.digests.applied(zxid, this.tree.digest);
    this.snapshots.txnApplied(bytes);
  }

  // ---- the log

  /** Writes the log when the turn of the event loop is over, so that a batch holds what all connections sent in it. */
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

  /** Nothing is on its way to the disk. */
  get #isSettled(): boolean {
    const { log, snapshots } = this;
    return !log.inFlight && log.gathering.count === 0 && !snapshots.isEnding;
  }

  /** Calls `settled` once nothing is on its way to the disk. The returned function gives that up. */
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

  /** The log's last write is through, or never will be: the process may end. */
  get isClosed(): boolean {
    return !this.log.inFlight || this.log.failed !== undefined;
  }

  // ---- what happens because time passes

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

  // ---- the end

  /** The service ends: no new snapshot begins, and what has gathered in the log is written. */
  endService(): void {
    this.snapshots.stop();
    this.log.flush();
  }

  /** A term is over and everything logged is applied: the next one starts from what is committed, in a new log file. */
  startOver(): void {
    this.sessions.startOver(this.#parts.events.nowMs);
    this.changes.reset();
    this.log.requestRoll();
    this.snapshots.resume();
  }

  /** Nothing is written any more but the batch in flight. */
  close(): void {
    this.endService();
    this.log.close();
  }
}
