import { zxidCounter } from '@nodekeeper/protocol';
import type { LogWalk } from '../storage/index.js';
import { type CommittedTxn, follows } from './committed-log.js';
import { encodePacket, PacketType } from './packets.js';

/** Bytes that are read or sent in one turn. */
const sliceBytes = 256 * 1024;

/**
 * The transactions that a learner lacks if memory does not reach back far enough. They are read from the logs one slice
 * at a time (spec 4.5, row 4). The logs must hold the learner's last transaction and all later ones. If this
 * server once received a snapshot, its logs have a gap, and transactions before the gap may never have been committed.
 * So the logs are read to the end before anything is sent.
 */
export class LoggedDifference {
  /**
   * `unsuitable`: the learner needs a snapshot, and nothing was sent yet. `broken`: something was sent, and the rest
   * cannot be read.
   */
  outcome: 'unfinished' | 'complete' | 'unsuitable' | 'broken' = 'unfinished';
  #walk: LogWalk;
  readonly #peerZxid: number;
  readonly #bytesMax: number;
  /** The transactions in memory, which are sent last. */
  readonly #remembered: readonly CommittedTxn[];
  readonly #oldestZxid: number;
  readonly #newestZxid: number;
  /** The zxid of the last transaction read; -1 before the first. */
  #previousZxid = -1;
  #isFound = false;
  /** True if the logs are complete: they are read a second time, and sent. */
  #isVerified = false;

  /** @param bytesMax if the logs hold more than this, a snapshot is better (`snapshotSizeFactor`) */
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

  /** Returns packets to send, possibly none; undefined at the end (see `outcome`). */
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

  /** Looks for the end of the learner's history. */
  #search(packets: Buffer[]): void {
    const { zxid } = this.#walk;
    const peerZxid = this.#peerZxid;
    if (zxid < peerZxid) {
      this.#previousZxid = zxid;
      return;
    }
    // no log contains the first zxid of an epoch, which has the counter 0
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
   * The next transaction may be in memory only. At the end of an epoch, only the log shows that no transaction lies
   * between.
   */
  #endIfNext(packets: Buffer[]): void {
    if (this.#oldestZxid === this.#previousZxid + 1) this.#end(packets);
  }

  /** The rest is in memory. */
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
