/** How far a session has followed the history of the ensemble, as zxids. */
export class Progress {
  /** The highest zxid in the messages of the servers. A server whose last zxid is lower refuses the session. */
  seenZxid = 0;
  /**
   * The watches have received all their events up to this zxid. It can be lower than `seenZxid`, because one
   * transaction can trigger several events. The first event raises `seenZxid`, and the connection can be lost before
   * the last event arrives.
   */
  toldZxid = 0;

  saw(zxid: number): void {
    if (zxid > this.seenZxid) this.seenZxid = zxid;
  }

  /** Raises `toldZxid` to `zxid` and returns true. If `toldZxid` is not lower than `zxid`, returns false. */
  toldUntil(zxid: number): boolean {
    const isNews = zxid > this.toldZxid;
    if (isNews) this.toldZxid = zxid;
    return isNews;
  }
}
