import { zxidCounter, zxidEpoch } from '@nodekeeper/protocol';

export interface CommittedTxn {
  readonly zxid: number;
  /** TxnHeader, body and, maybe, digest: as in the log and in a PROPOSAL. */
  readonly bytes: Buffer;
}

/**
 * The last committed transactions, for learners that lack no more than those (inventory 3.7, `commitLogCount`). Without
 * holes: what is missing here would be missing there (R-10 ZK-4925).
 */
export class CommittedLog {
  readonly #countMax: number;
  #txns: CommittedTxn[] = [];
  #first = 0;
  #baseZxid: number | undefined;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get length(): number {
    return this.#txns.length - this.#first;
  }

  /** Of the oldest and the newest; undefined when there is none. */
  get minZxid(): number | undefined {
    return this.#txns[this.#first]?.zxid;
  }

  get maxZxid(): number | undefined {
    return this.length === 0 ? undefined : this.#txns.at(-1)?.zxid;
  }

  /** Of the transaction that comes directly before; undefined when that is not known. */
  get baseZxid(): number | undefined {
    return this.#baseZxid;
  }

  at(index: number): CommittedTxn {
    const txn = this.#txns[this.#first + index];
    if (txn === undefined) throw new Error(`transaction ${index} of the ${this.length} that are remembered`);
    return txn;
  }

  /** Oldest first. */
  toArray(): CommittedTxn[] {
    return this.#txns.slice(this.#first);
  }

  /** The bytes must not change any more. */
  add(zxid: number, bytes: Buffer): void {
    const last = this.maxZxid ?? this.#baseZxid;
    if (last !== undefined && !follows(last, zxid)) {
      throw new Error(
        `transaction 0x${zxid.toString(16)} is committed after 0x${last.toString(16)}: something is missing`,
      );
    }
    this.#txns.push({ zxid, bytes });
    if (this.length <= this.#countMax) return;
    this.#baseZxid = this.minZxid;
    this.#first++;
    if (this.#first < this.#countMax) return;
    this.#txns = this.#txns.slice(this.#first);
    this.#first = 0;
  }

  clear(): void {
    this.#txns = [];
    this.#first = 0;
    this.#baseZxid = undefined;
  }

  /** Forgets everything. The first transaction to be added will be the one after this zxid. */
  startBehind(zxid: number): void {
    this.clear();
    this.#baseZxid = zxid;
  }
}

/** Within an epoch zxids are consecutive; a new epoch starts with 1. */
export function follows(previous: number, zxid: number): boolean {
  if (zxid === previous + 1) return true;
  return zxidEpoch(zxid) > zxidEpoch(previous) && zxidCounter(zxid) === 1;
}
