import type { Quorums } from '../membership/index.js';

interface Ack {
  readonly serverId: number;
  zxid: number;
}

/** Remembers the last zxid that each server has logged, and computes the last zxid that a quorum has logged. */
export class AckProgress {
  /** One entry for each server, sorted by zxid, the highest first. */
  readonly #acks: Ack[] = [];
  readonly #holders = new Set<number>();

  /** Server `serverId` has logged everything up to this zxid, because a server acknowledges proposals in zxid order. */
  acked(serverId: number, zxid: number): void {
    const ack = this.#acks.find((each) => each.serverId === serverId);
    if (ack === undefined) this.#acks.push({ serverId, zxid });
    else if (zxid > ack.zxid) ack.zxid = zxid;
    else return;
    this.#acks.sort((one, other) => other.zxid - one.zxid);
  }

  /** The last zxid that a quorum has logged, according to `quorums`; -1 if no quorum has logged anything. */
  quorumZxid(quorums: Quorums): number {
    this.#holders.clear();
    for (const { serverId, zxid } of this.#acks) {
      this.#holders.add(serverId);
      if (quorums.containsQuorum(this.#holders)) return zxid;
    }
    return -1;
  }
}
