import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { isConnectionLoss } from '../foundation/call.js';
import { childOf } from '../foundation/parents.js';
import { retry } from '../foundation/retry.js';
import { isRenewed } from '../foundation/session-guard.js';

/**
 * `data` reads the data and the Stat of a node, `children` its list of children, and `probe` only what shows if it
 * changed.
 */
type ReadKind = 'data' | 'children' | 'probe';

/** A read that waits or has no reply yet. */
export interface Read {
  readonly kind: ReadKind;
  readonly path: string;
  /** True if the read belongs to the first read of the whole tree. */
  isInitial: boolean;
  isSent: boolean;
  /** True if the node was deleted after the read was sent, so that the reply may be older than the deletion. */
  isStale: boolean;
  /** True if the node changed after the read was sent. */
  again: boolean;
  attempts: number;
  /** The index in the list of reads from batches; -1 for other reads. */
  slot: number;
}

/** The data of some children, to read one after the other. It needs less memory than a `Read` for each. */
class Batch {
  readonly #parent: string;
  readonly #names: readonly string[];
  readonly isInitial: boolean;
  #next = 0;

  constructor(parent: string, names: readonly string[], isInitial: boolean) {
    this.#parent = parent;
    this.#names = names;
    this.isInitial = isInitial;
  }

  nextPath(): string | undefined {
    const name = this.#names[this.#next++];
    return name === undefined ? undefined : childOf(this.#parent, name);
  }
}

function newRead(kind: ReadKind, path: string, isInitial: boolean, slot: number): Read {
  return { kind, path, isInitial, isSent: false, isStale: false, again: false, attempts: 0, slot };
}

interface ReadsListener {
  /** Sends a read. Calls `arrived` and `done` with it when its reply arrives, or `failed`. */
  send(read: Read): void;
  /** The server refused a read. */
  refused(path: string, error: unknown): void;
  /** The first read of the whole tree is complete. */
  initialDone(): void;
}

const delayOf = retry.forever({ baseMs: 100 });

/**
 * Sends reads, many at a time but not more than a limit. There is at most one read of a kind for a path at a time, except
 * for nodes that are in two batches. Reads that fail with their connection are repeated.
 */
export class Reads {
  readonly #zk: ZooKeeper;
  readonly #inFlightMax: number;
  readonly #listener: ReadsListener;
  /** The reads that wait or have no reply yet, by path, but not those of batches. */
  readonly #reads = {
    data: new Map<string, Read>(),
    children: new Map<string, Read>(),
    probe: new Map<string, Read>(),
  };
  /**
   * The reads of batches that were sent and have no reply yet. A list costs less than a map for the many reads of the
   * first load. It is searched only when a node changes during that time, and it is short.
   */
  readonly #batchReads: Read[] = [];
  #queue: (Read | Batch)[] = [];
  /** The index in `#queue` of what is sent next. */
  #head = 0;
  #inFlight = 0;
  #initialLeft = 0;
  #isOver = false;

  constructor(zk: ZooKeeper, inFlightMax: number, listener: ReadsListener) {
    this.#zk = zk;
    this.#inFlightMax = inFlightMax;
    this.#listener = listener;
  }

