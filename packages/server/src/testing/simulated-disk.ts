import assert from 'node:assert/strict';
import {
  type Disk,
  type DiskDone,
  DiskError,
  type DiskFile,
  type DiskLock,
  type DiskOpenMode,
  type FileKind,
} from '../ports/disk.js';
import { type Change, Inode, torn } from './simulated-inode.js';

type NameChange = { name: string; inode: Inode | undefined };

/** Thrown by the disk operation at which the simulated machine stops, and by all later operations until the restart. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

/**
 * A disk in memory. It distinguishes synced bytes from bytes that only the operating system has. Each change of the
 * disk is a numbered step. A test can make a step fail, or stop the machine at a step. An asynchronous write consists
 * of two steps: its start and its completion. Asynchronous calls complete when the test calls `runPending`.
 */
export class SimulatedDisk implements Disk {
  /** Number of steps so far. */
  steps = 0;
  /** Number of the step at which the machine stops. */
  crashAtStep = Number.POSITIVE_INFINITY;
  /** Called at each step. The step fails with the returned error code, or succeeds if the result is undefined. */
  fault: (operation: string, path: string, step: number) => string | undefined = () => undefined;

  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #nameChanges: NameChange[] = [];
  #pending: (() => void)[] = [];
  #locks = new Set<string>();
  #crashed = false;

  /** Counts a step. Returns the error with which the step must fail, or undefined if it succeeds. */
  step(operation: string, path: string): DiskError | undefined {
    if (this.#crashed) throw new SimulatedCrash();
    this.steps++;
    if (this.steps >= this.crashAtStep) {
      this.#crashed = true;
      throw new SimulatedCrash(`at step ${this.steps}, ${operation} ${path}`);
    }
    const code = this.fault(operation, path, this.steps);
    return code === undefined ? undefined : new DiskError(code, operation, path);
  }

  #stepOrThrow(operation: string, path: string): void {
    const error = this.step(operation, path);
    if (error !== undefined) throw error;
  }

