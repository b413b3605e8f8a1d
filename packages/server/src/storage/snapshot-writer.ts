import { type ACL, putInt, Writer, writeACL } from '@nodekeeper/protocol';
import { adler32 } from '../checksum/index.js';
import type { Disk, DiskError, DiskFile } from '../ports/disk.js';
import {
  FILE_VERSION,
  SNAPSHOT_DBID,
  SNAPSHOT_MAGIC,
  type SnapshotCompression,
  snapshotName,
  temporaryName,
} from './file-format.js';
import { type Compressor, createCompressor } from './snapshot-compression.js';

/** What a snapshot is taken of. It may change between two slices: replaying the log makes the snapshot whole. */
export interface SnapshotSource {
  /** The last applied zxid when the snapshot starts: the file's label. */
  lastZxid: number;
  sessions: Iterable<{ id: bigint; timeoutMs: number }>;
  acls: readonly { key: number; acl: ACL[] }[];
  /** Writes nodes (path, data, ACL key, StatPersisted), parents first, until about `byteBudget` bytes; false: no more. */
  writeNodes(writer: Writer, byteBudget: number): boolean;
  /** The tree's state after the last node was written. */
  digest(): { zxid: number; version: number; digest: bigint };
  close(): void;
}

export interface SnapshotOptions {
  compression: SnapshotCompression;
  digestEnabled: boolean;
  serializeLastProcessedZxid: boolean;
}

const SLICE_SIZE = 256 * 1024;
/** Small enough that the log's own syncs, which queue behind these, stay quick. */
const SYNC_EVERY = 4 * 1024 * 1024;

/**
 * `more`: call again next turn. `waiting`: the disk is behind; call again when `onReady` says so (or any time).
 * `done`: the snapshot is durable under its final name.
 */
export type SnapshotStep = 'more' | 'waiting' | 'done';

type Stage = 'head' | 'sessions' | 'acls' | 'nodes' | 'tail' | 'sync' | 'name' | 'done';

/** Writes a snapshot in slices of a few milliseconds: a temporary file, synced, renamed, its directory synced. */
export class SnapshotWriter {
  onReady: () => void = () => {};
  readonly path: string;
  bytesWritten = 0;

