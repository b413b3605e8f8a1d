/**
 * The time since when a follower owes the acknowledgement of a proposal. A follower with a hanging disk still answers
 * pings, so only this time shows that it is useless (spec 4.7.3). Only the oldest and the latest unacknowledged
 * proposals are remembered. After an acknowledgement, the time counts from the latest proposal.
 */
export class OwedAcknowledgement {
  /** The oldest unacknowledged proposal; undefined if there is none. */
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

  /** Restarts the time of all unacknowledged proposals. */
  restart(nowMs: number): void {
    this.#latestMs = nowMs;
    if (this.zxid !== undefined) this.sinceMs = nowMs;
  }

  #owe(zxid: number | undefined, sinceMs: number): void {
    this.zxid = zxid;
    this.sinceMs = sinceMs;
  }
}
