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
  /**
   * If logs exist but no snapshot: true replays the logs on an empty tree, and false makes recovery fail
   * (`snapshot.trust.empty`).
   */
  trustEmpty: boolean;
  /**
   * If true, an empty directory is accepted as an empty database. Otherwise it is accepted only if the file
   * `initialize` exists.
   */
  dbAutocreate: boolean;
  /** The maximum length of one record of a snapshot, in bytes; see the function `recordBytesMax`. */
  recordBytesMax?: number;
  /** The clock that measures how long recovery takes. */
  clock?: MonotonicClock;
}

export interface RecoverySink extends SnapshotSink {
  /** Discards all data that the sink has received. Recovery calls this before it tries to read a snapshot. */
  reset(): void;
  /** Tells the sink which file the data of the following calls comes from. */
  reading(path: string): void;
  /**
   * Receives one log entry, `bytes[start, end)`: TxnHeader, body and, if enabled, the digest. The bytes are valid only
   * during the call.
   */
  txn(bytes: Buffer, start: number, end: number): void;
}

export interface Recovered {
  /**
   * The zxid of the last transaction in the files. It is -1 if the directory is empty and must not be used as an empty
   * database.
   */
  lastZxid: number;
  /** The zxid in the name of the loaded snapshot; -1 if no snapshot was loaded. */
  snapshotZxid: number;
  snapshotName: string | undefined;
  txnsReplayed: number;
  snapshotMs: number;
  replayMs: number;
  /**
   * The tree digest that the snapshot records, and the zxid at which the tree had this digest. This zxid may be later
   * than the zxid in the snapshot's name. Replay reaches this zxid, unless the log is too short.
   */
  digestOfSnapshot: { zxid: number; version: number; digest: bigint } | undefined;
  /** True if neither a snapshot nor a log existed. */
  firstStart: boolean;
}

/** The maximum number of snapshots that recovery tries to read, newest first (spec 3.3.11). */
const snapshotsTriedMax = 100;
const rewriteChunkBytes = 1 << 20;

/**
 * Rebuilds the state from the newest whole snapshot and the logs after it. Also repairs the effects of a crash: cuts an
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
   * Makes the entries of the last log durable. If the process was killed, its last entries may exist only in the
   * operating system's cache. This server tells other servers about the recovered entries, so the entries must survive
   * a crash of the machine.
   *
   * A sync alone is not enough. After a failed fsync, the operating system marks its cache as clean, so another fsync
   * succeeds without writing (S-7). The method therefore writes the entries again before it syncs. Earlier logs need no
   * sync, because they were synced before the last log began.
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
   * Removes the marker file `initialize`, and returns true if it existed. ZooKeeper's script writes the marker into
   * dataDir, but ZooKeeper's server looks for it in dataLogDir (spec 11.16). nodekeeper looks in dataLogDir, too.
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

  /** Returns a sink that forwards every call to `sink` and also stores the snapshot's digest in `#digest`. */
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
 * The error text for a snapshot whose name has a later zxid than its content. In a correct file, the name has the
 * tree's zxid at the start of the snapshot. The content has the tree's zxid at the end of the snapshot, which is never
 * lower.
 */
function misnamed({ path }: SnapshotFile, lastZxid: number): string {
  return `Snapshot ${path} was taken at zxid ${zxidHex(lastZxid)}, so the file name belongs to another snapshot. Move it away`;
}

/**
 * Overwrites the first `length` bytes of a file with the same bytes, so that the next sync writes them to the disk.
 * Also changes the file's length and sets it back, so that the next sync makes the length durable. Otherwise a crash
 * could bring back bytes that were cut off the end.
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
