import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { isConnectionLoss } from '../foundation/call.js';
import { retry } from '../foundation/retry.js';
import { isRenewed } from '../foundation/session-guard.js';

/**
 * `data` reads the data and the Stat of a node, `children` its list of children, and `probe` only what shows if it
 * changed.
 */
export type ReadKind = 'data' | 'children' | 'probe';

/** Counts the reads that belong together, such as those of the first read of a tree. */
export interface Round {
  left: number;
  readonly done: () => void;
}

/** A read that waits or has no reply yet. */
interface Read {
  readonly kind: ReadKind;
  readonly path: string;
  readonly key: string;
  round: Round | undefined;
  isSent: boolean;
  /** True if the node was deleted after the read was sent, so that the reply may be older than the deletion. */
  isStale: boolean;
  /** True if the node changed after the read was sent. */
  again: boolean;
  attempts: number;
}

/** Sends a read. The promise resolves with a function that applies the reply. */
type Send = (kind: ReadKind, path: string, round: Round | undefined) => Promise<() => void>;

/** Called for a read that the server refuses. */
type Refused = (path: string, error: unknown) => void;

const delayOf = retry.forever({ baseMs: 100 });

/**
 * Sends reads, many at a time but not more than a limit. There is at most one read of a kind for a path at a time. Reads
 * that fail with their connection are repeated.
 */
export class Reads {
  readonly #zk: ZooKeeper;
  readonly #inFlightMax: number;
  readonly #send: Send;
  readonly #refused: Refused;
  readonly #byKey = new Map<string, Read>();
  #queue: Read[] = [];
  /** The index in `#queue` of the read that is sent next. */
  #next = 0;
  #inFlight = 0;
  #isOver = false;

  constructor(zk: ZooKeeper, inFlightMax: number, send: Send, refused: Refused) {
    this.#zk = zk;
    this.#inFlightMax = inFlightMax;
    this.#send = send;
    this.#refused = refused;
  }

  /** Reads a node, or reads it again if a read of the same kind is already sent. */
  read(kind: ReadKind, path: string, round?: Round): void {
    if (this.#isOver) return;
    const key = keyOf(kind, path);
    const same = this.#byKey.get(key);
    if (same === undefined) {
      const read = { kind, path, key, round, isSent: false, isStale: false, again: false, attempts: 0 };
      if (round !== undefined) round.left++;
      this.#byKey.set(key, read);
      this.#queue.push(read);
      this.#sendMore();
      return;
    }
    same.again ||= same.isSent;
    if (round === undefined || same.round === round) return;
    this.#leave(same);
    same.round = round;
    round.left++;
  }

  /** Must be called when a node was deleted: replies to reads that are already sent may be older. */
  deleted(path: string): void {
    for (const kind of ['data', 'children', 'probe'] as const) {
      const read = this.#byKey.get(keyOf(kind, path));
      if (read?.isSent) read.isStale = true;
    }
  }

  /** Sends no more reads, and applies no more replies. */
  end(): void {
    this.#isOver = true;
    this.#queue = [];
    this.#byKey.clear();
  }

  #sendMore(): void {
    while (this.#inFlight < this.#inFlightMax && this.#next < this.#queue.length) {
      const read = this.#queue[this.#next++]!;
      this.#inFlight++;
      read.isSent = true;
      this.#send(read.kind, read.path, read.round).then(
        (apply) => this.#settled(read, apply),
        (error) => this.#failed(read, error),
      );
    }
    if (this.#next > 1000 && this.#next * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#next);
      this.#next = 0;
    }
  }

  #settled(read: Read, apply: () => void): void {
    this.#inFlight--;
    if (this.#isOver) return;
    this.#byKey.delete(read.key);
    if (!read.isStale) apply();
    // not in the round of this read: a node that changes all the time must not delay the end of the round
    if (read.again) this.read(read.kind, read.path);
    this.#leave(read);
    this.#sendMore();
  }

  #failed(read: Read, error: unknown): void {
    if (this.#isOver) return;
    if (isConnectionLoss(error) || isRenewed(this.#zk, error)) this.#repeat(read);
    else if (ZooKeeperError.is(error, 'THROTTLEDOP')) this.#repeatLater(read);
    else this.#settled(read, () => this.#refused(read.path, error));
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
    scheduler.after(delayOf(++read.attempts, 0, random) ?? 0, () => !this.#isOver && this.#repeat(read));
  }

  #leave({ round }: Read): void {
    if (round !== undefined && --round.left === 0) round.done();
  }
}

function keyOf(kind: ReadKind, path: string): string {
  return kind + path;
}
