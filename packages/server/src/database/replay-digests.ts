import { zxidHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type DigestMismatch, digestMismatch, snapshotDigest, txnDigestMismatch } from '../tree/digest-check.js';
import type { TreeDigest } from '../tree/tree-digest.js';

/** Compares the tree that is read from disk with the digests in the files (spec 3.6.8). */
export class ReplayDigests {
  mismatchCount = 0;
  readonly #isEnabled: boolean;
  readonly #logger: Logger;
  #path = '';
  /** The snapshot's digest for a zxid that the replay has not reached. */
  #awaited: { readonly path: string; readonly zxid: number; readonly expected: TreeDigest } | undefined;

  /** If `isEnabled` is false, the tree has no digest to compare. */
  constructor(isEnabled: boolean, logger: Logger) {
    this.#isEnabled = isEnabled;
    this.#logger = logger;
  }

  /** The next digests are from this file. */
  reading(path: string): void {
    this.#path = path;
  }

  ofSnapshot(zxid: number, version: number, digest: bigint): void {
    const expected = snapshotDigest(version, digest);
    if (expected !== undefined) this.#awaited = { path: this.#path, zxid, expected };
  }

  /**
   * True until the replay reaches the zxid of a fuzzy snapshot's digest. Before that, the tree matches no digest of a
   * transaction either.
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

  /** The digest after a txn starts at `at`. */
  ofTxn(zxid: number, bytes: Buffer, at: number, found: TreeDigest): void {
    this.#report(this.#path, zxid, txnDigestMismatch(found, bytes, at));
  }

  /** Logs only the first mismatch, because all later transactions differ too. */
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
