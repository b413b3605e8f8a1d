import { type Disk, DiskError, type DiskFile } from '../ports/disk.js';
import { logDirectory, snapshotDirectory } from './data-directory.js';
import { logFiles, logsSince, snapshotFiles } from './file-format.js';
import { LogReader } from './log-reader.js';

/** Small enough to be read between two requests, also from a slow disk. */
const windowBytes = 256 * 1024;
const blockBytes = 4096;

interface WalkedFile {
  readonly path: string;
  readonly zxid: number;
  readonly bytes: number;
}

/**
 * Reads the transactions from a zxid on out of the logs of a server that goes on writing them. It ends where the logs ended
 * when it was made, or earlier: where a file cannot be read, or is gone.
 */
export class LogWalk {
  #reader: LogReader | undefined;
  /** Of the file that is being read. */
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
   * From before the oldest snapshot nothing is read: only with the snapshots behind it does a log tell where it has holes.
   *
   * @returns undefined when logs or snapshots do not reach back to `zxid`, or the disk fails
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

  /** The same from its beginning, with the same end. */
  again(): LogWalk {
    return new LogWalk(this.disk, this.files, this.snapshotZxids);
  }

  /** Moves to the next transaction; false: there is none, or it cannot be read. */
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

  /** About how much is written behind the current transaction. */
  get bytesLeft(): number {
    return Math.max(0, this.#fileBytes - this.#reader!.offset) + this.#laterBytes;
  }

  /**
   * Whether a snapshot lies between two transactions. Where an epoch has ended in between, it may have come from a leader,
   * and hold what is in no log here.
   */
  isSnapshotBetween(earlier: number, later: number): boolean {
    return this.snapshotZxids.some((zxid) => zxid > earlier && zxid < later);
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }
}

/** About how much of a log is written: zeros follow, which were made ahead. (Zeros in what is written may mislead it.) */
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

/** The size of the newest snapshot, in bytes; 0: there is none, or the disk fails. */
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
