import type { ACL } from '@nodekeeper/protocol';
import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';
import type { Random } from '../ports/clock.js';
import type { Disk } from '../ports/disk.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { SessionTracker } from '../session/session-tracker.js';
import { purgeAsync, type SnapshotSource, SnapshotWriter, snapshotDirectory, type TxnLog } from '../storage/index.js';
import type { DataTree } from '../tree/data-tree.js';
import { digestVersion } from '../tree/tree-digest.js';
import { TreeWalk } from '../tree/tree-walk.js';

interface SnapshotListener {
  snapshotTaken(durationMs: number): void;
  snapshotFailed(): void;
}

/**
 * Takes a snapshot after a random number of transactions, and then purges the files that the snapshot makes obsolete.
 * The number is random so that the servers of an ensemble do not take snapshots at the same time. A snapshot is written
 * in slices, and the server serves clients between two slices.
 */
export class Snapshots {
  readonly #config: ServerConfig;
  readonly #disk: Disk;
  readonly #tree: DataTree;
  readonly #sessions: SessionTracker;
  readonly #log: Pick<TxnLog, 'requestRoll'>;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #logger: Logger;
  readonly #listener: SnapshotListener;
  #writer: SnapshotWriter | undefined;
  /** A cancelled snapshot that the disk may still be writing. Its file may still be renamed to its final name. */
  #abandoned: SnapshotWriter | undefined;
  #txnCount = 0;
  #txnBytes = 0;
  #txnCountLimit = 0;
  #txnBytesLimit = 0;
  #stopped = false;
  #purging = false;

  constructor(parts: {
    config: ServerConfig;
    disk: Disk;
    tree: DataTree;
    sessions: SessionTracker;
    log: Pick<TxnLog, 'requestRoll'>;
    random: Random;
    scheduler: Scheduler;
    logger: Logger;
    listener: SnapshotListener;
  }) {
    this.#config = parts.config;
    this.#disk = parts.disk;
    this.#tree = parts.tree;
    this.#sessions = parts.sessions;
    this.#log = parts.log;
    this.#random = parts.random;
    this.#scheduler = parts.scheduler;
    this.#logger = parts.logger;
    this.#listener = parts.listener;
    this.#drawLimits();
  }

  get isRunning(): boolean {
    return this.#writer !== undefined;
  }

  /** True while the disk still writes a cancelled snapshot. */
  get isEnding(): boolean {
    return this.#abandoned?.isBusy === true;
  }

  /**
   * Counts replayed transactions towards the next snapshot. Otherwise a server that restarts often would never take a
   * snapshot.
   */
  replayed(txnCount: number): void {
    this.#txnCount += txnCount;
  }

  txnApplied(bytes: number): void {
    this.#txnCount++;
    this.#txnBytes += bytes;
    if (this.#txnCount <= this.#txnCountLimit && this.#txnBytes <= this.#txnBytesLimit) return;
    this.#drawLimits();
    if (this.#stopped) return;
    this.#log.requestRoll();
    if (this.#writer === undefined) this.take(() => {});
    else this.#logger.warn('Skipping a snapshot: the previous one is still being written');
  }

  #drawLimits(): void {
    const { snapCount, snapSizeLimitInKb } = this.#config;
    this.#txnCount = 0;
    this.#txnBytes = 0;
    const half = Math.max(1, Math.floor(Math.max(2, snapCount) / 2));
    this.#txnCountLimit = half + Math.floor(this.#random() * half);
    const halfBytes = (snapSizeLimitInKb * 1024) / 2;
    this.#txnBytesLimit = snapSizeLimitInKb > 0 ? halfBytes + this.#random() * halfBytes : Number.POSITIVE_INFINITY;
  }

  /**
   * Starts a snapshot of the current tree. Calls `done` without an error when the snapshot is durable, or with the
   * error if the snapshot fails.
   */
  take(done: (error: Error | undefined) => void): void {
    const startedMs = this.#scheduler.monotonicMs();
    const { config } = this;
    const writer = new SnapshotWriter(this.#disk, snapshotDirectory(config.dataDir), this.source(), {
      compression: compressions[config.snapshotCompressionMethod],
      digestEnabled: config.digestEnabled,
      serializeLastProcessedZxid: config.serializeLastProcessedZxidEnabled,
    });
    this.#writer = writer;
    this.#logger.info(`Snapshotting: 0x${this.#tree.lastZxid.toString(16)} to ${writer.path}`);
    writer.onReady = () => this.#step(writer, startedMs, done);
    this.#step(writer, startedMs, done);
  }

  get config(): ServerConfig {
    return this.#config;
  }

  #step(writer: SnapshotWriter, startedMs: number, done: (error: Error | undefined) => void): void {
    if (this.#writer !== writer) return;
    try {
      const state = writer.step();
      if (state === 'more') this.#scheduler.nextTurn(() => this.#step(writer, startedMs, done));
      if (state !== 'done') return;
    } catch (error) {
      this.#writer = undefined;
      writer.abort();
      this.#listener.snapshotFailed();
      this.#logger.error(`The snapshot failed: ${(error as Error).message}. The log still holds all transactions`);
      done(error as Error);
      return;
    }
    this.#writer = undefined;
    this.#listener.snapshotTaken(this.#scheduler.monotonicMs() - startedMs);
    this.purge();
    done(undefined);
  }

  /** Returns the current tree as a `SnapshotSource`. */
  source(): SnapshotSource {
    const tree = this.#tree;
    const walk = new TreeWalk(tree);
    const sessions = [...this.#sessions.values()].filter((session) => session.committed);
    return {
      lastZxid: tree.lastZxid,
      sessions: sessions.map(({ id, timeoutMs }) => ({ id, timeoutMs })),
      acls: tree.acls.entries() as { key: number; acl: ACL[] }[],
      writeNodes: (writer, byteBudget) => walk.write(writer, byteBudget),
      digest: () => ({ zxid: tree.lastZxid, version: digestVersion, digest: tree.digest.toBigInt() }),
      close: () => walk.close(),
    };
  }

  /** Removes old snapshots and logs one after another, while the server continues. */
  purge(): void {
    const { config } = this;
    if (config.autopurgePurgeIntervalHours === 0 || this.#stopped || this.#purging) return;
    this.#purging = true;
    purgeAsync(this.#disk, config, config.autopurgeSnapRetainCount, this.#logger, (error) => {
      this.#purging = false;
      if (error !== undefined) this.#logger.warn(`Purging stopped: ${error.message}`);
    });
  }

  /** Cancels the snapshot in progress. No other snapshot starts before `resume` is called. */
  stop(): void {
    this.#stopped = true;
    this.#abandoned = this.#writer ?? this.#abandoned;
    this.#writer = undefined;
    this.#abandoned?.abort();
  }

  resume(): void {
    this.#stopped = false;
    this.#abandoned = undefined;
  }
}

const compressions = { none: '', gzip: 'gz', snappy: 'snappy' } as const;
