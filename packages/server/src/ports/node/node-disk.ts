import * as fs from 'node:fs';
import { type Disk, type DiskDone, DiskError, type DiskFile, type DiskOpenMode } from '../disk.js';
import { lockFile } from './lock-file.js';
import { kindOf, NotAFile, openRegular } from './regular-file.js';

/** The disk of this machine. The server's core reaches node:fs only through this object. */
export const nodeDisk: Disk = {
  list: (directory) => attempt('list', directory, () => fs.readdirSync(directory)),
  exists: (path) => fs.existsSync(path),
  kindOf: (path) => attempt('stat', path, () => kindOf(path)),
  makeDirectory: (path) => void attempt('create directory', path, () => fs.mkdirSync(path, { recursive: true })),
  isWritable(directory) {
    try {
      fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
  rename: (from, to) => attempt('rename', from, () => fs.renameSync(from, to)),
  renameAsync: (from, to, done) =>
    fs.rename(from, to, (error) => done(error ? asDiskError('rename', from, error) : undefined)),
  removeAsync: removeGradually,
  remove: (path) => attempt('remove', path, () => fs.unlinkSync(path)),
  syncDirectory(path) {
    attempt('sync directory', path, () => {
      const descriptor = fs.openSync(path, 'r');
      try {
        fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
    });
  },
  syncDirectoryAsync(path, done) {
    fs.open(path, 'r', (openError, descriptor) => {
      if (openError) return done(asDiskError('sync directory', path, openError));
      fs.fsync(descriptor, (syncError) => {
        fs.close(descriptor, () => done(syncError ? asDiskError('sync directory', path, syncError) : undefined));
      });
    });
  },
  open: (path, mode) => new NodeDiskFile(path, mode),
  lock: (path) => attempt('lock', path, () => lockFile(path)),
};

const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_DSYNC = 0 } = fs.constants;

const openFlags: Record<DiskOpenMode, number> = {
  read: O_RDONLY,
  write: O_RDWR | O_CREAT,
  create: O_RDWR | O_CREAT | O_TRUNC,
};

class NodeDiskFile implements DiskFile {
  readonly #descriptor: number;
  /**
   * A second descriptor of the file, which the first `writeAndSync` opens with O_DSYNC. Before that call, it is -1. One
   * write to this descriptor replaces a write and an fdatasync, which would be two thread-pool jobs.
   */
  #durableDescriptor = -1;
  readonly #writes: PendingWrite[] = [];

  constructor(
    readonly path: string,
    mode: DiskOpenMode,
  ) {
    const open = mode === 'create' ? fs.openSync : openRegular;
    this.#descriptor = attempt('open', path, () => open(path, openFlags[mode], 0o644));
  }

  size(): number {
    return attempt('stat', this.path, () => fs.fstatSync(this.#descriptor).size);
  }

  read(into: Uint8Array, offset: number, length: number, position: number): number {
    return attempt('read', this.path, () => {
      let total = 0;
      while (total < length) {
        const count = fs.readSync(this.#descriptor, into, offset + total, length - total, position + total);
        if (count === 0) break;
        total += count;
      }
      return total;
    });
  }

  write(bytes: Uint8Array, start: number, end: number, position: number): void {
    attempt('write', this.path, () => {
      let from = start;
      while (from < end) from += fs.writeSync(this.#descriptor, bytes, from, end - from, position + from - start);
    });
  }

  writeAndSync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void {
    if (this.#durableDescriptor < 0) {
      try {
        this.#durableDescriptor = attempt('open', this.path, () => fs.openSync(this.path, O_WRONLY | O_DSYNC));
      } catch (error) {
        setImmediate(done, error as DiskError);
        return;
      }
    }
    this.#takeWrite().start(this.#durableDescriptor, O_DSYNC === 0, bytes, start, end, position, done);
  }

  writeAsync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void {
    this.#takeWrite().start(this.#descriptor, false, bytes, start, end, position, done);
  }

  #takeWrite(): PendingWrite {
    return this.#writes.pop() ?? new PendingWrite(this.path, this.#writes);
  }

  sync(): void {
    attempt('fsync', this.path, () => fs.fsyncSync(this.#descriptor));
  }

  syncAsync(done: DiskDone): void {
    fs.fdatasync(this.#descriptor, (error) => done(error ? asDiskError('fsync', this.path, error) : undefined));
  }

  truncate(length: number): void {
    attempt('truncate', this.path, () => fs.ftruncateSync(this.#descriptor, length));
  }

  close(): void {
    attempt('close', this.path, () => {
      if (this.#durableDescriptor >= 0) fs.closeSync(this.#durableDescriptor);
      fs.closeSync(this.#descriptor);
    });
  }
}

/** One asynchronous write. Instances are reused, so that steady writing to the log allocates almost nothing. */
class PendingWrite {
  #descriptor = -1;
  #syncAfter = false;
  #bytes: Uint8Array = nothing;
  #from = 0;
  #end = 0;
  #position = 0;
  #done: DiskDone = ignore;

  constructor(
    readonly path: string,
    readonly pool: PendingWrite[],
  ) {}

  start(
    descriptor: number,
    syncAfter: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    position: number,
    done: DiskDone,
  ): void {
    this.#descriptor = descriptor;
    this.#syncAfter = syncAfter;
    this.#bytes = bytes;
    this.#from = start;
    this.#end = end;
    this.#position = position;
    this.#done = done;
    this.#write();
  }

  #write(): void {
    fs.write(this.#descriptor, this.#bytes, this.#from, this.#end - this.#from, this.#position, this.#written);
  }

  /**
   * The operating system may write only the first part of the bytes, for example on a full disk. The other part is then
   * written by another call.
   */
  readonly #written = (error: NodeJS.ErrnoException | null, count: number): void => {
    if (error) {
      this.#finish(asDiskError('write', this.path, error));
      return;
    }
    this.#from += count;
    this.#position += count;
    if (this.#from < this.#end) this.#write();
    else if (this.#syncAfter) fs.fdatasync(this.#descriptor, this.#synced);
    else this.#finish(undefined);
  };

  readonly #synced = (error: NodeJS.ErrnoException | null): void => {
    this.#finish(error ? asDiskError('fsync', this.path, error) : undefined);
  };

  #finish(error: DiskError | undefined): void {
    const done = this.#done;
    this.#done = ignore;
    this.#bytes = nothing;
    this.pool.push(this);
    done(error);
  }
}

const nothing = new Uint8Array(0);
const ignore = (): void => {};

function attempt<Result>(operation: string, path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw asDiskError(operation, path, error);
  }
}

function asDiskError(operation: string, path: string, error: unknown): DiskError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) throw error;
  const explanation = error instanceof NotAFile ? error.message : undefined;
  return new DiskError(code, operation, path, { cause: error, explanation });
}

/** Number of bytes of a large file that one step frees. `freedEveryMs` is the pause between two steps. */
const freedAtOnce = 4 * 1024 * 1024;
const freedEveryMs = 10;

/**
 * Shrinks a file in steps before it removes the file's name. Freeing 100 MiB at once can delay every other sync of the
 * file system, and thereby all writes, by 150 ms (ext4 with `discard`). If the process ends during the steps, a shorter
 * file remains, which the next purge removes.
 */
function removeGradually(path: string, done: DiskDone): void {
  const finish = (error: NodeJS.ErrnoException | null) => done(error ? asDiskError('remove', path, error) : undefined);
  fs.stat(path, (error, stat) => (error ? finish(error) : shrink(path, stat.size, finish)));
}

function shrink(path: string, size: number, finish: (error: NodeJS.ErrnoException | null) => void): void {
  if (size <= freedAtOnce) {
    fs.unlink(path, finish);
    return;
  }
  const left = size - freedAtOnce;
  fs.truncate(path, left, (error) => {
    if (error) finish(error);
    else setTimeout(shrink, freedEveryMs, path, left, finish).unref();
  });
}
