/**
 * The disk as the core sees it. Calls that only start-up, recovery and small files need are synchronous; what runs
 * beside client requests reports through a callback. A call that fails throws, or passes, a `DiskError`.
 */
export interface Disk {
  /** The names in a directory, in no particular order. */
  list(directory: string): string[];
  exists(path: string): boolean;
  /** What the name stands for; undefined: nothing. */
  kindOf(path: string): FileKind | undefined;
  /** Creates a directory and those above it; one that exists is fine. */
  makeDirectory(path: string): void;
  /** Whether files can be created in this directory. */
  isWritable(directory: string): boolean;
  /** Replaces `to` atomically. Durable only after `syncDirectory` of the directories concerned. */
  rename(from: string, to: string): void;
  renameAsync(from: string, to: string, done: DiskDone): void;
  remove(path: string): void;
  /** For large files nobody needs any more: little by little where freeing them at once would hold up other files' syncs. */
  removeAsync(path: string, done: DiskDone): void;
  /** Makes creations, renames and removals in a directory durable. */
  syncDirectory(path: string): void;
  syncDirectoryAsync(path: string, done: DiskDone): void;
  /**
   * `read`: must exist; `write`: created when missing, content kept; `create`: created, or emptied. What is no file is
   * refused where its content counts, and named: nobody waits for the other end of a FIFO.
   */
  open(path: string, mode: DiskOpenMode): DiskFile;
  /** Undefined when another live process holds the lock; a lock left by a killed process is taken over. */
  lock(path: string): DiskLock | undefined;
}

export type FileKind = 'file' | 'directory' | 'FIFO' | 'socket' | 'device';

export type DiskOpenMode = 'read' | 'write' | 'create';

/** Called exactly once, never before the call that was given it has returned. */
export type DiskDone = (error: DiskError | undefined) => void;

/** All offsets, lengths and positions are in bytes. */
export interface DiskFile {
  readonly path: string;
  size(): number;
  /** Reads up to `length` bytes from `position`; returns how many there were: less only at the end of the file. */
  read(into: Uint8Array, offset: number, length: number, position: number): number;
  /** Writes `bytes[start, end)` at `position`, all of it or an error. */
  write(bytes: Uint8Array, start: number, end: number, position: number): void;
  /** The same, and makes what it wrote durable. The bytes must not change until `done`. */
  writeAndSync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void;
  /** The same without the durability. */
  writeAsync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void;
  /** Makes content and length durable. */
  sync(): void;
  syncAsync(done: DiskDone): void;
  /** Cuts the file, or extends it with zeros that take no room. */
  truncate(length: number): void;
  close(): void;
}

export interface DiskLock {
  release(): void;
}

/** The operating system refused or failed an operation; `code` is its name for the reason, such as `ENOSPC`. */
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
  EDQUOT: 'the disk quota is used up',
  EIO: 'the device reports an input/output error',
  EMFILE: 'too many files are open (raise the limit on open files)',
  EISDIR: 'it is a directory, not a file',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'no space is left on the device',
  ENOTDIR: 'a file stands where a directory belongs',
  EROFS: 'the file system is read-only',
};
