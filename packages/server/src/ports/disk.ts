/**
 * The disk as the core uses it. Operations for start-up, recovery and small files are synchronous. Operations that run
 * while the server answers requests report through a callback. A failed operation throws or passes a `DiskError`.
 */
export interface Disk {
  /** The names in a directory, unordered. */
  list(directory: string): string[];
  exists(path: string): boolean;
  /** The kind of file at the path; undefined if nothing exists there. */
  kindOf(path: string): FileKind | undefined;
  /** Creates a directory and its parents. An existing directory is not an error. */
  makeDirectory(path: string): void;
  /** Whether files can be created in this directory. */
  isWritable(directory: string): boolean;
  /** Replaces `to` atomically. Durable only after `syncDirectory` of both directories. */
  rename(from: string, to: string): void;
  renameAsync(from: string, to: string, done: DiskDone): void;
  remove(path: string): void;
  /** Removes a large file, in small steps if freeing it at once would delay the syncs of other files. */
  removeAsync(path: string, done: DiskDone): void;
  /** Makes creations, renames and removals in a directory durable. */
  syncDirectory(path: string): void;
  syncDirectoryAsync(path: string, done: DiskDone): void;
  /**
   * `read` requires the file, `write` creates it if it does not exist, and `create` creates or empties it. Anything but
   * a regular file is an error that names the kind: reading a FIFO would block.
   */
  open(path: string, mode: DiskOpenMode): DiskFile;
  /** Returns undefined if another live process holds the lock. Takes over the lock of a killed process. */
  lock(path: string): DiskLock | undefined;
}

export type FileKind = 'file' | 'directory' | 'FIFO' | 'socket' | 'device';

export type DiskOpenMode = 'read' | 'write' | 'create';

/** Called exactly once, and never before the operation's call has returned. */
export type DiskDone = (error: DiskError | undefined) => void;

/** All offsets, lengths and positions are in bytes. */
export interface DiskFile {
  readonly path: string;
  size(): number;
  /** Reads up to `length` bytes from `position` and returns their number. It is smaller only at the end of the file. */
  read(into: Uint8Array, offset: number, length: number, position: number): number;
  /** Writes `bytes[start, end)` at `position`, completely or with an error. */
  write(bytes: Uint8Array, start: number, end: number, position: number): void;
  /** Writes and makes the bytes durable. The bytes must not change until `done`. */
  writeAndSync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void;
  /** Writes without making the bytes durable. */
  writeAsync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void;
  /** Makes content and length durable. */
  sync(): void;
  syncAsync(done: DiskDone): void;
  /** Cuts the file, or extends it with zeros that occupy no blocks. */
  truncate(length: number): void;
  close(): void;
}

export interface DiskLock {
  release(): void;
}

/**
 * The operating system refused an operation, or it failed. `code` is the system's name for the reason, such as
 * `ENOSPC`.
 */
export class DiskError extends Error {
  override readonly name = 'DiskError';

  constructor(
    readonly code: string,
    readonly operation: string,
    readonly path: string,
    options?: ErrorOptions & { readonly explanation?: string | undefined },
  ) {
    const explanation = options?.explanation ?? explanations[code];
    super(`${operation} ${path} failed: ${code}${explanation ? `, ${explanation}` : ''}`, options);
  }
}

const explanations: Record<string, string> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is exhausted',
  EIO: 'the device reports an input/output error',
  EMFILE: 'too many files are open (raise the limit on open files)',
  EISDIR: 'it is a directory, not a file',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'no space is left on the device',
  ENOTDIR: 'part of the path is a file, not a directory',
  EROFS: 'the file system is read-only',
};