  readonly #temporaryPath: string;
  readonly #writer = new Writer(SLICE_SIZE * 2);
  readonly #compressor: Compressor;
  #file: DiskFile | undefined;
  #sessions: { id: bigint; timeoutMs: number }[] = [];
  #nextIndex = 0;
  #stage: Stage = 'head';
  #checksum = 1;
  #checksumFrom = 0;
  #syncing = false;
  #syncedUpTo = 0;
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
  }

  /** One slice. Throws a `DiskError` when the disk fails: call `abort` then. */
  step(): SnapshotStep {
    if (this.#error !== undefined) throw this.#error;
    if (this.#syncing && (this.bytesWritten - this.#syncedUpTo >= 2 * SYNC_EVERY || this.#isFinishing())) {
      return 'waiting';
    }
    this.#advance();
    if (this.#stage === 'done') return 'done';
    return this.#syncing && this.#isFinishing() ? 'waiting' : 'more';
  }

  #isFinishing(): boolean {
    return this.#stage === 'sync' || this.#stage === 'name';
  }

  #advance(): void {
    switch (this.#stage) {
      case 'head':
        this.#writeHead();
        break;
      case 'sessions':
        this.#writeSessions();
        break;
      case 'acls':
        this.#writeAcls();
        break;
      case 'nodes':
        if (!this.source.writeNodes(this.#writer, SLICE_SIZE)) this.#stage = 'tail';
        break;
      case 'tail':
        this.#writeTail();
        break;
      case 'sync':
        this.#rename();
        return;
      case 'name':
        this.#stage = 'done';
        this.source.close();
        return;
      case 'done':
        return;
    }
    this.#writeOut();
    if (this.#isFinishing()) this.#startSync();
    else if (!this.#syncing && this.bytesWritten - this.#syncedUpTo >= SYNC_EVERY) this.#startSync();
  }

  #writeHead(): void {
    this.#file = this.disk.open(this.#temporaryPath, 'create');
    const begin = this.#compressor.begin();
    this.#file.write(begin, 0, begin.length, 0);
    this.bytesWritten = begin.length;
    const writer = this.#writer;
    writer.int(SNAPSHOT_MAGIC);
    writer.int(FILE_VERSION);
    writer.long(SNAPSHOT_DBID);
    this.#sessions = [...this.source.sessions];
    writer.int(this.#sessions.length);
    this.#stage = 'sessions';
  }

  #writeSessions(): void {
    const writer = this.#writer;
    while (this.#nextIndex < this.#sessions.length) {
      const { id, timeoutMs } = this.#sessions[this.#nextIndex++];
      writer.longBig(id);
      writer.int(timeoutMs);
      if (writer.position >= SLICE_SIZE) return;
    }
    this.#sessions = [];
    this.#nextIndex = 0;
    writer.int(this.source.acls.length);
    this.#stage = 'acls';
  }

  #writeAcls(): void {
    const writer = this.#writer;
    const { acls } = this.source;
    while (this.#nextIndex < acls.length) {
      const { key, acl } = acls[this.#nextIndex++];
      writer.long(key);
      writer.int(acl.length);
      for (const entry of acl) writeACL(writer, entry);
      if (writer.position >= SLICE_SIZE) return;
    }
    this.#stage = 'nodes';
  }

  #writeTail(): void {
    const writer = this.#writer;
    writer.ustring('/');
    this.#seal();
    if (this.options.digestEnabled) {
      const { zxid, version, digest } = this.source.digest();
      writer.long(zxid);
      writer.int(version);
      writer.longBig(digest);
      this.#seal();
    }
    if (this.options.serializeLastProcessedZxid) {
      writer.long(this.options.digestEnabled ? this.source.digest().zxid : this.source.lastZxid);
      this.#seal();
    }
    this.#stage = 'sync';
  }

  /** A seal is the checksum of every byte so far, earlier seals included, and the string `/`. */
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

  #writeOut(): void {
    const writer = this.#writer;
    if (writer.position === 0) return;
    this.#checksumSoFar();
    const slice = this.#compressor.slice(writer.view());
    this.#file!.write(slice, 0, slice.length, this.bytesWritten);
    this.bytesWritten += slice.length;
    writer.reset();
    this.#checksumFrom = 0;
  }

  #startSync(): void {
    this.#syncing = true;
    const upTo = this.bytesWritten;
    this.#file!.syncAsync((error) => this.#ready(error, upTo));
  }

  #rename(): void {
    if (this.#syncedUpTo < this.bytesWritten) {
      this.#startSync();
      return;
    }
    this.#closeFile();
    this.disk.rename(this.#temporaryPath, this.path);
    this.#stage = 'name';
    this.#syncing = true;
    this.disk.syncDirectoryAsync(this.directory, (error) => this.#ready(error, this.#syncedUpTo));
  }

  #ready(error: DiskError | undefined, syncedUpTo: number): void {
    this.#syncing = false;
    this.#error ??= error;
    this.#syncedUpTo = syncedUpTo;
    if (this.#aborted) this.#discard();
    else this.onReady();
  }

  #closeFile(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.close();
  }

  /** Gives up and removes what was written. */
  abort(): void {
    if (this.#aborted || this.#stage === 'done') return;
    this.#aborted = true;
    this.source.close();
    if (!this.#syncing) this.#discard();
  }

  #discard(): void {
    try {
      this.#closeFile();
      if (this.disk.exists(this.#temporaryPath)) this.disk.remove(this.#temporaryPath);
    } catch {
      // The leftover goes when the next snapshot of this name is written, or when old files are purged.
    }
  }
}
