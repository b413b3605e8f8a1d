import { zxidCounter, zxidEpoch, zxidHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import type { Disk } from '../ports/disk.js';
import { fileHeaderSize, type NumberedFile, type SnapshotFile } from './file-format.js';
import { LogReader } from './log-reader.js';
import type { RecoverySink } from './recovery.js';
import { RecoveryError } from './recovery-error.js';

interface BrokenLog {
  path: string;
  offset: number;
  problem: string;
}

/**
 * Replays the logs that continue a snapshot. Also cuts off incomplete entries that a crash left at the end of the last
 * log.
 */
export class LogReplay {
  txnsReplayed = 0;
  /** Offset in bytes where the entries of the last log end. */
  lastLogBytes = 0;

  constructor(
    readonly disk: Disk,
    readonly directory: string,
    /** At first the zxid of the snapshot; then the zxid of the last replayed transaction. */
    public lastZxid: number,
    /** True if no snapshot exists. The first log may then begin with any zxid. */
    readonly startsAnywhere: boolean,
    /**
     * Snapshots that are newer than the loaded one and could not be read. If such a snapshot came from a leader, no
     * local log has its transactions.
     */
    readonly unread: readonly SnapshotFile[],
    readonly sink: Pick<RecoverySink, 'reading' | 'txn'>,
    readonly logger: Logger,
  ) {}

  /** Passes every transaction after `lastZxid` to `sink`, and cuts an incomplete entry off the end of the last log. */
  replay(files: readonly NumberedFile[]): void {
    this.#readAll(files);
    for (const snapshot of this.unread) if (snapshot.zxid > this.lastZxid) this.#missesSnapshot(snapshot);
  }

  #readAll(files: readonly NumberedFile[]): void {
    let broken: BrokenLog | undefined;
    for (const [index, file] of files.entries()) {
      const reader = new LogReader(this.disk, file);
      this.sink.reading(file.path);
      try {
        while (reader.next() || this.#resume(reader)) {
          if (reader.zxid <= this.lastZxid) continue;
          this.#checkSuccession(reader, broken);
          broken = undefined;
          this.lastZxid = reader.zxid;
          this.txnsReplayed++;
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
          `${(error as Error).message}. Its checksum is correct, so the file is unchanged since it was written`,
        { cause: error },
      );
    }
  }

  #resume(reader: LogReader): boolean {
    const { offset, problem } = reader;
    if (!reader.resume(this.lastZxid)) return false;
    this.logger.error(
      `Transaction log ${reader.path} is damaged at byte ${offset}: ${problem}. The snapshot covers the lost entries`,
    );
    return true;
  }

  /**
   * Throws if transactions are missing before the reader's current entry. Within an epoch, zxids are consecutive. The
   * counter of a new epoch starts with 1.
   */
  #checkSuccession(reader: LogReader, broken: BrokenLog | undefined): void {
    const { zxid, path } = reader;
    const previous = this.lastZxid;
    if (zxid === previous + 1 && previous >= 0) {
      if (broken !== undefined) this.logger.warn(`${broken.path} ends with ${broken.problem}; no transaction is lost`);
      return;
    }
    if (broken !== undefined) {
      throw new RecoveryError(
        `Transaction log ${broken.path} is damaged at byte ${broken.offset}: ${broken.problem}. ` +
          `Transactions after ${zxidHex(previous)} are missing, and ${path} continues with ${zxidHex(zxid)}. Restore the file ` +
          'from a backup or another server. To continue without the later transactions, move the later logs away',
      );
    }
    const newEpoch = zxidEpoch(zxid) > zxidEpoch(previous);
    const unread = this.unread.find((snapshot) => snapshot.zxid > previous && snapshot.zxid < zxid);
    if (newEpoch && unread !== undefined) this.#missesSnapshot(unread);
    if (newEpoch && zxidCounter(zxid) <= 1) return;
    if (this.startsAnywhere && this.txnsReplayed === 0) return;
    throw new RecoveryError(
      `Transactions between ${zxidHex(previous)} and ${zxidHex(zxid)} are missing before byte ` +
        `${reader.entryOffset} of ${path}. Restore the log that holds them, or a newer snapshot, from a backup or another ` +
        'server. To continue without the later transactions, move this log and the later ones away',
    );
  }

  #missesSnapshot({ path, zxid }: SnapshotFile): never {
    throw new RecoveryError(
      `${path} cannot be used, and the logs have no transactions between ${zxidHex(this.lastZxid)} and ${zxidHex(zxid)} to ` +
        'replace it. Restore it from a backup. Or, while the rest of the ensemble serves, delete everything in the data ' +
        'directory except myid. To continue without its transactions, move it away',
    );
  }

  /**
   * Handles the bytes after the last entry of the last log. Leaves padding as it is, cuts off a torn batch, and throws
   * if the log is damaged.
   */
  #finishLast(reader: LogReader): void {
    const { path, offset } = reader;
    const clean = reader.ending === 'end';
    this.lastLogBytes = offset;
    if (clean && reader.batchMark() !== undefined) return;
    const problem = reader.problem || 'no entry';
    const where = `Transaction log ${path} is damaged at byte ${offset}: ${problem}`;
    const remedy =
      `The last good transaction is ${zxidHex(this.lastZxid)}. Restore the file from a backup or another server; ` +
      'to continue without the later transactions, ';
    if (reader.ending === 'bad-header') throw new RecoveryError(`${where}. ${remedy}move it away`);
    const tail = reader.examineTail(this.lastZxid);
    if (tail === 'damaged') {
      throw new RecoveryError(
        `${where}. It had been written completely, so a crash is not the cause. ${remedy}cut the file to ${offset} bytes`,
      );
    }
    if (clean && tail === 'nothing') return;
    this.logger.warn(
      `${path} ends at byte ${offset} with ${problem}. A crash interrupted this write, and the server had not ` +
        'acknowledged it. Cutting it off',
    );
    this.#cut(path, offset);
  }

  #cut(path: string, offset: number): void {
    if (offset <= fileHeaderSize) {
      this.disk.remove(path);
      this.disk.syncDirectory(this.directory);
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

/**
 * Removes logs from the newest one backwards until one has an entry. Returns the remaining logs. A log without an entry
 * exists if the server stopped between the creation of the file and the first durable write.
 */
export function removeEmptyTail(
  disk: Disk,
  directory: string,
  files: readonly NumberedFile[],
  logger: Logger,
): NumberedFile[] {
  const kept = [...files];
  for (let last = kept.at(-1); last !== undefined && isEmpty(disk, last); last = kept.at(-1)) {
    logger.warn(`Removing ${last.path}: it holds no durable transaction`);
    disk.remove(last.path);
    kept.pop();
  }
  if (kept.length < files.length) disk.syncDirectory(directory);
  return kept;
}

function isEmpty(disk: Disk, file: NumberedFile): boolean {
  const reader = new LogReader(disk, file);
  try {
    if (reader.next() || reader.ending === 'bad-header') return false;
    return !reader.findLaterEntry(-1);
  } finally {
    reader.close();
  }
}
