import { zxidCounter, zxidEpoch } from '@nodekeeper/protocol';

export interface CommittedTxn {
  readonly zxid: number;
  /** TxnHeader, body and an optional digest, encoded as in the log and in a PROPOSAL packet. */
  readonly bytes: Buffer;
}

/**
 * The last committed transactions, kept in memory. A learner that lacks only some of them can be synchronised from
 * memory (spec 3.7, `commitLogCount`). `add` refuses a gap, because a learner that receives these transactions would
 * get the same gap (R-10 ZK-4925).
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

  /** The zxid of the oldest transaction; undefined if the log is empty. */
  get minZxid(): number | undefined {
    return this.#txns[this.#first]?.zxid;
  }

  get maxZxid(): number | undefined {
    return this.length === 0 ? undefined : this.#txns.at(-1)?.zxid;
  }

  /** The zxid of the transaction just before the oldest one in memory; undefined if that zxid is not known. */
  get baseZxid(): number | undefined {
    return this.#baseZxid;
  }

  at(index: number): CommittedTxn {
    const txn = this.#txns[this.#first + index];
    if (txn === undefined) throw new Error(`no transaction has the index ${index}: the log holds ${this.length}`);
    return txn;
  }

  /** The transactions, oldest first. */
  toArray(): CommittedTxn[] {
    return this.#txns.slice(this.#first);
  }

  /** Adds a committed transaction. The caller must not change the bytes afterwards. */
  add(zxid: number, bytes: Buffer): void {
    const last = this.maxZxid ?? this.#baseZxid;
    if (last !== undefined && !follows(last, zxid)) {
      throw new Error(
        `transaction 0x${zxid.toString(16)} is committed after 0x${last.toString(16)}: transactions between them are missing`,
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

  /** Removes all transactions. The next transaction that is added must be the one after this zxid. */
  startBehind(zxid: number): void {
    this.clear();
    this.#baseZxid = zxid;
  }
}

/**
 * True if `zxid` can be the zxid that comes directly after `previous`. Within an epoch, zxids are consecutive. In a new
 * epoch, the first zxid has the counter 1.
 */
export function follows(previous: number, zxid: number): boolean {
  if (zxid === previous + 1) return true;
  return zxidEpoch(zxid) > zxidEpoch(previous) && zxidCounter(zxid) === 1;
}
