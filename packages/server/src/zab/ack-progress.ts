import type { Quorums } from '../membership/index.js';

interface Ack {
  readonly serverId: number;
  zxid: number;
}

/** The last zxid that each server has logged, and from that the last one that a quorum has logged. */
export class AckProgress {
  /** Sorted: the server with the highest zxid comes first. */
  readonly #acks: Ack[] = [];
  readonly #holders = new Set<number>();

  /** The server has logged everything up to this zxid. Acknowledgements come in the order of the log. */
  acked(serverId: number, zxid: number): void {
    const ack = this.#acks.find((each) => each.serverId === serverId);
    if (ack === undefined) this.#acks.push({ serverId, zxid });
    else if (zxid > ack.zxid) ack.zxid = zxid;
    else return;
    this.#acks.sort((one, other) => other.zxid - one.zxid);
  }

  /** The last zxid that one of these quorums has logged; -1 if no quorum has logged any. */
  quorumZxid(quorums: Quorums): number {
    this.#holders.clear();
    for (const { serverId, zxid } of this.#acks) {
      this.#holders.add(serverId);
      if (quorums.containsQuorum(this.#holders)) return zxid;
    }
    return -1;
  }
}
