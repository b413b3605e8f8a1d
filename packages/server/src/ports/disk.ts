/**
 * The interface through which the server uses the disk. Operations for start-up, recovery and small files are
 * synchronous. Operations that run while the server answers requests report through a callback. If an operation fails,
 * it throws a `DiskError` or passes one to its callback.
 */
export interface Disk {
  /** Returns the names in a directory, in no particular order. */
  list(directory: string): string[];
  exists(path: string): boolean;
  /** Returns the kind of file at the path, or undefined if nothing exists at the path. */
  kindOf(path: string): FileKind | undefined;
  /** Creates a directory and its parents. An existing directory is not an error. */
  makeDirectory(path: string): void;
  /** True if this process may create files in the directory. */
  isWritable(directory: string): boolean;
  /**
   * Renames a file, and replaces `to` atomically. The change becomes durable when `syncDirectory` is called for the
   * directories of both paths.
   */
  rename(from: string, to: string): void;
  renameAsync(from: string, to: string, done: DiskDone): void;
  remove(path: string): void;
  /**
   * Removes a file. The blocks of a large file may be freed in small steps, so that the syncs of other files are not
   * delayed.
   */
  removeAsync(path: string, done: DiskDone): void;
  /** Makes all creations, renames and removals in a directory durable. */
  syncDirectory(path: string): void;
  syncDirectoryAsync(path: string, done: DiskDone): void;
  /**
   * Opens a file. The mode `read` requires that the file exists, `write` creates a missing file, and `create` creates
   * or empties the file. Fails if the path is not a regular file, because reading a FIFO would block. The error names
   * the kind of file.
   */
  open(path: string, mode: DiskOpenMode): DiskFile;
  /**
   * Takes the lock. Returns undefined if another live process holds it. A lock whose process was killed counts as free.
   */
  lock(path: string): DiskLock | undefined;
}

export type FileKind = 'file' | 'directory' | 'FIFO' | 'socket' | 'device';

export type DiskOpenMode = 'read' | 'write' | 'create';

/** Called exactly once per asynchronous operation, after the call that started the operation has returned. */
export type DiskDone = (error: DiskError | undefined) => void;

/** An open file. All offsets, lengths and positions are in bytes. */
export interface DiskFile {
  readonly path: string;
  size(): number;
  /**
   * Reads up to `length` bytes from `position` and returns their number. The number is below `length` only at the end
   * of the file.
   */
  read(into: Uint8Array, offset: number, length: number, position: number): number;
  /** Writes `bytes[start, end)` at `position`. Throws if it cannot write all of them. */
  write(bytes: Uint8Array, start: number, end: number, position: number): void;
  /** Writes the bytes and makes them durable. The caller must not change the bytes until `done` is called. */
  writeAndSync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void;
  /** Writes the bytes without making them durable. */
  writeAsync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void;
  /** Makes the file's content and length durable. */
  sync(): void;
  syncAsync(done: DiskDone): void;
  /** Sets the length of the file. A longer file is filled with zeros that occupy no blocks on the disk. */
  truncate(length: number): void;
  close(): void;
}

export interface DiskLock {
  release(): void;
}

/**
 * A disk operation that failed or that the operating system refused. `code` is the system's name for the reason, such
 * as `ENOSPC`.
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
