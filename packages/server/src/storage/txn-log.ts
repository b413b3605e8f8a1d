import type { Writer } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type Disk, DiskError, type DiskFile } from '../ports/disk.js';
import { fileHeaderSize, logName } from './file-format.js';
import { LogBatch } from './log-batch.js';

export interface TxnLogOptions {
  /**
   * The log file grows in steps of this size, so that most appends do not change the file's metadata. 0 disables
   * preallocation.
   */
  preAllocSizeKb: number;
  /** When the log file exceeds this size, the next batch starts a new file. Zero or less means no limit. */
  txnLogSizeLimitInKb: number;
  /** If false, the log does not sync. Entries then count as durable when the operating system has them. */
  forceSync: boolean;
  fsyncWarningThresholdMs: number;
}

export interface TxnLogStatistics {
  /** The number of fdatasync calls so far. */
  syncCount: number;
  /** The number of fdatasync calls that took longer than `fsync.warningthresholdms`. */
  syncSlowCount: number;
  /** The duration of the last batch's sync. */
  syncLastMs: number;
  /** For the last batch: the time from the arrival of its first entry to the start of its sync. */
  queuedLastMs: number;
}

/** Called when a batch of the log is written, becomes durable or fails. */
export interface TxnLogListener {
  /** The log is about to write the batch, for the first time or again. */
  writing?(batch: LogBatch): void;
  /** The batch is durable. The log reuses the `LogBatch` object after the call. */
  durable(batch: LogBatch): void;
  /** The disk failed. No further batch becomes durable until the log works again and calls `recovered`. */
  failed(error: DiskError): void;
  recovered?(): void;
}

export interface MonotonicClock {
  monotonicMs(): number;
}

/** The file grows when its entries end less than this many bytes before the end of the allocated part (spec 3.2.1). */
const allocateAhead = 4096;
/**
 * When a small batch reaches blocks that the file system has not allocated yet, the log writes this many zeros after
 * the batch. The next batches then use allocated blocks, and their syncs need no commit of the file system's journal.
 */
const zerosAhead = 256 * 1024;
const smallBatch = 8 * 1024;
export const noClock: MonotonicClock = { monotonicMs: () => 0 };

/**
 * The transaction log with group commit: while the log writes and syncs one batch, it gathers new entries in the next
 * one.
 *
 * The log reports entries to the listener in order, and only after their fdatasync. After a disk error, the log is
 * `failed`. It keeps the batch that it could not write, and reports no entry until a retry succeeds. `retry` cuts the
 * file back to its durable part and writes the kept batch to a new file. The log never appends to a file whose sync
 * failed. The operating system may have dropped the bytes, and may nevertheless report success for the next sync.
 */
export class TxnLog {
  #gathering = new LogBatch();
  #writing: LogBatch | undefined;
  readonly #spares: LogBatch[] = [new LogBatch(), new LogBatch()];
  #flushWanted = false;

  #file: DiskFile | undefined;
  /** Offset in the file where the durable entries end and the next batch begins. */
  #position = 0;
  #allocated = 0;
  /** Offset up to which the blocks of the file are allocated and filled with zeros or entries. */
  #zeroed = 0;
  #endAfterWrite = 0;
  #rollRequested = false;
  /** True while the file is new and its directory entry is not durable yet. */
  #nameUnsynced = false;

  #failed: DiskError | undefined;
  #retrying = false;
  #closed = false;
  #lastZxid = -1;
  #writeStartMs = 0;
  /** The time when the first entry of the batch `#gathering` arrived. */
  #gatheringSinceMs = 0;
  /** The time when the first entry of the batch `#writing` arrived. */
  #writingSinceMs = 0;
  readonly statistics: TxnLogStatistics = { syncCount: 0, syncSlowCount: 0, syncLastMs: 0, queuedLastMs: 0 };

  constructor(
    readonly disk: Disk,
    readonly directory: string,
    readonly options: TxnLogOptions,
    readonly logger: Logger,
    readonly listener: TxnLogListener,
    readonly clock: MonotonicClock = noClock,
  ) {}

  /** The batch of entries that the log has not passed to the disk yet. */
  get gathering(): LogBatch {
    return this.#gathering;
  }

  get inFlight(): boolean {
    return this.#writing !== undefined;
  }

