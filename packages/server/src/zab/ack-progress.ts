/** Who has how much: from the zxids that servers have acknowledged to the one that a quorum has. */
export class AckProgress {
  readonly #isQuorum: (serverIds: ReadonlySet<number>) => boolean;
  readonly #ackedZxids = new Map<number, number>();

  constructor(isQuorum: (serverIds: ReadonlySet<number>) => boolean) {
    this.#isQuorum = isQuorum;
  }

  /** A server has everything up to this zxid; acknowledgements come in the order of the log. */
  acked(serverId: number, zxid: number): void {
    if (zxid > (this.#ackedZxids.get(serverId) ?? -1)) this.#ackedZxids.set(serverId, zxid);
  }

  /** The last zxid that a quorum has; -1 when there is none. */
  get quorumZxid(): number {
    const zxids = [...new Set(this.#ackedZxids.values())].sort((a, b) => b - a);
    for (const zxid of zxids) {
      const holders = new Set<number>();
      for (const [serverId, acked] of this.#ackedZxids) if (acked >= zxid) holders.add(serverId);
      if (this.#isQuorum(holders)) return zxid;
    }
    return -1;
  }
}
