import { zxidHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type Disk, DiskError, type DiskFile } from '../ports/disk.js';
import { logDirectory, snapshotDirectory } from './data-directory.js';
import {
  isTemporarySnapshot,
  logFiles,
  logsSince,
  type NumberedFile,
  type SnapshotFile,
  snapshotFiles,
} from './file-format.js';
import { LogReplay, removeEmptyTail } from './log-replay.js';
import { RecoveryError } from './recovery-error.js';
import type { SnapshotSink } from './snapshot-body.js';
import { readSnapshot, SnapshotDamaged } from './snapshot-reader.js';
import { finishTruncation } from './truncate.js';
import { type MonotonicClock, noClock } from './txn-log.js';

export interface RecoveryOptions {
  dataDir: string;
  dataLogDir: string;
  /** Replay logs without a snapshot on an empty tree instead of failing (snapshot.trust.empty). */
  trustEmpty: boolean;
  /** Accept an empty directory as an empty database. If false, only the `initialize` marker allows that. */
  dbAutocreate: boolean;
  /** See `recordBytesMax`. */
  recordBytesMax?: number;
  /** Measures how long recovery takes. */
  clock?: MonotonicClock;
}

export interface RecoverySink extends SnapshotSink {
  /** Discards all state; called before each snapshot that is tried. */
  reset(): void;
  /** The following calls carry data from this file. */
  reading(path: string): void;
  /** A whole log entry, `bytes[start, end)`: TxnHeader, body and, if enabled, the digest. Valid during the call. */
  txn(bytes: Buffer, start: number, end: number): void;
}

export interface Recovered {
  /** -1 for an empty directory that may not be treated as an empty database. */
  lastZxid: number;
  /** Zxid in the name of the loaded snapshot; -1 if there was none. */
  snapshotZxid: number;
  snapshotName: string | undefined;
  txnsReplayed: number;
  snapshotMs: number;
  replayMs: number;
  /**
   * The digest that the snapshot records for the tree at a zxid. Replay passes that zxid, unless the log is too short.
   */
  digestOfSnapshot: { zxid: number; version: number; digest: bigint } | undefined;
  /** Neither a snapshot nor a log existed. */
  firstStart: boolean;
}

/** The maximum number of snapshots to try, newest first (spec 3.3.11). */
const snapshotsTriedMax = 100;
const rewriteChunkBytes = 1 << 20;

/**
 * Rebuilds the state from the newest whole snapshot and the logs after it. Repairs what a crash leaves: cuts an
 * unfinished entry off the last log, and removes a last log without entries.
 */
export function recover(disk: Disk, options: RecoveryOptions, sink: RecoverySink, logger: Logger): Recovered {
  return new Recovery(disk, options, sink, logger).run();
}

class Recovery {
  readonly #snapshotDirectory: string;
  readonly #logDirectory: string;
  readonly #unread: SnapshotFile[] = [];
  #digest: Recovered['digestOfSnapshot'];

  constructor(
    readonly disk: Disk,
    readonly options: RecoveryOptions,
    readonly sink: RecoverySink,
    readonly logger: Logger,
  ) {
    this.#snapshotDirectory = snapshotDirectory(options.dataDir);
    this.#logDirectory = logDirectory(options.dataLogDir);
  }

