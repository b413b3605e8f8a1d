/** How far along the ensemble's history a session has come. */
export class Progress {
  /** The highest zxid seen: no server that has not come so far will do. */
  seenZxid = 0;
  /** Watches were told of all that happened until here; a connection may be lost between two events of one zxid. */
  toldZxid = 0;

  saw(zxid: number): void {
    if (zxid > this.seenZxid) this.seenZxid = zxid;
  }

  /** True if that is farther than before. */
  toldUntil(zxid: number): boolean {
    const isNews = zxid > this.toldZxid;
    if (isNews) this.toldZxid = zxid;
    return isNews;
  }
}
