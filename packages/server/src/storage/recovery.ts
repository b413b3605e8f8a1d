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
  /** Logs without any snapshot are replayed on an empty tree instead of being refused (snapshot.trust.empty). */
  trustEmpty: boolean;
  /** An empty directory is an empty database; otherwise only the `initialize` marker makes it one. */
  dbAutocreate: boolean;
  /** See `recordBytesMax`. */
  recordBytesMax?: number;
  /** Tells how long it takes. */
  clock?: MonotonicClock;
}

export interface RecoverySink extends SnapshotSink {
  /** Forgets everything; called before each snapshot that is tried. */
  reset(): void;
  /** What comes next is read from this file. */
  reading(path: string): void;
  /** A whole log entry, `bytes[start, end)`: TxnHeader, body and, if it was on, digest. Valid during the call. */
  txn(bytes: Buffer, start: number, end: number): void;
}

export interface Recovered {
  /** -1: an empty directory that may not be taken for an empty database. */
  lastZxid: number;
  /** Zxid in the name of the snapshot that was loaded; -1 when there was none. */
  snapshotZxid: number;
  snapshotName: string | undefined;
  txnsReplayed: number;
  snapshotMs: number;
  replayMs: number;
  /** The snapshot's word on the tree at a zxid that replay passes, or has not reached when the log is too short. */
  digestOfSnapshot: { zxid: number; version: number; digest: bigint } | undefined;
  /** There was neither snapshot nor log. */
  firstStart: boolean;
}

/** As many snapshots as are tried, newest first (inventory 3.3.11). */
const snapshotsTriedMax = 100;
const rewriteChunkBytes = 1 << 20;

/**
 * Rebuilds the state from the newest snapshot that is whole and the logs after it, and repairs what a crash leaves: an
 * unfinished entry at the end of the last log is cut off, a last log that holds nothing is removed.
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
   * A process that was killed leaves what only the operating system has. It is read like the rest, and others are told
   * of it, so it has to survive the machine from here on. It is written again, since after a failed fsync the system takes
   * what it has for clean, and a second fsync succeeds without writing (S-7). Earlier logs were synced before the last began.
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
      this.logger.info(`Removing ${name}, a snapshot that was not finished`);
      this.disk.remove(`${this.#snapshotDirectory}/${name}`);
    }
  }

  /** Apache's script writes it beside dataDir's version-2, its server looks beside the log's (inventory 11.16). */
  #takeInitializeMarker(): boolean {
    const marker = `${this.options.dataLogDir}/initialize`;
    if (!this.disk.exists(marker)) return false;
    this.disk.remove(marker);
    return true;
  }

  #firstStart(trusted: boolean): Recovered {
    this.sink.reset();
    if (!trusted) this.logger.warn('The data directory is empty, and db.autocreate=false says not to trust that');
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
        this.#passOver(file, misnamed(file, lastZxid));
      } catch (error) {
        if (!(error instanceof SnapshotDamaged) && !(error instanceof DiskError)) throw error;
        this.#passOver(file, error.message);
      }
    }
    return undefined;
  }

  #passOver(file: SnapshotFile, reason: string): void {
    this.logger.error(`${reason}. Trying the one before`);
    this.#unread.push(file);
  }

  /** Passes everything on, and notes the digest. */
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

/** Where it is written it is that of the tree at the end, which is never behind the name: the tree at the beginning. */
function misnamed({ path }: SnapshotFile, lastZxid: number): string {
  return `Snapshot ${path} was taken at zxid ${zxidHex(lastZxid)}, so it is another snapshot under this name: move it away`;
}

/**
 * Writes the first `length` bytes of a file over themselves, so that the next sync takes them to the disk; and the file's
 * length, or an end that was cut off comes back.
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
