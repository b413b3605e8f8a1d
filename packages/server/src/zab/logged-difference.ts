import { zxidCounter } from '@nodekeeper/protocol';
import type { LogWalk } from '../storage/index.js';
import { type CommittedTxn, follows } from './committed-log.js';
import { encodePacket, PacketType } from './packets.js';

/** Number of bytes that are read from the logs or sent in one turn of the event loop. */
const sliceBytes = 256 * 1024;

/**
 * Sends a learner the transactions that it lacks, if the oldest of them are only in the logs and no longer in memory.
 * Reads the logs one slice at a time (spec 4.5, row 4). The logs must hold the learner's last transaction and all later
 * transactions. A server that once received a snapshot has a gap in its logs. Transactions before the gap may never
 * have been committed. Therefore this class first reads the logs to the end to find gaps. It reads them a second time
 * to send the transactions.
 */
export class LoggedDifference {
  /**
   * `unsuitable`: the learner needs a snapshot, and nothing has been sent yet. `broken`: a part has been sent, and the
   * rest cannot be read from the logs.
   */
  outcome: 'unfinished' | 'complete' | 'unsuitable' | 'broken' = 'unfinished';
  #walk: LogWalk;
  readonly #peerZxid: number;
  readonly #bytesMax: number;
  /** The transactions in memory. They are sent after those from the logs. */
  readonly #remembered: readonly CommittedTxn[];
  readonly #oldestZxid: number;
  readonly #newestZxid: number;
  /** The zxid of the last transaction that was read; -1 before the first one. */
  #previousZxid = -1;
  #isFound = false;
  /** True after the first reading if the logs have no gap. The second reading sends the transactions. */
  #isVerified = false;

  /**
   * @param bytesMax if the learner would need more than this number of bytes from the logs, a snapshot is better
   * (`snapshotSizeFactor`)
   */
  constructor(walk: LogWalk, peerZxid: number, remembered: readonly CommittedTxn[], bytesMax: number) {
    this.#walk = walk;
    this.#peerZxid = peerZxid;
    this.#remembered = remembered;
    const [oldest] = remembered;
    const newest = remembered.at(-1);
    if (oldest === undefined || newest === undefined) throw new Error('the committed log is empty');
    this.#oldestZxid = oldest.zxid;
    this.#newestZxid = newest.zxid;
    this.#bytesMax = bytesMax;
  }

  /** Returns the next packets to send. The buffer may be empty. Returns undefined at the end (see `outcome`). */
  next(): Buffer | undefined {
    if (this.outcome !== 'unfinished') return undefined;
    const packets: Buffer[] = [];
    let bytes = 0;
    while (bytes < sliceBytes && this.outcome === 'unfinished') {
      if (!this.#walk.next()) {
        this.#fail();
      } else {
        bytes += this.#walk.bytes.length;
        if (this.#isFound) this.#pass(packets);
        else this.#search(packets);
      }
    }
    return this.outcome === 'unfinished' || packets.length > 0 ? Buffer.concat(packets) : undefined;
  }

  /** Searches the logs for the learner's last transaction. */
  #search(packets: Buffer[]): void {
    const { zxid } = this.#walk;
    const peerZxid = this.#peerZxid;
    if (zxid < peerZxid) {
      this.#previousZxid = zxid;
      return;
    }
    // no log contains a zxid with the counter 0, but the learner may report one: the first zxid of an epoch
    const isAfterEpochStart = zxid > peerZxid && zxidCounter(peerZxid) === 0 && this.#previousZxid >= 0;
    const isSuitable = (zxid === peerZxid || isAfterEpochStart) && this.#walk.bytesLeft <= this.#bytesMax;
    if (!isSuitable) {
      this.#fail();
      return;
    }
    this.#isFound = true;
    this.#previousZxid = peerZxid;
    if (this.#isVerified) {
      packets.push(encodePacket(PacketType.diff, this.#newestZxid));
    }
    if (isAfterEpochStart) this.#pass(packets);
    else this.#endIfNext(packets);
  }

  #pass(packets: Buffer[]): void {
    const { zxid, bytes } = this.#walk;
    if (!this.#isNext(zxid) || zxid > this.#oldestZxid) {
      this.#fail();
    } else if (zxid === this.#oldestZxid) {
      this.#end(packets);
    } else {
      if (this.#isVerified) add(packets, zxid, bytes);
      this.#previousZxid = zxid;
      this.#endIfNext(packets);
    }
  }

  #isNext(zxid: number): boolean {
    const previous = this.#previousZxid;
    return zxid === previous + 1 || (follows(previous, zxid) && !this.#walk.isSnapshotBetween(previous, zxid));
  }

  /**
   * Ends the walk if the oldest transaction in memory has the zxid after the last one that was read. The logs may not
   * contain that transaction yet. The walk continues if the oldest transaction is the first of its epoch, because only
   * the logs can show which transaction precedes it.
   */
  #endIfNext(packets: Buffer[]): void {
    if (this.#oldestZxid === this.#previousZxid + 1) this.#end(packets);
  }

  /**
   * Called when a reading has reached the transactions in memory. After the first reading, the second one starts. After
   * the second reading, the transactions in memory are sent.
   */
  #end(packets: Buffer[]): void {
    this.abort();
    if (this.#isVerified) {
      for (const { zxid, bytes } of this.#remembered) add(packets, zxid, bytes);
      this.outcome = 'complete';
    } else {
      this.#walk = this.#walk.again();
      this.#previousZxid = -1;
      this.#isFound = false;
      this.#isVerified = true;
    }
  }

  #fail(): void {
    this.abort();
    this.outcome = this.#isVerified ? 'broken' : 'unsuitable';
  }

  abort(): void {
    this.#walk.close();
  }
}

function add(packets: Buffer[], zxid: number, bytes: Buffer): void {
  packets.push(encodePacket(PacketType.proposal, zxid, bytes), encodePacket(PacketType.commit, zxid));
}
