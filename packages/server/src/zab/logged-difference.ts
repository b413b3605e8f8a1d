import { zxidCounter } from '@nodekeeper/protocol';
import type { LogWalk } from '../storage/index.js';
import { type CommittedTxn, follows } from './committed-log.js';
import { encodePacket, PacketType } from './packets.js';

/** Read, or sent, in one turn. */
const sliceBytes = 256 * 1024;

/**
 * What a learner lacks that has been away for longer than memory reaches back, read from the logs a slice at a time
 * (inventory 4.5, row 4). The logs must hold the learner's last transaction and everything from there on. Where this server
 * was sent a snapshot once, they have a hole, with transactions in front of it that may never have been committed: so they
 * are read to the end before anything is sent.
 */
export class LoggedDifference {
  /**
   * `unsuitable`: the learner needs a snapshot, and has been sent nothing yet. `broken`: it has been sent something, and the
   * rest cannot be read any more.
   */
  outcome: 'unfinished' | 'complete' | 'unsuitable' | 'broken' = 'unfinished';
  #walk: LogWalk;
  readonly #peerZxid: number;
  readonly #bytesMax: number;
  /** What memory holds, which is sent in the end. */
  readonly #remembered: readonly CommittedTxn[];
  readonly #oldestZxid: number;
  readonly #newestZxid: number;
  /** The last transaction that was read; -1: none was. */
  #previousZxid = -1;
  #isFound = false;
  /** The logs have it all: they are read for the second time, to be sent. */
  #isVerified = false;

  /** @param bytesMax with more than this in the logs a snapshot is the better choice (`snapshotSizeFactor`) */
  constructor(walk: LogWalk, peerZxid: number, remembered: readonly CommittedTxn[], bytesMax: number) {
    this.#walk = walk;
    this.#peerZxid = peerZxid;
    this.#remembered = remembered;
    const [oldest] = remembered;
    const newest = remembered.at(-1);
    if (oldest === undefined || newest === undefined) throw new Error('no transaction is remembered to lead up to');
    this.#oldestZxid = oldest.zxid;
    this.#newestZxid = newest.zxid;
    this.#bytesMax = bytesMax;
  }

  /** Packets to send, perhaps none yet; undefined at the end, see `outcome`. */
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

  /** Looks for the place where the learner's history ends. */
  #search(packets: Buffer[]): void {
    const { zxid } = this.#walk;
    const peerZxid = this.#peerZxid;
    if (zxid < peerZxid) {
      this.#previousZxid = zxid;
      return;
    }
    // the zxid that an epoch begins with is in no log
    const isBehindEpochStart = zxid > peerZxid && zxidCounter(peerZxid) === 0 && this.#previousZxid >= 0;
    const isSuitable = (zxid === peerZxid || isBehindEpochStart) && this.#walk.bytesLeft <= this.#bytesMax;
    if (!isSuitable) {
      this.#fail();
      return;
    }
    this.#isFound = true;
    this.#previousZxid = peerZxid;
    if (this.#isVerified) {
      packets.push(encodePacket(PacketType.diff, this.#newestZxid));
    }
    if (isBehindEpochStart) this.#pass(packets);
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

  /** The next one need not be on disk yet. (Where an epoch ends, only the log tells that nothing lies in between.) */
  #endIfNext(packets: Buffer[]): void {
    if (this.#oldestZxid === this.#previousZxid + 1) this.#end(packets);
  }

  /** Memory has the rest. */
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
