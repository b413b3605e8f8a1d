import type { Writer } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type Disk, DiskError, type DiskFile } from '../ports/disk.js';
import { fileHeaderSize, logName } from './file-format.js';
import { LogBatch } from './log-batch.js';

export interface TxnLogOptions {
  /** The file grows in steps of this size, so that appending to it changes no metadata; 0: no steps. */
  preAllocSizeKb: number;
  /** A file larger than this is followed by a new one; zero or less: no limit. */
  txnLogSizeLimitInKb: number;
  /** False: entries count as durable once the operating system has them. */
  forceSync: boolean;
  fsyncWarningThresholdMs: number;
}

export interface TxnLogStatistics {
  /** All fdatasyncs so far, and those beyond `fsync.warningthresholdms`. */
  syncCount: number;
  syncSlowCount: number;
  /** Of the last batch: how long its sync took, and how long its first entry had waited for it to begin. */
  syncLastMs: number;
  queuedLastMs: number;
}

/** Hears what becomes of the log's batches. */
export interface TxnLogListener {
  /** The batch is about to be handed to the disk, for the first time or again. */
  writing?(batch: LogBatch): void;
  /** The batch survives a crash. It is reused after the call. */
  durable(batch: LogBatch): void;
  /** The disk fails: nothing is durable until `recovered`. */
  failed(error: DiskError): void;
  recovered?(): void;
}

export interface MonotonicClock {
  monotonicMs(): number;
}

/** As close to the end of the allocated part as this, the file grows (inventory 3.2.1). */
const allocateAhead = 4096;
/**
 * A small batch that comes to blocks which the file system has not given the file yet takes so many zeros along: the next
 * ones find their blocks there, and their syncs need no commit of the file system's journal.
 */
const zerosAhead = 256 * 1024;
const smallBatch = 8 * 1024;
export const noClock: MonotonicClock = { monotonicMs: () => 0 };

/**
 * The transaction log's writing end, with group commit: while one batch is written and synced the next one gathers.
 *
 * Entries are reported to the listener in order, and only when fdatasync has said so. After a failure nothing more is:
 * the log stays `failed` and keeps the batch until a `retry` has cut the file back to what is known to be durable,
 * and has written the whole batch to a new file. A file whose sync has failed is never trusted again: the operating
 * system may have dropped the bytes and call the next sync a success.
 */
export class TxnLog {
  #gathering = new LogBatch();
  #writing: LogBatch | undefined;
  readonly #spares: LogBatch[] = [new LogBatch(), new LogBatch()];
  #flushWanted = false;

  #file: DiskFile | undefined;
  /** End of the durable entries in the file; where the next batch goes. */
  #position = 0;
  #allocated = 0;
  /** Up to here a small batch finds blocks in the file. */
  #zeroed = 0;
  #endAfterWrite = 0;
  #rollRequested = false;
  /** The file is new, so its name in the directory is not durable yet. */
  #nameUnsynced = false;

  #failed: DiskError | undefined;
  #retrying = false;
  #closed = false;
  #lastZxid = -1;
  #writeStartMs = 0;
  /** When the first entry of a batch came: the one that gathers, and the one that is being written. */
  #gatheringSinceMs = 0;
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

  /** What has not been handed to the disk yet. */
  get gathering(): LogBatch {
    return this.#gathering;
  }

  get inFlight(): boolean {
    return this.#writing !== undefined;
  }

  /** Why nothing is being acknowledged, if so. */
  get failed(): DiskError | undefined {
    return this.#failed;
  }

  /** Bytes of durable entries in the current file, its header included. */
  get sizeOfCurrent(): number {
    return this.#position;
  }

  /** A writer behind the room for checksum and length: write TxnHeader, txn and TxnDigest, then call `endEntry`. */
  beginEntry(): Writer {
    if (this.#gathering.count === 0) this.#gatheringSinceMs = this.clock.monotonicMs();
    return this.#gathering.beginEntry();
  }

  cancelEntry(): void {
    this.#gathering.cancelEntry();
  }

  endEntry(zxid: number): void {
    if (zxid <= this.#lastZxid) {
      throw new Error(`Log entries must come in the order of their zxids: ${zxid} after ${this.#lastZxid}.`);
    }
    this.#lastZxid = zxid;
    this.#gathering.endEntry(zxid);
  }

  /** Hands what has gathered to the disk, at once or as soon as the batch before is durable. */
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

  /** The next batch starts a new file. */
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

  /** A file of that name that is there already holds no entry: recovery has seen to that. */
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

  /** Apache's rule (inventory 3.2.1), and then as many steps more as the batch needs. */
  #allocate(end: number): void {
    const step = this.options.preAllocSizeKb * 1024;
    const position = Math.max(this.#position, fileHeaderSize);
    if (step <= 0 || (position + allocateAhead < this.#allocated && end <= this.#allocated)) return;
    let size = Math.max(this.#allocated, fileHeaderSize) + step;
    while (size < end) size += step;
    this.#allocated = size;
    this.#file!.truncate(size);
  }

  /** Gives the end of what is to be written, with zeros if the batch takes some along. */
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

  /** The next batch starts before the old one is reported, so that the disk does not wait for the replies. */
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
      this.logger.info(`Transaction log works again, writing to ${this.#file?.path}`);
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
      `fsync-ing the transaction log took ${Math.round(elapsedMs)} ms, which adds to the latency of every write: ` +
        'give the log a disk of its own (dataLogDir) or a faster one',
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

  /** Call about once a second while `failed`: tries to get the kept batch on disk. */
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

  /** A new file without a single durable entry: the next attempt must not see what the disk made of it. */
  #discardNewFile(): void {
    if (this.#file === undefined) return;
    this.disk.remove(this.#file.path);
    this.#closeFile();
  }

  /** The old file ends with its last durable entry, for good: on with a new one. */
  readonly #cut = (error: DiskError | undefined): void => {
    if (error !== undefined) {
      this.#fail(error);
      return;
    }
    this.#rollRequested = true;
    this.#write();
  };

  /**
   * Writes what has gathered, and then closes the file. A learner may have applied and shown it already: the ensemble has
   * it, and a server that was stopped in an orderly way has it too.
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

/** What is not the disk's fault is a bug, and stops the process. */
function asTrouble(error: unknown): DiskError {
  if (error instanceof DiskError) return error;
  throw error;
}
