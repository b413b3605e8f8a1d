import { getInt, zxidHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { digestText, digestVersion, type TreeDigest } from '../tree/tree-digest.js';

/** Compares the tree that is read from disk with what the files say of it (inventory 3.6.8). */
export class ReplayDigests {
  mismatchCount = 0;
  readonly #isEnabled: boolean;
  readonly #logger: Logger;
  #path = '';
  /** What the snapshot says of a zxid that replay has not reached. */
  #awaited: { readonly path: string; readonly zxid: number; readonly digest: bigint } | undefined;

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
    if (version === digestVersion) this.#awaited = { path: this.#path, zxid, digest };
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
    if (found.toBigInt() !== awaited.digest) this.#report(awaited.path, zxid, awaited.digest, found);
  }

  /** The digest behind a txn starts at `at`. */
  ofTxn(zxid: number, bytes: Buffer, at: number, found: TreeDigest): void {
    if (getInt(bytes, at) !== digestVersion || found.equals(getInt(bytes, at + 4), getInt(bytes, at + 8))) return;
    this.#report(this.#path, zxid, bytes.readBigInt64BE(at + 4), found);
  }

  /** The first is told. It goes on in all that follow. */
  #report(path: string, zxid: number, expected: bigint, found: TreeDigest): void {
    if (!this.#isEnabled) return;
    this.mismatchCount++;
    if (this.mismatchCount > 1) return;
    this.#logger.error(
      `The tree read from disk is not what its writer had: at zxid ${zxidHex(zxid)} ${path} says that the digest is ` +
        `${digestText(expected)}, and it is ${found}. Data may be wrong from there on. Compare it with another ` +
        'server or a backup. While the rest of an ensemble serves, stop this server and empty its data directory but for ' +
        'myid: the leader then sends it the tree',
    );
  }

  finish(): void {
    if (this.mismatchCount > 1) this.#logger.error(`${this.mismatchCount - 1} later digests differ as well`);
  }
}
