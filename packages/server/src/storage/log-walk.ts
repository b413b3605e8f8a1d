import { type Disk, DiskError, type DiskFile } from '../ports/disk.js';
import { logDirectory, snapshotDirectory } from './data-directory.js';
import { logFiles, logsSince, snapshotFiles } from './file-format.js';
import { LogReader } from './log-reader.js';

/** Small enough to be read between two requests, even from a slow disk. */
const windowBytes = 256 * 1024;
const blockBytes = 4096;

interface WalkedFile {
  readonly path: string;
  readonly zxid: number;
  readonly bytes: number;
}

/**
 * Reads the transactions from a given zxid onwards while the server keeps writing the logs. The walk ends where the
 * logs ended when it was created. It ends earlier where a file cannot be read or was removed.
 */
export class LogWalk {
  #reader: LogReader | undefined;
  /** Bytes written in the file being read. */
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
   * Does not read logs older than the oldest snapshot: only the snapshots after a log show where it has holes.
   *
   * @returns undefined if logs or snapshots do not reach back to `zxid`, or the disk fails
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

  /** A new walk over the same range. */
  again(): LogWalk {
    return new LogWalk(this.disk, this.files, this.snapshotZxids);
  }

  /** Moves to the next transaction. Returns false if there is none, or if it cannot be read. */
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

  /** The current transaction: TxnHeader, body, digest. Valid until the next call of `next`. */
  get bytes(): Buffer {
    const { bytes, start, end } = this.#reader!;
    return bytes.subarray(start, end);
  }

  /** Approximate number of bytes written after the current transaction. */
  get bytesLeft(): number {
    return Math.max(0, this.#fileBytes - this.#reader!.offset) + this.#laterBytes;
  }

  /**
   * Whether a snapshot lies between two transactions. If an epoch ended between them, the snapshot may have come from a
   * leader and hold transactions that no local log has.
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
 * Approximate number of bytes written to a log, without the preallocated zeros. Zeros inside the entries may lower the
 * result.
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
