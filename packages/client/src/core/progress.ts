/** The point of the ensemble's history that a session has reached. */
export class Progress {
  /** The highest zxid seen. A server that has not reached it refuses the session. */
  seenZxid = 0;
  /** The watches got all events until this zxid. A connection can be lost between two events of one zxid. */
  toldZxid = 0;

  saw(zxid: number): void {
    if (zxid > this.seenZxid) this.seenZxid = zxid;
  }

  /** Moves `toldZxid` forward. Returns true if it has changed. */
  toldUntil(zxid: number): boolean {
    const isNews = zxid > this.toldZxid;
    if (isNews) this.toldZxid = zxid;
    return isNews;
  }
}
