import { zxidCounter, zxidEpoch, zxidHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type Disk, DiskError } from '../ports/disk.js';
import { logDirectory, snapshotDirectory } from './data-directory.js';
import {
  FILE_HEADER_SIZE,
  isTemporarySnapshot,
  logFiles,
  logsSince,
  type NumberedFile,
  type SnapshotFile,
  snapshotFiles,
} from './file-format.js';
import { LogReader } from './log-reader.js';
import { readSnapshot, SnapshotDamaged, type SnapshotSink } from './snapshot-reader.js';

export interface RecoveryOptions {
  dataDir: string;
  dataLogDir: string;
  /** Logs without any snapshot are replayed on an empty tree instead of being refused (snapshot.trust.empty). */
  trustEmpty: boolean;
  /** An empty directory is an empty database; otherwise only the `initialize` marker makes it one. */
  dbAutocreate: boolean;
}

export interface RecoverySink extends SnapshotSink {
  /** Forgets everything; called before each snapshot that is tried. */
  reset(): void;
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
  /** What the snapshot says of the tree at a zxid that replay passes (or has not reached, when the log is too short). */
  digestOfSnapshot: { zxid: number; version: number; digest: bigint } | undefined;
  /** There was neither snapshot nor log. */
  firstStart: boolean;
}

/** The files cannot be made into a state that is surely right; the text says which, where, and what can be done. */
export class RecoveryError extends Error {
  override readonly name = 'RecoveryError';
}

interface BrokenLog {
  path: string;
  offset: number;
  problem: string;
}

/** As many snapshots as are tried, newest first (inventory 3.3.11). */
const SNAPSHOTS_TRIED_MAX = 100;

/**
 * Rebuilds the state from the newest snapshot that is whole and the logs after it, and repairs what a crash leaves: an unfinished
 * entry at the end of the last log is cut off, a last log that holds nothing is removed.
 */
export function recover(disk: Disk, options: RecoveryOptions, sink: RecoverySink, logger: Logger): Recovered {
  return new Recovery(disk, options, sink, logger).run();
}

class Recovery {
  readonly #snapshotDirectory: string;
  readonly #logDirectory: string;
  #lastZxid = 0;
  #replayed = 0;
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
    const snapshots = snapshotFiles(this.#snapshotDirectory, this.#list(this.#snapshotDirectory));
    const logs = this.#removeEmptyTail(logFiles(this.#logDirectory, this.#list(this.#logDirectory)));
    const base = this.#loadSnapshot(snapshots);
    if (base === undefined) {
      if (snapshots.length > 0) throw new RecoveryError(this.#noGoodSnapshot(snapshots));
      if (logs.length === 0) return this.#firstStart(trustEmptyDatabase);
      if (!this.options.trustEmpty) throw new RecoveryError(this.#noSnapshot(logs));
      this.logger.warn('No snapshot found; replaying the logs on an empty tree because snapshot.trust.empty is set');
      this.sink.reset();
    }
    this.#lastZxid = base?.zxid ?? 0;
    this.#replay(base === undefined ? logs : logsSince(logs, base.zxid), base);
    return {
      lastZxid: this.#lastZxid,
      snapshotZxid: base?.zxid ?? -1,
      snapshotName: base?.name,
      txnsReplayed: this.#replayed,
      digestOfSnapshot: this.#digest,
      firstStart: false,
    };
  }

  #list(directory: string): string[] {
    return this.disk.exists(directory) ? this.disk.list(directory) : [];
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
      digestOfSnapshot: undefined,
      firstStart: true,
    };
  }

