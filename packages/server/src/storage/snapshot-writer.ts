import { putInt, Writer } from '@nodekeeper/protocol';
import { adler32 } from '../checksum/index.js';
import type { Disk, DiskError, DiskFile } from '../ports/disk.js';
import {
  fileVersion,
  type SnapshotCompression,
  snapshotDbid,
  snapshotMagic,
  snapshotName,
  temporaryName,
} from './file-format.js';
import { SnapshotBodyWriter, type SnapshotSource, sliceSize } from './snapshot-body.js';
import { type Compressor, createCompressor } from './snapshot-compression.js';

export interface SnapshotOptions {
  compression: SnapshotCompression;
  digestEnabled: boolean;
  serializeLastProcessedZxid: boolean;
}

/**
 * Bytes written between two syncs of the snapshot. The number is small, so that a sync of the log stays fast even if it
 * waits for a sync of the snapshot.
 */
const syncEvery = 4 * 1024 * 1024;

/**
 * The state of the snapshot after a step.
 *
 * - `more`: call `step` again in the next turn of the event loop.
 * - `waiting`: the disk has not finished yet. Call `step` again when `onReady` is called. An earlier call is harmless.
 * - `done`: the snapshot is durable under its final name.
 */
export type SnapshotStep = 'more' | 'waiting' | 'done';

type Stage = 'head' | 'body' | 'tail' | 'end' | 'done';

/**
 * Writes a snapshot in slices. While the disk writes a slice, the writer prepares the next one, which takes a few
 * milliseconds. The writer writes a temporary file, syncs it, renames it and syncs its directory.
 */
export class SnapshotWriter {
  onReady: () => void = () => {};
  readonly path: string;
  bytesWritten = 0;

  readonly #temporaryPath: string;
  #writer = new Writer(sliceSize * 2);
  #otherWriter = new Writer(sliceSize * 2);
  /** The prepared slice that is written next. */
  #slice: Uint8Array | undefined;
  readonly #compressor: Compressor;
  #file: DiskFile | undefined;
  readonly #body: SnapshotBodyWriter;
  #stage: Stage = 'head';
  #checksum = 1;
  #checksumFrom = 0;
  /** True while the disk is writing, syncing or renaming this snapshot. */
  #busy = false;
  #bytesSynced = 0;
  #error: DiskError | undefined;
  #aborted = false;

  constructor(
    readonly disk: Disk,
    readonly directory: string,
    readonly source: SnapshotSource,
    readonly options: SnapshotOptions,
  ) {
    const name = snapshotName(source.lastZxid, options.compression);
    this.path = `${directory}/${name}`;
    this.#temporaryPath = `${directory}/${temporaryName(name)}`;
    this.#compressor = createCompressor(options.compression);
    this.#body = new SnapshotBodyWriter(source);
  }

