interface Waiting {
  /** The reply waits for the commit of this zxid. */
  readonly zxid: number;
  /** The reply also waits until a quorum has answered this round of pings. */
  readonly round: number;
  readonly done: () => void;
}

/**
 * The syncs that wait for their replies, in order. ZooKeeper's leader replies without checking that it still leads, so
 * a read after the sync can be stale (C-1). Here, a quorum must first answer a ping that was sent after the sync
 * arrived. ZooKeeper's learners answer such pings too.
 */
export class SyncQueue {
  readonly #isConfirmed: (round: number) => boolean;
  #waiting: Waiting[] = [];
  #round = 0;
  #committedZxid = 0;

  constructor(isConfirmed: (round: number) => boolean) {
    this.#isConfirmed = isConfirmed;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** The number of the round of pings that starts now. */
  nextRound(): number {
    return ++this.#round;
  }

  add(proposedZxid: number, committedZxid: number, done: () => void): void {
    this.#committedZxid = Math.max(this.#committedZxid, committedZxid);
    this.#waiting.push({ zxid: proposedZxid, round: this.#round + 1, done });
  }

  /** True if a waiting sync came before this zxid was proposed. */
  isWaitingBefore(zxid: number): boolean {
    const [first] = this.#waiting;
    return first !== undefined && first.zxid < zxid;
  }

  /**
   * A quorum has acknowledged a proposal that came after these syncs. This proves as much as an answered ping: the
   * quorum follows this server. The replies leave before that proposal is committed. A ZooKeeper follower expects the
   * replies to its forwarded syncs and writes in one order. If the order differs, it never answers a client again.
   */
  answerBefore(zxid: number): void {
    while (this.isWaitingBefore(zxid)) this.#waiting.shift()!.done();
  }

  committed(zxid: number): void {
    this.#committedZxid = zxid;
    this.#answer();
  }

  /** Pings were answered. */
  confirmed(): void {
    this.#answer();
  }

  #answer(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { zxid, round, done } = first;
      if (zxid > this.#committedZxid || round > this.#round || !this.#isConfirmed(round)) return;
      this.#waiting.shift();
      done();
    }
  }
}
