/**
 * Measures how long a follower has owed the acknowledgement of a proposal. A follower whose disk hangs still answers
 * pings, so only this time shows that the follower is useless (spec 4.7.3). Only the oldest and the latest
 * unacknowledged proposals are remembered. When the follower has acknowledged the oldest one, the time counts from the
 * moment when the latest one was sent.
 */
export class OwedAcknowledgement {
  /** The zxid of the oldest unacknowledged proposal; undefined if the follower owes nothing. */
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

  /** Counts the waiting time of all unacknowledged proposals from `nowMs`, and forgets the time before. */
  restart(nowMs: number): void {
    this.#latestMs = nowMs;
    if (this.zxid !== undefined) this.sinceMs = nowMs;
  }

  #owe(zxid: number | undefined, sinceMs: number): void {
    this.zxid = zxid;
    this.sinceMs = sinceMs;
  }
}
