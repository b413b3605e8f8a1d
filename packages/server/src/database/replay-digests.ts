import { zxidHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type DigestMismatch, digestMismatch, snapshotDigest, txnDigestMismatch } from '../tree/digest-check.js';
import type { TreeDigest } from '../tree/tree-digest.js';

/** Compares the tree that is read from disk with what the files say of it (inventory 3.6.8). */
export class ReplayDigests {
  mismatchCount = 0;
  readonly #isEnabled: boolean;
  readonly #logger: Logger;
  #path = '';
  /** What the snapshot says of a zxid that replay has not reached. */
  #awaited: { readonly path: string; readonly zxid: number; readonly expected: TreeDigest } | undefined;

  /** Without `isEnabled` the tree has no digest to compare. */
  constructor(isEnabled: boolean, logger: Logger) {
    this.#isEnabled = isEnabled;
    this.#logger = logger;
  }

  /** What comes next is from this file. */
  reading(path: string): void {
    this.#path = path;
  }

  ofSnapshot(zxid: number, version: number, digest: bigint): void {
    const expected = snapshotDigest(version, digest);
    if (expected !== undefined) this.#awaited = { path: this.#path, zxid, expected };
  }

  /** A fuzzy snapshot is the tree of its digest once replay has come as far; until then txns can say nothing of it either. */
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

  /** Logs the first mismatch only: all later transactions have it too. */
  #report(path: string, zxid: number, mismatch: DigestMismatch | undefined): void {
    if (!this.#isEnabled || mismatch === undefined) return;
    this.mismatchCount++;
    if (this.mismatchCount > 1) return;
    this.#logger.error(
      `The tree read from disk is not what its writer had: at zxid ${zxidHex(zxid)} ${path} says that the digest is ` +
        `${mismatch.expected}, and it is ${mismatch.found}. Data may be wrong from there on. Compare it with another ` +
        'server or a backup. While the rest of an ensemble serves, stop this server and empty its data directory but for ' +
        'myid: the leader then sends it the tree',
    );
  }

  finish(): void {
    if (this.mismatchCount > 1) this.#logger.error(`${this.mismatchCount - 1} later digests differ as well`);
  }
}