  /** Reads a node, or reads it again if a read of the same kind is already sent. */
  read(kind: ReadKind, path: string, isInitial = false): void {
    if (this.#isOver) return;
    if (isInitial) this.#initialLeft++;
    const same = this.#find(kind, path);
    if (same === undefined) {
      this.#queue.push(this.#add(kind, path, isInitial));
      this.#sendMore();
    } else {
      same.again ||= same.isSent;
      if (isInitial) this.#join(same);
    }
  }

  /** Reads the data of some children of a node. */
  readChildren(path: string, names: readonly string[], isInitial: boolean): void {
    if (this.#isOver || names.length === 0) return;
    if (isInitial) this.#initialLeft += names.length;
    this.#queue.push(new Batch(path, names, isInitial));
    this.#sendMore();
  }

  /** Must be called when a node was deleted: replies to reads that are already sent may be older. */
  deleted(path: string): void {
    const markStale = (read: Read | undefined) => {
      if (read?.isSent) read.isStale = true;
    };
    for (const reads of Object.values(this.#reads)) markStale(reads.get(path));
    // two batches may contain the same node
    for (const read of this.#batchReads) if (read.path === path) markStale(read);
  }

  /** Sends no more reads, and applies no more replies. */
  end(): void {
    this.#isOver = true;
    this.#queue = [];
    this.#batchReads.length = 0;
    for (const reads of Object.values(this.#reads)) reads.clear();
  }

  #find(kind: ReadKind, path: string): Read | undefined {
    const found = this.#reads[kind].get(path);
    return found ?? (kind === 'data' ? this.#batchReads.find((read) => read.path === path) : undefined);
  }

  #add(kind: ReadKind, path: string, isInitial: boolean): Read {
    const read = newRead(kind, path, isInitial, -1);
    this.#reads[kind].set(path, read);
    return read;
  }

  #addOfBatch(path: string, isInitial: boolean): Read {
    const read = newRead('data', path, isInitial, this.#batchReads.length);
    this.#batchReads.push(read);
    return read;
  }

  #remove(read: Read): void {
    if (read.slot < 0) {
      this.#reads[read.kind].delete(read.path);
      return;
    }
    const last = this.#batchReads.pop()!;
    if (last === read) return;
    last.slot = read.slot;
    this.#batchReads[read.slot] = last;
  }

  /** Makes a read that is under way anyway a part of the first read. */
  #join(read: Read): void {
    if (read.isInitial) this.#initialLeft--;
    read.isInitial = true;
  }

  #sendMore(): void {
    while (this.#inFlight < this.#inFlightMax) {
      const read = this.#take();
      if (read === undefined) return;
      this.#inFlight++;
      read.isSent = true;
      this.#listener.send(read);
    }
  }

  /** Removes and returns the next read of the queue. */
  #take(): Read | undefined {
    while (this.#head < this.#queue.length) {
      const next = this.#queue[this.#head]!;
      const path = next instanceof Batch ? next.nextPath() : next.path;
      if (!(next instanceof Batch) || path === undefined) this.#head++;
      if (!(next instanceof Batch)) return next;
      if (path === undefined) continue;
      const { data } = this.#reads;
      const same = data.size === 0 ? undefined : data.get(path);
      if (same === undefined) return this.#addOfBatch(path, next.isInitial);
      if (next.isInitial) this.#join(same);
    }
    this.#queue = [];
    this.#head = 0;
    return undefined;
  }

  /** Must be called when the reply to a read arrives. Returns true if the reply must be applied. */
  arrived(read: Read): boolean {
    this.#inFlight--;
    if (this.#isOver) return false;
    this.#remove(read);
    return !read.isStale;
  }

  /** Must be called after the reply to a read was applied, if it had to be. */
  done(read: Read): void {
    if (this.#isOver) return;
    // not as a part of the first read: a node that changes all the time must not delay its end
    if (read.again) this.read(read.kind, read.path);
    // sends many reads at a time, because each small packet costs as much as a large one
    if (this.#inFlight * 2 <= this.#inFlightMax) this.#sendMore();
    if (read.isInitial && --this.#initialLeft === 0) this.#listener.initialDone();
  }

  /** Must be called when a read fails. */
  failed(read: Read, error: unknown): void {
    if (this.#isOver) return;
    if (isConnectionLoss(error) || isRenewed(this.#zk, error)) this.#repeat(read);
    else if (ZooKeeperError.is(error, 'THROTTLEDOP')) this.#repeatLater(read);
    else this.#refused(read, error);
  }

  #refused(read: Read, error: unknown): void {
    if (this.arrived(read)) this.#listener.refused(read.path, error);
    this.done(read);
  }

  /** A request without a connection waits for the next one, so this is no busy loop. */
  #repeat(read: Read): void {
    this.#inFlight--;
    read.isSent = false;
    read.again = false;
    read.isStale = false;
    this.#queue.push(read);
    this.#sendMore();
  }

  #repeatLater(read: Read): void {
    const { scheduler, random } = this.#zk.ports;
    scheduler.after(delayOf(++read.attempts, 0, random) ?? 0, () => this.#isOver || this.#repeat(read));
  }
}