  run(): Recovered {
    const trustEmptyDatabase = this.#takeInitializeMarker() || this.options.dbAutocreate;
    this.#removeUnfinishedSnapshots();
    finishTruncation(this.disk, this.options, this.logger);
    const snapshots = snapshotFiles(this.#snapshotDirectory, this.#list(this.#snapshotDirectory));
    const logs = this.#listLogs();
    const clock = this.options.clock ?? noClock;
    const beganMs = clock.monotonicMs();
    const base = this.#loadSnapshot(snapshots);
    const loadedMs = clock.monotonicMs();
    if (base === undefined) {
      if (snapshots.length > 0) throw new RecoveryError(this.#noGoodSnapshot(snapshots));
      if (logs.length === 0) return this.#firstStart(trustEmptyDatabase);
      if (!this.options.trustEmpty) throw new RecoveryError(this.#noSnapshot(logs));
      this.logger.warn('No snapshot found; replaying the logs on an empty tree because snapshot.trust.empty is set');
      this.sink.reset();
    }
    const replay = new LogReplay(
      this.disk,
      this.#logDirectory,
      base?.zxid ?? 0,
      base === undefined,
      this.#unread,
      this.sink,
      this.logger,
    );
    replay.replay(base === undefined ? logs : logsSince(logs, base.zxid));
    this.#makeDurable(logs.at(-1)?.path, replay.lastLogBytes);
    return {
      lastZxid: replay.lastZxid,
      snapshotZxid: base?.zxid ?? -1,
      snapshotName: base?.name,
      txnsReplayed: replay.txnsReplayed,
      snapshotMs: loadedMs - beganMs,
      replayMs: clock.monotonicMs() - loadedMs,
      digestOfSnapshot: this.#digest,
      firstStart: false,
    };
  }

  /**
   * After a killed process, entries may exist only in the operating system's cache. Recovery reads them and other
   * servers learn of them, so they must survive a crash of the machine from now on. They are written again, because
   * after a failed fsync the system marks its cache clean. A second fsync would succeed without writing (S-7). Earlier
   * logs were synced before the last one began.
   */
  #makeDurable(lastLog: string | undefined, length: number): void {
    if (lastLog !== undefined && this.disk.exists(lastLog)) {
      const file = this.disk.open(lastLog, 'write');
      try {
        rewrite(file, length);
        file.sync();
      } finally {
        file.close();
      }
    }
    for (const directory of new Set([this.#logDirectory, this.#snapshotDirectory])) this.disk.syncDirectory(directory);
  }

  #list(directory: string): string[] {
    return this.disk.exists(directory) ? this.disk.list(directory) : [];
  }

  #listLogs(): NumberedFile[] {
    const files = logFiles(this.#logDirectory, this.#list(this.#logDirectory));
    return removeEmptyTail(this.disk, this.#logDirectory, files, this.logger);
  }

  #removeUnfinishedSnapshots(): void {
    for (const name of this.#list(this.#snapshotDirectory)) {
      if (!isTemporarySnapshot(name)) continue;
      this.logger.info(`Removing the unfinished snapshot ${name}`);
      this.disk.remove(`${this.#snapshotDirectory}/${name}`);
    }
  }

  /**
   * ZooKeeper's script writes the marker next to dataDir's version-2, but its server looks next to the log's (spec
   * 11.16).
   */
  #takeInitializeMarker(): boolean {
    const marker = `${this.options.dataLogDir}/initialize`;
    if (!this.disk.exists(marker)) return false;
    this.disk.remove(marker);
    return true;
  }

  #firstStart(trusted: boolean): Recovered {
    this.sink.reset();
    if (!trusted)
      this.logger.warn('The data directory is empty, and db.autocreate=false prevents its use as an empty database');
    return {
      lastZxid: trusted ? 0 : -1,
      snapshotZxid: -1,
      snapshotName: undefined,
      txnsReplayed: 0,
      snapshotMs: 0,
      replayMs: 0,
      digestOfSnapshot: undefined,
      firstStart: true,
    };
  }

  #loadSnapshot(snapshots: readonly SnapshotFile[]): SnapshotFile | undefined {
    for (const file of snapshots.slice(0, snapshotsTriedMax)) {
      this.sink.reset();
      this.#digest = undefined;
      try {
        this.logger.info(`Reading snapshot ${file.path}`);
        this.sink.reading(file.path);
        const { lastZxid } = readSnapshot(
          this.disk,
          file.path,
          file.compression,
          this.#digestKeeper(),
          this.options.recordBytesMax,
        );
        if (lastZxid === undefined || lastZxid >= file.zxid) return file;
        this.#skip(file, misnamed(file, lastZxid));
      } catch (error) {
        if (!(error instanceof SnapshotDamaged) && !(error instanceof DiskError)) throw error;
        this.#skip(file, error.message);
      }
    }
    return undefined;
  }

  #skip(file: SnapshotFile, reason: string): void {
    this.logger.error(`${reason}. Trying the previous snapshot`);
    this.#unread.push(file);
  }

  /** Forwards everything to the sink and remembers the digest. */
  #digestKeeper(): SnapshotSink {
    const { sink } = this;
    return {
      session: (id, timeoutMs) => sink.session(id, timeoutMs),
      acl: (key, acl) => sink.acl(key, acl),
      node: (bytes, pathStart, pathEnd, dataStart, dataEnd, aclKey, statStart) =>
        sink.node(bytes, pathStart, pathEnd, dataStart, dataEnd, aclKey, statStart),
      digest: (zxid, version, digest) => {
        this.#digest = { zxid, version, digest };
        sink.digest(zxid, version, digest);
      },
    };
  }

  #noGoodSnapshot(snapshots: readonly SnapshotFile[]): string {
    return (
      `None of the ${snapshots.length} snapshots in ${this.#snapshotDirectory} can be read. Restore one from a backup, ` +
      'or move them all away and start with snapshot.trust.empty=true if the logs go back to the very first transaction'
    );
  }

  #noSnapshot(logs: readonly NumberedFile[]): string {
    return (
      `No snapshot found in ${this.#snapshotDirectory}, but there are ${logs.length} logs in ${this.#logDirectory}: ` +
      'something is missing. Restore the snapshots (or correct dataDir and dataLogDir), or start with ' +
      'snapshot.trust.empty=true if the logs go back to the very first transaction'
    );
  }
}

/**
 * The recorded zxid is the tree's at the end of the snapshot, and the name's is the tree's at its start. The end cannot
 * be earlier than the start.
 */
function misnamed({ path }: SnapshotFile, lastZxid: number): string {
  return `Snapshot ${path} was taken at zxid ${zxidHex(lastZxid)}, so the file name belongs to another snapshot. Move it away`;
}

/**
 * Overwrites the first `length` bytes of a file with themselves, so that the next sync writes them to the disk. Also
 * writes the file's length again, or a crash could bring back an end that was cut off.
 */
function rewrite(file: DiskFile, length: number): void {
  const chunk = Buffer.allocUnsafe(Math.min(length, rewriteChunkBytes));
  for (let position = 0; position < length; ) {
    const count = file.read(chunk, 0, Math.min(chunk.length, length - position), position);
    if (count === 0) break;
    file.write(chunk, 0, count, position);
    position += count;
  }
  const size = file.size();
  file.truncate(size + 1);
  file.truncate(size);
}