  #loadSnapshot(snapshots: readonly SnapshotFile[]): SnapshotFile | undefined {
    for (const file of snapshots.slice(0, SNAPSHOTS_TRIED_MAX)) {
      this.sink.reset();
      this.#digest = undefined;
      try {
        this.logger.info(`Reading snapshot ${file.path}`);
        readSnapshot(this.disk, file.path, file.compression, this.#digestKeeper());
        return file;
      } catch (error) {
        if (!(error instanceof SnapshotDamaged) && !(error instanceof DiskError)) throw error;
        this.logger.error(`${error.message}. Trying the one before`);
      }
    }
    return undefined;
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
        if (zxid > 0) this.#digest = { zxid, version, digest };
        sink.digest(zxid, version, digest);
      },
    };
  }

  #noGoodSnapshot(snapshots: readonly SnapshotFile[]): string {
    return (
      `None of the ${snapshots.length} snapshots in ${this.#snapshotDirectory} can be read. Restore one from a backup, or move ` +
      'them all away and start with snapshot.trust.empty=true if the logs go back to the very first transaction'
    );
  }

  #noSnapshot(logs: readonly NumberedFile[]): string {
    return (
      `No snapshot found in ${this.#snapshotDirectory}, but there are ${logs.length} logs in ${this.#logDirectory}: ` +
      'something is missing. Restore the snapshots (or correct dataDir and dataLogDir), or start with snapshot.trust.empty=true ' +
      'if the logs go back to the very first transaction'
    );
  }

  /** Last logs without a single entry: the server stopped between creating the file and the first durable write. */
  #removeEmptyTail(files: NumberedFile[]): NumberedFile[] {
    const kept = [...files];
    while (kept.length > 0) {
      const last = kept[kept.length - 1];
      if (!this.#isEmpty(last.path)) break;
      this.logger.warn(`Removing ${last.path}: no transaction had become durable in it`);
      this.disk.remove(last.path);
      kept.pop();
    }
    if (kept.length < files.length) this.disk.syncDirectory(this.#logDirectory);
    return kept;
  }

  #isEmpty(path: string): boolean {
    const reader = new LogReader(this.disk, path);
    try {
      if (reader.next() || reader.ending === 'bad-header') return false;
      return !reader.findLaterEntry(-1);
    } finally {
      reader.close();
    }
  }

  #replay(files: readonly NumberedFile[], base: SnapshotFile | undefined): void {
    let broken: BrokenLog | undefined;
    for (const [index, file] of files.entries()) {
      const reader = new LogReader(this.disk, file.path);
      try {
        while (reader.next() || this.#resume(reader)) {
          if (reader.zxid <= this.#lastZxid) continue;
          this.#checkSuccession(reader, base, broken);
          broken = undefined;
          this.#lastZxid = reader.zxid;
          this.#replayed++;
          this.#apply(reader);
        }
        if (index === files.length - 1) this.#finishLast(reader);
        else if (reader.ending !== 'end') {
          broken = { path: file.path, offset: reader.offset, problem: reader.problem || 'no header' };
        }
      } finally {
        reader.close();
      }
    }
  }

  #apply(reader: LogReader): void {
    try {
      this.sink.txn(reader.bytes, reader.start, reader.end);
    } catch (error) {
      throw new RecoveryError(
        `Transaction ${zxidHex(reader.zxid)} at byte ${reader.entryOffset} of ${reader.path} cannot be applied: ` +
          `${(error as Error).message}. Its checksum is right, so the file is as it was written`,
        { cause: error },
      );
    }
  }

  #resume(reader: LogReader): boolean {
    const { offset, problem } = reader;
    if (!reader.resume(this.#lastZxid)) return false;
    this.logger.error(
      `Transaction log ${reader.path} is damaged at byte ${offset}: ${problem}. The snapshot covers what is lost there`,
    );
    return true;
  }

  /** Within an epoch zxids are consecutive and a new one starts with 1; anything else means that entries are missing. */
  #checkSuccession(reader: LogReader, base: SnapshotFile | undefined, broken: BrokenLog | undefined): void {
    const { zxid, path } = reader;
    const previous = this.#lastZxid;
    if (zxid === previous + 1 && previous >= 0) {
      if (broken !== undefined) this.logger.warn(`${broken.path} ends with ${broken.problem}, which lost nothing`);
      return;
    }
    if (broken !== undefined) {
      throw new RecoveryError(
        `Transaction log ${broken.path} is damaged at byte ${broken.offset}: ${broken.problem}. Transactions after ${zxidHex(previous)} are ` +
          `missing, and ${path} goes on with ${zxidHex(zxid)}. Restore the file from a backup or another server; to go on ` +
          'without what came later, move the later logs away',
      );
    }
    const newEpoch = zxidEpoch(zxid) > zxidEpoch(previous);
    if (newEpoch && zxidCounter(zxid) <= 1) return;
    if (base === undefined && this.#replayed === 0) return;
    throw new RecoveryError(
      `Transactions between ${zxidHex(previous)} and ${zxidHex(zxid)} are missing in front of byte ${reader.entryOffset} of ` +
        `${path}. Restore the log that holds them, or a newer snapshot, from a backup or another server; to go on without what came later, ` +
        'move this log and the later ones away',
    );
  }

  /** The end of the last log: clean, torn by a crash (then it is cut there), or damaged (then it is refused). */
  #finishLast(reader: LogReader): void {
    const { path, offset } = reader;
    const clean = reader.ending === 'end';
    if (clean && reader.batchMark() !== undefined) return;
    const problem = reader.problem || 'no entry';
    const where = `Transaction log ${path} is damaged at byte ${offset}: ${problem}`;
    const remedy =
      `The last good transaction is ${zxidHex(this.#lastZxid)}. Restore the file from a backup or another server; to go on ` +
      'without what came later, ';
    if (reader.ending === 'bad-header') throw new RecoveryError(`${where}. ${remedy}move it away`);
    const tail = reader.examineTail(this.#lastZxid);
    if (tail === 'damaged') {
      throw new RecoveryError(`${where}, and whole entries stand behind it. ${remedy}cut the file to ${offset} bytes`);
    }
    if (clean && tail === 'nothing') return;
    this.logger.warn(
      `${path} ends at byte ${offset} with ${problem}: a write that a crash cut short, so nobody was told that it ` +
        'succeeded. Cutting it off',
    );
    this.#cut(path, offset);
  }

  #cut(path: string, offset: number): void {
    if (offset <= FILE_HEADER_SIZE) {
      this.disk.remove(path);
      this.disk.syncDirectory(this.#logDirectory);
      return;
    }
    const file = this.disk.open(path, 'write');
    try {
      file.truncate(offset);
      file.sync();
    } finally {
      file.close();
    }
  }
}
