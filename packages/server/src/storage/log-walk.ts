import { type Disk, DiskError, type DiskFile } from '../ports/disk.js';
import { logDirectory, snapshotDirectory } from './data-directory.js';
import { logFiles, logsSince, snapshotFiles } from './file-format.js';
import { LogReader } from './log-reader.js';

/**
 * Number of bytes that the walk reads from a log at once. The number is small, so that even a slow disk delays the next
 * request only briefly.
 */
const windowBytes = 256 * 1024;
const blockBytes = 4096;

interface WalkedFile {
  readonly path: string;
  readonly zxid: number;
  readonly bytes: number;
}

/**
 * Reads the transactions from a given zxid onwards while the server continues to write the logs. The walk does not read
 * transactions that are logged after its creation. It ends early if a file was removed or cannot be read.
 */
export class LogWalk {
  #reader: LogReader | undefined;
  /** Approximate number of bytes written to the file that is being read, without the preallocated zeros. */
  #fileBytes = 0;
  readonly #files: WalkedFile[];
  #laterBytes: number;

  private constructor(
    readonly disk: Disk,
    readonly files: readonly WalkedFile[],
    readonly snapshotZxids: readonly number[],
  ) {
    this.#files = [...files];
    this.#laterBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Starts a walk that reads the transactions from `zxid` onwards. Transactions that arrived in a snapshot from a
   * leader are in no log, so the logs may have holes. `isSnapshotBetween` finds the holes after the oldest snapshot. A
   * walk never begins before that snapshot, because earlier holes cannot be found.
   *
   * @returns undefined if the logs or the snapshots do not reach back to `zxid`, or if the disk fails
   */
  static from(
    disk: Disk,
    directories: { readonly dataDir: string; readonly dataLogDir: string },
    zxid: number,
  ): LogWalk | undefined {
    const directory = logDirectory(directories.dataLogDir);
    const snapshots = snapshotDirectory(directories.dataDir);
    try {
      const files = logsSince(logFiles(directory, disk.list(directory)), zxid);
      const snapshotZxids = snapshotFiles(snapshots, disk.list(snapshots)).map((snapshot) => snapshot.zxid);
      const [oldest] = files;
      if (oldest === undefined || oldest.zxid > zxid || Math.min(...snapshotZxids) > zxid) return undefined;
      return new LogWalk(
        disk,
        files.map(({ path, zxid: first }) => ({ path, zxid: first, bytes: writtenBytes(disk, path) })),
        snapshotZxids,
      );
    } catch (error) {
      if (error instanceof DiskError) return undefined;
      throw error;
    }
  }

  /** Returns a new walk that starts again with the same first file. */
  again(): LogWalk {
    return new LogWalk(this.disk, this.files, this.snapshotZxids);
  }

  /** Moves to the next transaction. Returns false if there is no next transaction, or if it cannot be read. */
  next(): boolean {
    try {
      while (this.#reader === undefined || !this.#reader.next()) {
        if (this.#reader !== undefined && this.#reader.ending !== 'end') return false;
        if (!this.#openNext()) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof DiskError) return false;
      throw error;
    }
  }

  #openNext(): boolean {
    const file = this.#files.shift();
    if (file === undefined) return false;
    this.close();
    this.#reader = new LogReader(this.disk, file, windowBytes);
    this.#fileBytes = file.bytes;
    this.#laterBytes -= file.bytes;
    return true;
  }

  get zxid(): number {
    return this.#reader!.zxid;
  }

  /** The current transaction: TxnHeader, body and digest. The bytes are valid until the next call of `next`. */
  get bytes(): Buffer {
    const { bytes, start, end } = this.#reader!;
    return bytes.subarray(start, end);
  }

  /** Approximate number of bytes written after the current transaction. */
  get bytesLeft(): number {
    return Math.max(0, this.#fileBytes - this.#reader!.offset) + this.#laterBytes;
  }

  /**
   * True if a local snapshot has a zxid between two transactions. If an epoch ended between the two transactions, the
   * snapshot may have come from a leader. Such a snapshot may hold transactions that no local log has.
   */
  isSnapshotBetween(earlier: number, later: number): boolean {
    return this.snapshotZxids.some((zxid) => zxid > earlier && zxid < later);
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }
}

/**
 * Approximate number of bytes written to a log, without the preallocated zeros. The result can be too low if the
 * entries contain long runs of zeros.
 */
function writtenBytes(disk: Disk, path: string): number {
  const block = Buffer.alloc(blockBytes);
  return withFile(disk, path, (file) => {
    let [written, unwritten] = [0, Math.ceil(file.size() / blockBytes)];
    while (written < unwritten) {
      const middle = (written + unwritten) >> 1;
      const count = file.read(block, 0, blockBytes, middle * blockBytes);
      if (block.subarray(0, count).some((byte) => byte !== 0)) written = middle + 1;
      else unwritten = middle;
    }
    return Math.min(written * blockBytes, file.size());
  });
}

function withFile<Result>(disk: Disk, path: string, use: (file: DiskFile) => Result): Result {
  const file = disk.open(path, 'read');
  try {
    return use(file);
  } finally {
    file.close();
  }
}

/** The size of the newest snapshot in bytes; 0 if there is none or the disk fails. */
export function newestSnapshotBytes(disk: Disk, dataDir: string): number {
  const directory = snapshotDirectory(dataDir);
  try {
    const [newest] = snapshotFiles(directory, disk.list(directory));
    return newest === undefined ? 0 : withFile(disk, newest.path, (file) => file.size());
  } catch (error) {
    if (error instanceof DiskError) return 0;
    throw error;
  }
}