  /** The disk error that prevents entries from becoming durable; undefined if there is none. */
  get failed(): DiskError | undefined {
    return this.#failed;
  }

  /** Size in bytes of the durable part of the current file, including the file header. */
  get sizeOfCurrent(): number {
    return this.#position;
  }

  /**
   * Starts an entry. Returns a writer that is positioned after the space for the entry's checksum and length. Write
   * TxnHeader, txn and TxnDigest to it, then call `endEntry`.
   */
  beginEntry(): Writer {
    if (this.#gathering.count === 0) this.#gatheringSinceMs = this.clock.monotonicMs();
    return this.#gathering.beginEntry();
  }

  cancelEntry(): void {
    this.#gathering.cancelEntry();
  }

  endEntry(zxid: number): void {
    if (zxid <= this.#lastZxid) {
      throw new Error(`Log entries must be in zxid order: ${zxid} after ${this.#lastZxid}.`);
    }
    this.#lastZxid = zxid;
    this.#gathering.endEntry(zxid);
  }

  /** Writes the gathered entries at once, or as soon as the previous batch is durable. */
  flush(): void {
    if (!this.#closed) this.#writeGathered();
  }

  #writeGathered(): void {
    if (this.#gathering.count === 0) return;
    if (this.#writing !== undefined || this.#failed !== undefined) {
      this.#flushWanted = true;
      return;
    }
    this.#flushWanted = false;
    this.#writing = this.#gathering;
    this.#writingSinceMs = this.#gatheringSinceMs;
    this.#gathering = this.#spares.pop() ?? new LogBatch();
    this.#write();
  }

  /** Makes the next batch start a new file. */
  requestRoll(): void {
    this.#rollRequested = true;
  }

  #write(): void {
    const batch = this.#writing!;
    try {
      if (this.#mustRoll()) this.#openFile(batch.firstZxid);
      const { start, end: laidOutEnd } = batch.layOut(this.#position);
      this.#allocate(this.#position + laidOutEnd - start);
      const end = this.#withZeros(batch, start, laidOutEnd);
      this.#endAfterWrite = this.#position + batch.writer.position - start;
      this.listener.writing?.(batch);
      this.#writeStartMs = this.clock.monotonicMs();
      const file = this.#file!;
      if (this.options.forceSync) file.writeAndSync(batch.writer.bytes, start, end, this.#position, this.#written);
      else file.writeAsync(batch.writer.bytes, start, end, this.#position, this.#written);
    } catch (error) {
      this.#fail(asTrouble(error));
    }
  }

  #mustRoll(): boolean {
    if (this.#file === undefined || this.#rollRequested) return true;
    const { txnLogSizeLimitInKb } = this.options;
    return txnLogSizeLimitInKb > 0 && this.#position > txnLogSizeLimitInKb * 1024;
  }

  /**
   * Starts a new file, which replaces an existing file of the same name. Recovery guarantees that such a file has no
   * entry.
   */
  #openFile(firstZxid: number): void {
    this.#closeFile();
    const name = logName(firstZxid);
    this.#file = this.disk.open(`${this.directory}/${name}`, 'create');
    this.#rollRequested = false;
    this.#nameUnsynced = true;
    this.logger.info(`Creating new log file: ${name}`);
  }

  #closeFile(): void {
    const file = this.#file;
    this.#file = undefined;
    this.#position = 0;
    this.#allocated = 0;
    this.#zeroed = 0;
    file?.close();
  }

  /**
   * Extends the allocated part of the file as ZooKeeper does (spec 3.2.1), and further if the batch needs more. `end`
   * is the file offset where the batch ends.
   */
  #allocate(end: number): void {
    const step = this.options.preAllocSizeKb * 1024;
    const position = Math.max(this.#position, fileHeaderSize);
    if (step <= 0 || (position + allocateAhead < this.#allocated && end <= this.#allocated)) return;
    let size = Math.max(this.#allocated, fileHeaderSize) + step;
    while (size < end) size += step;
    this.#allocated = size;
    this.#file!.truncate(size);
  }

  /** Adds zeros after a small batch if the next blocks are not allocated yet. Returns the end of the bytes to write. */
  #withZeros(batch: LogBatch, start: number, end: number): number {
    const fileEnd = this.#position + end - start;
    if (fileEnd <= this.#zeroed || end - start > smallBatch || !this.options.forceSync) return end;
    const count = Math.min(zerosAhead, this.#allocated - fileEnd);
    if (count <= 0) return end;
    this.#zeroed = fileEnd + count;
    batch.putZeros(end, count);
    return end + count;
  }

  readonly #written = (error: DiskError | undefined): void => {
    if (error !== undefined) this.#fail(error);
    else if (this.#nameUnsynced && this.options.forceSync) this.disk.syncDirectoryAsync(this.directory, this.#named);
    else this.#durable();
  };

  readonly #named = (error: DiskError | undefined): void => {
    if (error !== undefined) this.#fail(error);
    else this.#durable();
  };

  /**
   * Handles a batch that became durable. Starts to write the next batch before it reports the durable one, so that the
   * disk does not wait while the listener sends replies.
   */
  #durable(): void {
    const batch = this.#writing!;
    this.#writing = undefined;
    this.#nameUnsynced = false;
    this.#position = this.#endAfterWrite;
    this.#measure();
    const recovered = this.#retrying;
    this.#retrying = false;
    this.#failed = undefined;
    if (this.#flushWanted) this.#writeGathered();
    if (this.#closed && this.#writing === undefined) this.#closeFile();
    this.listener.durable(batch);
    batch.reset();
    this.#spares.push(batch);
    if (recovered) {
      this.logger.info(`The transaction log works again and writes to ${this.#file?.path}`);
      this.listener.recovered?.();
    }
  }

  #measure(): void {
    this.statistics.queuedLastMs = this.#writeStartMs - this.#writingSinceMs;
    if (!this.options.forceSync) return;
    const elapsedMs = this.clock.monotonicMs() - this.#writeStartMs;
    this.statistics.syncCount++;
    this.statistics.syncLastMs = elapsedMs;
    if (elapsedMs <= this.options.fsyncWarningThresholdMs) return;
    this.statistics.syncSlowCount++;
    this.logger.warn(
      `fsync-ing the transaction log took ${Math.round(elapsedMs)} ms, which adds to the latency of every write. ` +
        'Give the log its own disk (dataLogDir) or a faster one',
      { path: this.#file?.path, bytes: this.#position },
    );
  }

  #fail(error: DiskError): void {
    const first = this.#failed === undefined;
    this.#failed = error;
    this.#retrying = false;
    if (this.#closed) this.#abandonFile();
    if (!first) return;
    this.logger.error(
      `Cannot write the transaction log: ${error.message}. No write is acknowledged until it works again`,
    );
    this.listener.failed(error);
  }

  /** Tries again to write the batch that failed. Call this about once a second while the log is `failed`. */
  retry(): void {
    if (this.#failed === undefined || this.#retrying || this.#closed) return;
    this.#retrying = true;
    try {
      if (this.#file !== undefined && this.#position > 0) {
        this.#file.truncate(this.#position);
        this.#file.syncAsync(this.#cut);
        return;
      }
      this.#discardNewFile();
    } catch (error) {
      this.#fail(asTrouble(error));
      return;
    }
    this.#write();
  }

  /**
   * Removes a new file that has no durable entry. The failed write may have stored bytes in the file, and the next
   * attempt must not find them.
   */
  #discardNewFile(): void {
    if (this.#file === undefined) return;
    this.disk.remove(this.#file.path);
    this.#closeFile();
  }

  /** Called when the old file is cut after its last durable entry. The log continues in a new file. */
  readonly #cut = (error: DiskError | undefined): void => {
    if (error !== undefined) {
      this.#fail(error);
      return;
    }
    this.#rollRequested = true;
    this.#write();
  };

  /**
   * Writes the gathered entries and then closes the file. If this server is a learner, it may have applied these
   * entries already, and may have answered reads with their results. The ensemble has these transactions, so a server
   * that stops normally must keep them.
   */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    if (this.#writing === undefined || this.#failed !== undefined) this.#abandonFile();
  }

  #abandonFile(): void {
    try {
      this.#closeFile();
    } catch (error) {
      this.logger.warn((error as Error).message);
    }
  }
}

/**
 * Returns the error if it is a disk error, and throws it otherwise, because any other error is a bug and must stop the
 * process.
 */
function asTrouble(error: unknown): DiskError {
  if (error instanceof DiskError) return error;
  throw error;
}
