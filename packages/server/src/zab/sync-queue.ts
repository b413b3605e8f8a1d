interface Waiting {
  /** The reply waits until this zxid is committed. */
  readonly zxid: number;
  /** The reply also waits until a quorum has answered this round of pings, or a later one. */
  readonly round: number;
  readonly done: () => void;
}

/**
 * The `sync` requests that wait for their replies, in order. ZooKeeper's leader replies without checking that it still
 * leads, so a read after the sync can be stale (C-1). nodekeeper's leader sends a ping after the sync arrives, and
 * replies only after a quorum has answered the ping. ZooKeeper's learners also answer these pings.
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

  /** Starts a round of pings, and returns its number. */
  nextRound(): number {
    return ++this.#round;
  }

  add(proposedZxid: number, committedZxid: number, done: () => void): void {
    this.#committedZxid = Math.max(this.#committedZxid, committedZxid);
    this.#waiting.push({ zxid: proposedZxid, round: this.#round + 1, done });
  }

  /** True if a sync is waiting that arrived before this zxid was proposed. */
  isWaitingBefore(zxid: number): boolean {
    const [first] = this.#waiting;
    return first !== undefined && first.zxid < zxid;
  }

  /**
   * Answers the syncs that arrived before this zxid was proposed. They need no ping any more, because the quorum that
   * acknowledged the proposal follows this server. The caller commits the proposal only after this call. A ZooKeeper
   * follower expects the replies to its forwarded syncs and writes in the order of the requests. If the order differs,
   * that follower never answers a client again.
   */
  answerBefore(zxid: number): void {
    while (this.isWaitingBefore(zxid)) this.#waiting.shift()!.done();
  }

  committed(zxid: number): void {
    this.#committedZxid = zxid;
    this.#answer();
  }

  /** Called when more pings have been answered. */
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
