import { getInt, type Reader, type Writer } from '@nodekeeper/protocol';
import { digestVersion, TreeDigest } from './tree-digest.js';

/*
 * These functions compare the digest of the tree with an expected digest. The expected digest comes from a log, a
 * proposal, a snapshot or the preparation of a write. In a log and in a proposal, a TxnDigest follows the transaction.
 * A TxnDigest holds the version of the digest, and the digest of the tree after the transaction.
 */

/** The digest that the tree should have, and the digest that it has. As text, both are hexadecimal. */
export interface DigestMismatch {
  readonly expected: TreeDigest;
  readonly found: TreeDigest;
}

export const txnDigestBytes = 12;

export function putTxnDigest(out: Writer, high: number, low: number): void {
  out.int(digestVersion);
  out.int(high);
  out.int(low);
}

/** True if the unread rest of a transaction is exactly a TxnDigest. */
export function isTxnDigest(rest: Reader): boolean {
  return rest.remaining === txnDigestBytes && getInt(rest.bytes, rest.position) === digestVersion;
}

/**
 * Compares the tree after a transaction with the TxnDigest at `bytes[at]`. Returns undefined if the two digests agree,
 * or if there is no TxnDigest. Also returns undefined if the TxnDigest has another version, which cannot be compared.
 */
export function txnDigestMismatch(
  found: TreeDigest,
  bytes: Uint8Array,
  at: number | undefined,
): DigestMismatch | undefined {
  if (at === undefined || getInt(bytes, at) !== digestVersion) return undefined;
  return digestMismatch(found, getInt(bytes, at + 4), getInt(bytes, at + 8));
}

/**
 * Compares the digest of the tree with a digest that is given as two 32-bit halves. Returns undefined if they agree.
 */
export function digestMismatch(found: TreeDigest, high: number, low: number): DigestMismatch | undefined {
  return found.equals(high, low) ? undefined : { expected: TreeDigest.of(high, low), found: found.copy() };
}

/** Returns the tree digest that a snapshot records; undefined if this digest has a version that cannot be compared. */
export function snapshotDigest(version: number, digest: bigint): TreeDigest | undefined {
  return version === digestVersion ? TreeDigest.of(Number(digest >> 32n), Number(digest & 0xffffffffn)) : undefined;
}
