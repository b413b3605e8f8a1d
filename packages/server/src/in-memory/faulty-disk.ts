import { type Disk, type DiskDone, DiskError, type DiskFile, type DiskLock, type DiskOpenMode } from '../ports/disk.js';
import type { Process } from './process.js';

type Change = 'write' | 'fsync' | 'open' | 'truncate' | 'rename' | 'remove' | 'sync directory';

/** The operations that fail on a disk that is full: those that need room. */
const needRoom = new Set<Change>(['write', 'open', 'truncate']);

/** The disk of one process, with faults on demand. The files are on another disk. */
export class FaultyDisk implements Disk {
  /** The time that each asynchronous operation takes longer than it would. */
  slowMs = 0;
  /** `full`: operations that need room fail with ENOSPC. `failing`: every change fails with EIO. */
  state: 'healthy' | 'full' | 'failing' = 'healthy';
  readonly #locks = new Set<DiskLock>();
  readonly #files = new Set<DiskFile>();
  #inFlight = 0;
  #settled: (() => void)[] = [];

  constructor(
    readonly files: Disk,
    readonly process: Process,
  ) {}

  heal(): void {
    this.slowMs = 0;
    this.state = 'healthy';
  }

  /**
   * Releases what the process has open, as the operating system does when a process is killed. Calls `released` when no
   * operation is in progress.
   */
  release(released: () => void): void {
    this.whenSettled(() => {
      for (const lock of this.#locks) lock.release();
      for (const file of this.#files) file.close();
      this.#locks.clear();
      this.#files.clear();
      released();
    });
  }

  whenSettled(settled: () => void): void {
    if (this.#inFlight === 0) settled();
    else this.#settled.push(settled);
  }

  // ---- faults

  #faultOf(operation: Change, path: string): DiskError | undefined {
    if (this.state === 'failing') return new DiskError('EIO', operation, path);
    if (this.state === 'full' && needRoom.has(operation)) return new DiskError('ENOSPC', operation, path);
    return undefined;
  }

  change<Result>(operation: Change, path: string, work: () => Result): Result {
    const fault = this.#faultOf(operation, path);
    if (fault !== undefined) throw fault;
    return work();
  }

  /** Starts an asynchronous operation, unless it must fail. The process gets the result after `slowMs`. */
  changeAsync(operation: Change, path: string, start: (done: DiskDone) => void, done: DiskDone): void {
    const fault = this.#faultOf(operation, path);
    const report = (error: DiskError | undefined) => this.process.post(this.slowMs, () => done(error));
    if (fault !== undefined) {
      report(fault);
      return;
    }
    this.#inFlight++;
    start((error) => {
      this.#inFlight--;
      report(error);
      if (this.#inFlight === 0) for (const settled of this.#settled.splice(0)) settled();
    });
  }

  // ---- the disk

  list(directory: string): string[] {
    return this.files.list(directory);
  }

  exists(path: string): boolean {
    return this.files.exists(path);
  }

  kindOf(path: string) {
    return this.files.kindOf(path);
  }

  makeDirectory(path: string): void {
    this.files.makeDirectory(path);
  }

  isWritable(directory: string): boolean {
    return this.files.isWritable(directory);
  }

  rename(from: string, to: string): void {
    this.change('rename', from, () => this.files.rename(from, to));
  }

  renameAsync(from: string, to: string, done: DiskDone): void {
    this.changeAsync('rename', from, (end) => this.files.renameAsync(from, to, end), done);
  }

  remove(path: string): void {
    this.change('remove', path, () => this.files.remove(path));
  }

  removeAsync(path: string, done: DiskDone): void {
    this.changeAsync('remove', path, (end) => this.files.removeAsync(path, end), done);
  }

  syncDirectory(path: string): void {
    this.change('sync directory', path, () => this.files.syncDirectory(path));
  }

  syncDirectoryAsync(path: string, done: DiskDone): void {
    this.changeAsync('sync directory', path, (end) => this.files.syncDirectoryAsync(path, end), done);
  }

  open(path: string, mode: DiskOpenMode): DiskFile {
    const open = () => this.files.open(path, mode);
    const file = mode === 'read' ? open() : this.change('open', path, open);
    this.#files.add(file);
    return new FaultyFile(this, file, () => this.#files.delete(file));
  }

  lock(path: string): DiskLock | undefined {
    const lock = this.files.lock(path);
    if (lock === undefined) return undefined;
    this.#locks.add(lock);
    return {
      release: () => {
        if (this.#locks.delete(lock)) lock.release();
      },
    };
  }
}

class FaultyFile implements DiskFile {
  constructor(
    readonly disk: FaultyDisk,
    readonly file: DiskFile,
    readonly closed: () => void,
  ) {}

  get path(): string {
    return this.file.path;
  }

  size(): number {
    return this.file.size();
  }

  read(into: Uint8Array, offset: number, length: number, position: number): number {
    return this.file.read(into, offset, length, position);
  }

  write(bytes: Uint8Array, start: number, end: number, position: number): void {
    this.disk.change('write', this.path, () => this.file.write(bytes, start, end, position));
  }

  writeAndSync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void {
    const write = (ended: DiskDone) => this.file.writeAndSync(bytes, start, end, position, ended);
    this.disk.changeAsync('write', this.path, write, done);
  }

  writeAsync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void {
    const write = (ended: DiskDone) => this.file.writeAsync(bytes, start, end, position, ended);
    this.disk.changeAsync('write', this.path, write, done);
  }

  sync(): void {
    this.disk.change('fsync', this.path, () => this.file.sync());
  }

  syncAsync(done: DiskDone): void {
    this.disk.changeAsync('fsync', this.path, (ended) => this.file.syncAsync(ended), done);
  }

  truncate(length: number): void {
    this.disk.change('truncate', this.path, () => this.file.truncate(length));
  }

  close(): void {
    this.closed();
    this.file.close();
  }
}
