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
 * Sends reads, many at a time but not more than a limit. There is at most one read of a kind for a path at a time. Reads
 * that fail with their connection are repeated.
 */
export class Reads {
  readonly #zk: ZooKeeper;
  readonly #inFlightMax: number;
  readonly #listener: ReadsListener;
  /** The reads that wait or have no reply yet, by path. Those of a batch are not here until they are sent. */
  readonly #reads = {
    data: new Map<string, Read>(),
    children: new Map<string, Read>(),
    probe: new Map<string, Read>(),
  };
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
    const same = this.#reads[kind].get(path);
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
    for (const reads of Object.values(this.#reads)) {
      const read = reads.get(path);
      if (read?.isSent) read.isStale = true;
    }
  }

  /** Sends no more reads, and applies no more replies. */
  end(): void {
    this.#isOver = true;
    this.#queue = [];
    for (const reads of Object.values(this.#reads)) reads.clear();
  }

  #add(kind: ReadKind, path: string, isInitial: boolean): Read {
    const read = { kind, path, isInitial, isSent: false, isStale: false, again: false, attempts: 0 };
    this.#reads[kind].set(path, read);
    return read;
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
      const same = this.#reads.data.get(path);
      if (same === undefined) return this.#add('data', path, next.isInitial);
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
    this.#reads[read.kind].delete(read.path);
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
