import type { TreeDigest } from '../tree/tree-digest.js';

const everyZxids = 128;
const entriesMax = 1024;

/** The tree's digest at every 128th zxid, oldest first, for comparing servers (spec 3.6.7). */
export class DigestLog {
  /**
   * True while the tree is ahead of the transactions that are applied to it. Its digest then differs from the digest of
   * other servers at the same zxid.
   */
  isFuzzy = false;
  readonly #entries: { zxid: number; digest: bigint }[] = [];

  applied(zxid: number, digest: TreeDigest): void {
    if (zxid % everyZxids !== 0 || this.isFuzzy) return;
    if (this.#entries.length === entriesMax) this.#entries.shift();
    this.#entries.push({ zxid, digest: digest.toBigInt() });
  }

  entries(): Iterable<{ readonly zxid: number; readonly digest: bigint }> {
    return this.#entries;
  }
}