  later(action: () => void): void {
    this.#pending.push(action);
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  /**
   * Completes at most `countMax` asynchronous calls, oldest first. These may include calls that start during
   * `runPending`.
   */
  runPending(countMax = Number.POSITIVE_INFINITY): void {
    for (let count = 0; count < countMax; count++) {
      const action = this.#pending.shift();
      if (action === undefined) return;
      action();
    }
  }

  /**
   * Simulates a power failure: any part of the unsynced bytes may be lost. After `crash`, this object is the disk of
   * the restarted machine.
   */
  crash(random: () => number): void {
    this.#pending = [];
    this.#locks.clear();
    this.#crashed = false;
    this.crashAtStep = Number.POSITIVE_INFINITY;
    this.fault = () => undefined;
    // File systems preserve the order of changes to names, so the lost changes are the latest ones.
    const namesKept = Math.floor(random() * (this.#nameChanges.length + 1));
    for (const change of this.#nameChanges.slice(0, namesKept)) apply(this.#durableNames, change);
    this.#nameChanges = [];
    this.#names = new Map(this.#durableNames);
    for (const inode of new Set(this.#names.values())) inode.crash(random);
  }

  /** Simulates that the process is killed while the machine continues: all written bytes remain, even unsynced ones. */
  kill(): void {
    this.#pending = [];
    this.#locks.clear();
    this.#crashed = false;
    this.crashAtStep = Number.POSITIVE_INFINITY;
  }

  /** True if the machine has stopped at a step. Every operation then throws until `crash` or `kill` is called. */
  get hasCrashed(): boolean {
    return this.#crashed;
  }

  /**
   * Returns a disk with the content that would remain if the power failed at this moment and all unsynced bytes were
   * lost.
   */
  durableCopy(): SimulatedDisk {
    const copy = new SimulatedDisk();
    for (const [name, { durable }] of this.#durableNames) {
      const inode = new Inode();
      inode.current = durable;
      inode.durable = durable;
      copy.#names.set(name, inode);
      copy.#durableNames.set(name, inode);
    }
    return copy;
  }

  /** Replaces one byte of a file by the result of `change`, as a failing device might. */
  damage(path: string, offset: number, change: (byte: number) => number): void {
    const inode = this.#inode(path);
    inode.current[offset] = change(inode.current[offset]!);
    inode.settle();
  }

  /** The whole content of a file, including unsynced bytes. */
  contentOf(path: string): Buffer {
    return Buffer.from(this.#inode(path).current);
  }

  /** Adds a file whose content and name are already durable. */
  place(path: string, content: Uint8Array): void {
    const inode = new Inode();
    inode.current = Buffer.from(content);
    inode.settle();
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  /** Removes a file. The removal is durable at once. */
  lose(path: string): void {
    this.#names.delete(path);
    this.#durableNames.delete(path);
  }

  /** Adds something other than a regular file, such as a FIFO. Its name is already durable. */
  placeOther(path: string, kind: FileKind): void {
    this.place(path, new Uint8Array(0));
    this.#inode(path).kind = kind;
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw new DiskError('ENOENT', 'open', path);
    return inode;
  }

  #rename(name: string, inode: Inode | undefined): void {
    const change = { name, inode };
    this.#nameChanges.push(change);
    apply(this.#names, change);
  }

  list(directory: string): string[] {
    const prefix = `${directory}/`;
    const names: string[] = [];
    for (const path of this.#names.keys()) {
      if (path.startsWith(prefix) && !path.slice(prefix.length).includes('/')) names.push(path.slice(prefix.length));
    }
    return names;
  }

  exists(path: string): boolean {
    if (this.#names.has(path)) return true;
    for (const name of this.#names.keys()) if (name.startsWith(`${path}/`)) return true;
    return false;
  }

  kindOf(path: string): FileKind | undefined {
    const inode = this.#names.get(path);
    if (inode !== undefined) return inode.kind;
    return this.exists(path) ? 'directory' : undefined;
  }

  makeDirectory(_path: string): void {}

  isWritable(_directory: string): boolean {
    return true;
  }

  rename(from: string, to: string): void {
    this.#stepOrThrow('rename', from);
    this.#move(from, to);
  }

  #move(from: string, to: string): void {
    const inode = this.#inode(from);
    // A real file system journals a rename as one change. In this simulation a crash can leave the file with both
    // names.
    this.#rename(to, inode);
    this.#rename(from, undefined);
  }

  renameAsync(from: string, to: string, done: DiskDone): void {
    this.#background('rename', from, () => this.#move(from, to), done);
  }

  remove(path: string): void {
    this.#stepOrThrow('remove', path);
    this.#inode(path);
    this.#rename(path, undefined);
  }

  removeAsync(path: string, done: DiskDone): void {
    this.#background('remove', path, () => this.#rename(path, undefined), done);
  }

  syncDirectory(path: string): void {
    this.#stepOrThrow('sync directory', path);
    this.#namesDurable();
  }

  syncDirectoryAsync(path: string, done: DiskDone): void {
    this.#background('sync directory', path, () => this.#namesDurable(), done);
  }

  #namesDurable(): void {
    for (const change of this.#nameChanges) apply(this.#durableNames, change);
    this.#nameChanges = [];
  }

  #background(operation: string, path: string, action: () => void, done: DiskDone): void {
    this.later(() => {
      const error = this.step(operation, path);
      if (error === undefined) action();
      done(error);
    });
  }

  open(path: string, mode: DiskOpenMode): DiskFile {
    let inode = this.#names.get(path);
    if (inode !== undefined && inode.kind !== 'file') {
      throw new DiskError('EFTYPE', 'open', path, { explanation: `it is a ${inode.kind}, not a file. Move it away` });
    }
    if (mode === 'read') return new SimulatedFile(this, path, this.#inode(path));
    this.#stepOrThrow('open', path);
    if (inode === undefined) {
      inode = new Inode();
      this.#rename(path, inode);
    } else if (mode === 'create') {
      inode.change({ kind: 'truncate', length: 0 });
    }
    return new SimulatedFile(this, path, inode);
  }

  lock(path: string): DiskLock | undefined {
    if (this.#locks.has(path)) return undefined;
    this.#locks.add(path);
    return { release: () => void this.#locks.delete(path) };
  }
}

function apply(names: Map<string, Inode>, change: NameChange): void {
  if (change.inode === undefined) names.delete(change.name);
  else names.set(change.name, change.inode);
}

class SimulatedFile implements DiskFile {
  #open = true;

  constructor(
    readonly disk: SimulatedDisk,
    readonly path: string,
    readonly inode: Inode,
  ) {}

  size(): number {
    return this.inode.current.length;
  }

  read(into: Uint8Array, offset: number, length: number, position: number): number {
    assert(this.#open, `${this.path} is closed`);
    const part = this.inode.current.subarray(position, position + length);
    into.set(part, offset);
    return part.length;
  }

  write(bytes: Uint8Array, start: number, end: number, position: number): void {
    const error = this.#change('write', bytes, start, end, position).error;
    if (error !== undefined) throw error;
  }

  #change(operation: string, bytes: Uint8Array, start: number, end: number, position: number) {
    assert(this.#open, `${this.path} is closed`);
    const change: Change = { kind: 'write', position, bytes: Buffer.from(bytes.subarray(start, end)) };
    const error = this.disk.step(operation, this.path);
    // A write that fails has often written the first part of its bytes, so half of them are written.
    this.inode.change(error === undefined ? change : torn(change, 0.5));
    return { change, error };
  }

  writeAndSync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void {
    const { change, error: writeError } = this.#change('write', bytes, start, end, position);
    this.disk.later(() => {
      const error = writeError ?? this.disk.step('fsync', this.path);
      if (error === undefined) this.inode.syncOne(change);
      else this.inode.failSync();
      done(error);
    });
  }

  writeAsync(bytes: Uint8Array, start: number, end: number, position: number, done: DiskDone): void {
    const { error } = this.#change('write', bytes, start, end, position);
    this.disk.later(() => done(error));
  }

  sync(): void {
    const error = this.disk.step('fsync', this.path);
    if (error !== undefined) {
      this.inode.failSync();
      throw error;
    }
    this.inode.sync();
  }

  syncAsync(done: DiskDone): void {
    this.disk.later(() => {
      const error = this.disk.step('fsync', this.path);
      if (error === undefined) this.inode.sync();
      else this.inode.failSync();
      done(error);
    });
  }

  truncate(length: number): void {
    const error = this.disk.step('truncate', this.path);
    if (error !== undefined) throw error;
    this.inode.change({ kind: 'truncate', length });
  }

  close(): void {
    assert(this.#open, `${this.path} is closed twice`);
    this.#open = false;
  }
}
