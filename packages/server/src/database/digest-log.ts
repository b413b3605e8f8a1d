import type { TreeDigest } from '../tree/tree-digest.js';

const everyZxids = 128;
const entriesMax = 1024;

/**
 * Records the digest of the tree at every 128th zxid, so that servers can be compared (spec 3.6.7). The oldest entry is
 * first.
 */
export class DigestLog {
  /**
   * True while the tree comes from a fuzzy snapshot and may already hold changes of transactions that are still to be
   * applied. The tree's digest then differs from the digest of other servers at the same zxid.
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
