import { type Disk, type DiskDone, DiskError, type DiskFile, type DiskLock, type DiskOpenMode } from '../ports/disk.js';

/**
 * A disk in memory that never loses data, for servers in tests. Everything is durable at once. Directories exist
 * without being created. Asynchronous operations complete when `later` calls the function that it gets.
 */
export class MemoryDisk implements Disk {
  readonly #files = new Map<string, Content>();
  readonly #locks = new Set<string>();

  constructor(readonly later: (work: () => void) => void) {}

  #content(operation: string, path: string): Content {
    const content = this.#files.get(path);
    if (content === undefined) throw new DiskError('ENOENT', operation, path);
    return content;
  }

  list(directory: string): string[] {
    const prefix = `${directory}/`;
    return [...this.#files.keys()]
      .filter((path) => path.startsWith(prefix) && !path.includes('/', prefix.length))
      .map((path) => path.slice(prefix.length));
  }

  exists(path: string): boolean {
    return this.kindOf(path) !== undefined;
  }

  kindOf(path: string): 'file' | 'directory' | undefined {
    if (this.#files.has(path)) return 'file';
    for (const name of this.#files.keys()) if (name.startsWith(`${path}/`)) return 'directory';
    return undefined;
  }

  makeDirectory(_path: string): void {}

  isWritable(_directory: string): boolean {
    return true;
  }

  rename(from: string, to: string): void {
    const content = this.#content('rename', from);
    this.#files.delete(from);
    this.#files.set(to, content);
  }

  renameAsync(from: string, to: string, done: DiskDone): void {
    this.#later(() => this.rename(from, to), done);
  }

  remove(path: string): void {
    this.#content('remove', path);
    this.#files.delete(path);
  }

  removeAsync(path: string, done: DiskDone): void {
    this.#later(() => this.remove(path), done);
  }

  syncDirectory(_path: string): void {}

  syncDirectoryAsync(_path: string, done: DiskDone): void {
    this.later(() => done(undefined));
  }

  /** Runs an operation later, and passes its error to `done`. */
  #later(operation: () => void, done: DiskDone): void {
    this.later(() => {
      let error: DiskError | undefined;
      try {
        operation();
      } catch (thrown) {
        if (!(thrown instanceof DiskError)) throw thrown;
        error = thrown;
      }
      done(error);
    });
  }

  open(path: string, mode: DiskOpenMode): DiskFile {
    if (mode === 'read') return new MemoryFile(this, path, this.#content('open', path));
    const content = this.#files.get(path) ?? new Content();
    this.#files.set(path, content);
    if (mode === 'create') content.resize(0);
    return new MemoryFile(this, path, content);
  }

  lock(path: string): DiskLock | undefined {
    if (this.#locks.has(path)) return undefined;
    this.#locks.add(path);
    return { release: () => void this.#locks.delete(path) };
  }
}

/** The bytes of a file. The buffer grows in large steps, so that appending to a log copies little. */
class Content {
  length = 0;
  #buffer = Buffer.alloc(0);

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** Sets the length. New bytes are 0. */
  resize(length: number): void {
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, this.#buffer.length * 2));
      this.bytes.copy(larger);
      this.#buffer = larger;
    } else if (length < this.length) {
      this.#buffer.fill(0, length, this.length);
    }
    this.length = length;
  }
}

class MemoryFile implements DiskFile {
  constructor(
    readonly disk: MemoryDisk,
    readonly path: string,
    readonly content: Content,
  ) {}

  size(): number {
    return this.content.length;
  }

  read(into: Uint8Array, offset: number, length: number, position: number): number {
    const part = this.content.bytes.subarray(position, position + length);
    into.set(part, offset);
    return part.length;
  }

  write(bytes: Uint8Array, start: number, end: number, position: number): void {
    const { content } = this;
    content.resize(Math.max(content.length, position + end - start));
    content.bytes.set(bytes.subarray(start, end), position);
  }

  writeAndSync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void {
    this.writeAsync(bytes, start, end, position, done);
  }

  writeAsync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void {
    this.write(bytes, start, end, position);
    this.disk.later(() => done(undefined));
  }

  sync(): void {}

  syncAsync(done: DiskDone): void {
    this.disk.later(() => done(undefined));
  }

  truncate(length: number): void {
    this.content.resize(length);
  }

  close(): void {}
}