  /** Writes one slice. Throws a `DiskError` if the disk fails; the caller must then call `abort`. */
  step(): SnapshotStep {
    if (this.#error !== undefined) throw this.#error;
    if (this.#stage === 'done') return 'done';
    if (this.#slice === undefined && this.#stage !== 'end') this.#slice = this.#nextSlice();
    if (this.#busy) return 'waiting';
    this.#writeSlice();
    return this.#stage === 'end' ? 'waiting' : 'more';
  }

  #nextSlice(): Uint8Array {
    if (this.#stage === 'head') this.#writeHead();
    if (this.#stage === 'tail') this.#writeTail();
    else if (!this.#body.writeSlice(this.#writer)) this.#stage = 'tail';
    this.#checksumSoFar();
    return this.#compressor.slice(this.#writer.view());
  }

  #writeHead(): void {
    this.#file = this.disk.open(this.#temporaryPath, 'create');
    const begin = this.#compressor.begin();
    this.#file.write(begin, 0, begin.length, 0);
    this.bytesWritten = begin.length;
    const writer = this.#writer;
    writer.int(snapshotMagic);
    writer.int(fileVersion);
    writer.long(snapshotDbid);
    this.#stage = 'body';
  }

  #writeTail(): void {
    const writer = this.#writer;
    this.#seal();
    const { zxid, version, digest } = this.source.digest();
    if (this.options.digestEnabled) {
      writer.long(zxid);
      writer.int(version);
      writer.longBig(digest);
      this.#seal();
    }
    if (this.options.serializeLastProcessedZxid) {
      writer.long(zxid);
      this.#seal();
    }
    this.#stage = 'end';
  }

  /** Writes a seal: the checksum of all previous bytes, including earlier seals, followed by the string `/`. */
  #seal(): void {
    const writer = this.#writer;
    const checksum = this.#checksumSoFar();
    writer.reserve(8);
    writer.position = putInt(writer.bytes, putInt(writer.bytes, writer.position, 0), checksum);
    writer.ustring('/');
  }

  #checksumSoFar(): number {
    const { bytes, position } = this.#writer;
    this.#checksum = adler32(bytes, this.#checksumFrom, position, this.#checksum);
    this.#checksumFrom = position;
    return this.#checksum;
  }

  #writeSlice(): void {
    const slice = this.#slice;
    if (slice === undefined) return;
    this.#slice = undefined;
    const writer = this.#otherWriter;
    this.#otherWriter = this.#writer;
    this.#writer = writer;
    writer.reset();
    this.#checksumFrom = 0;
    this.#busy = true;
    const position = this.bytesWritten;
    this.bytesWritten += slice.length;
    this.#file!.writeAsync(slice, 0, slice.length, position, this.#written);
  }

  readonly #written = (error: DiskError | undefined): void => {
    const mustSync =
      this.#stage === 'end' ? this.#slice === undefined : this.bytesWritten - this.#bytesSynced >= syncEvery;
    if (error === undefined && mustSync && !this.#aborted) {
      this.#bytesSynced = this.bytesWritten;
      this.#file!.syncAsync(this.#synced);
    } else {
      this.#ready(error);
    }
  };

  readonly #synced = (error: DiskError | undefined): void => {
    const finished = this.#stage === 'end' && this.#slice === undefined && this.#bytesSynced === this.bytesWritten;
    if (error !== undefined || !finished || this.#aborted) {
      this.#ready(error);
      return;
    }
    this.#closeFile();
    this.disk.renameAsync(this.#temporaryPath, this.path, this.#renamed);
  };

  readonly #renamed = (error: DiskError | undefined): void => {
    if (error === undefined) this.disk.syncDirectoryAsync(this.directory, this.#named);
    else this.#ready(error);
  };

  readonly #named = (error: DiskError | undefined): void => {
    if (error === undefined) {
      this.#stage = 'done';
      if (!this.#aborted) this.source.close();
    }
    this.#ready(error);
  };

  #ready(error: DiskError | undefined): void {
    this.#busy = false;
    this.#error ??= error;
    if (this.#aborted) this.#discard();
    else this.onReady();
  }

  #closeFile(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.close();
  }

  /** True while a disk operation of this snapshot is in progress. One may still be in progress after `abort`. */
  get isBusy(): boolean {
    return this.#busy;
  }

  /** Cancels the snapshot. Removes the temporary file at once, or after the disk operation in progress has ended. */
  abort(): void {
    if (this.#aborted || this.#stage === 'done') return;
    this.#aborted = true;
    this.source.close();
    if (!this.#busy) this.#discard();
  }

  /** Closes and removes the temporary file. If the removal fails, the next start of the server removes the file. */
  #discard(): void {
    try {
      this.#closeFile();
      // Remove the file immediately, because the next snapshot may use the same name.
      if (this.disk.exists(this.#temporaryPath)) this.disk.remove(this.#temporaryPath);
    } catch {
      // The removal may fail for the same reason as the snapshot. The failure of the snapshot was already reported.
    }
  }
}
