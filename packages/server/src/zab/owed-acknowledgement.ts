/**
 * Since when a follower owes the acknowledgement of a proposal. One whose disk hangs still answers pings, so that this alone
 * shows that it is of no use (inventory 4.7.3). Of the proposals on their way to it the oldest and the latest are
 * remembered: an acknowledgement gives time for all that had been sent by then.
 */
export class OwedAcknowledgement {
  /** The oldest that is owed; undefined when nothing is. */
  zxid: number | undefined;
  sinceMs = Number.POSITIVE_INFINITY;
  #latestZxid = -1;
  #latestMs = 0;

  proposed(zxid: number, nowMs: number): void {
    this.#latestZxid = zxid;
    this.#latestMs = nowMs;
    if (this.zxid === undefined) this.#owe(zxid, nowMs);
  }

  acked(zxid: number): void {
    if (this.zxid === undefined || zxid < this.zxid) return;
    if (zxid < this.#latestZxid) this.#owe(this.#latestZxid, this.#latestMs);
    else this.#owe(undefined, Number.POSITIVE_INFINITY);
  }

  /** Whatever is owed has been for no longer than this. */
  restart(nowMs: number): void {
    this.#latestMs = nowMs;
    if (this.zxid !== undefined) this.sinceMs = nowMs;
  }

  #owe(zxid: number | undefined, sinceMs: number): void {
    this.zxid = zxid;
    this.sinceMs = sinceMs;
  }
}
