import { zxidHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type DigestMismatch, digestMismatch, snapshotDigest, txnDigestMismatch } from '../tree/digest-check.js';
import type { TreeDigest } from '../tree/tree-digest.js';

/** Compares the digest of the tree that is read from disk with the digests in the files (spec 3.6.8). */
export class ReplayDigests {
  mismatchCount = 0;
  readonly #isEnabled: boolean;
  readonly #logger: Logger;
  #path = '';
  /** The digest in the snapshot, until the replay reaches the zxid of this digest. */
  #awaited: { readonly path: string; readonly zxid: number; readonly expected: TreeDigest } | undefined;

  /** `isEnabled` is false if digests are disabled. The tree then has no digest to compare. */
  constructor(isEnabled: boolean, logger: Logger) {
    this.#isEnabled = isEnabled;
    this.#logger = logger;
  }

  /** Sets the path of the file that the next digests come from. */
  reading(path: string): void {
    this.#path = path;
  }

  ofSnapshot(zxid: number, version: number, digest: bigint): void {
    const expected = snapshotDigest(version, digest);
    if (expected !== undefined) this.#awaited = { path: this.#path, zxid, expected };
  }

  /**
   * True until the replay reaches the zxid of the digest in a fuzzy snapshot. Before that zxid, the tree may already
   * hold changes of later transactions. The digests in the log then do not match the tree.
   */
  get isFuzzy(): boolean {
    return this.#awaited !== undefined;
  }

  reached(zxid: number, found: TreeDigest): void {
    const awaited = this.#awaited;
    if (awaited === undefined || zxid < awaited.zxid) return;
    this.#awaited = undefined;
    if (zxid > awaited.zxid) return;
    const { path, expected } = awaited;
    this.#report(path, zxid, digestMismatch(found, expected.high, expected.low));
  }

  /** Compares the tree after a transaction with the transaction's digest, which starts at `bytes[at]`. */
  ofTxn(zxid: number, bytes: Buffer, at: number, found: TreeDigest): void {
    this.#report(this.#path, zxid, txnDigestMismatch(found, bytes, at));
  }

  /** Logs only the first mismatch, because the digests of all later transactions then differ too. */
  #report(path: string, zxid: number, mismatch: DigestMismatch | undefined): void {
    if (!this.#isEnabled || mismatch === undefined) return;
    this.mismatchCount++;
    if (this.mismatchCount > 1) return;
    this.#logger.error(
      `The tree read from disk differs from the tree that was written: at zxid ${zxidHex(zxid)}, ${path} has the digest ` +
        `${mismatch.expected}, and the tree has ${mismatch.found}. Later data may be wrong. Compare this server with another ` +
        'server or a backup. If the other servers of an ensemble serve, stop this server and empty its data directory except for ' +
        'myid: the leader then sends it the tree',
    );
  }

  finish(): void {
    if (this.mismatchCount > 1) this.#logger.error(`${this.mismatchCount - 1} later digests differ too`);
  }
}
