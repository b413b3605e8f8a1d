interface Waiting {
  /** Answered after this is committed, */
  readonly zxid: number;
  /** and after a quorum has answered this round of pings. */
  readonly round: number;
  readonly done: () => void;
}

/**
 * Syncs that wait for their answers, which they get in order. Apache's leader answers without asking whether it still
 * leads, so that a read after the sync can be stale (C-1); here a quorum has to answer a ping that was sent after the
 * sync came in, which Java learners do as well.
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

  /** The number of a round of pings that is sent now. */
  nextRound(): number {
    return ++this.#round;
  }

  add(proposedZxid: number, committedZxid: number, done: () => void): void {
    this.#committedZxid = Math.max(this.#committedZxid, committedZxid);
    this.#waiting.push({ zxid: proposedZxid, round: this.#round + 1, done });
  }

  /** Whether a sync waits that came before this was proposed. */
  isWaitingBefore(zxid: number): boolean {
    const [first] = this.#waiting;
    return first !== undefined && first.zxid < zxid;
  }

  /**
   * A quorum has acknowledged what was proposed after these syncs came, so it follows this server as surely as with a
   * ping. They are answered before that is committed: an Apache follower expects the answers to what it has forwarded,
   * syncs and writes, in one order, and never answers a client again when they are not.
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
