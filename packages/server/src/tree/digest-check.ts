import { getInt, type Reader, type Writer } from '@nodekeeper/protocol';
import { digestVersion, TreeDigest } from './tree-digest.js';

/*
 * The tree must have the digest that is in a log, a proposal or a snapshot, or that the preparation of a write
 * computed. In a log and in a proposal, a TxnDigest follows the transaction: the version of the digest, and the digest
 * of the tree after the transaction.
 */

/** The expected digest of the tree and the present one; as text, both are hexadecimal. */
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

/** True if the rest of a transaction is exactly a TxnDigest. */
export function isTxnDigest(rest: Reader): boolean {
  return rest.remaining === txnDigestBytes && getInt(rest.bytes, rest.position) === digestVersion;
}

/**
 * Compares the tree after a transaction with the TxnDigest at `bytes[at]`. Returns undefined if they agree, if there is
 * no TxnDigest, or if it has another version, which cannot be compared.
 */
export function txnDigestMismatch(
  found: TreeDigest,
  bytes: Uint8Array,
  at: number | undefined,
): DigestMismatch | undefined {
  if (at === undefined || getInt(bytes, at) !== digestVersion) return undefined;
  return digestMismatch(found, getInt(bytes, at + 4), getInt(bytes, at + 8));
}

/** Compares the tree with a digest that is given as two halves. Returns undefined if they agree. */
export function digestMismatch(found: TreeDigest, high: number, low: number): DigestMismatch | undefined {
  return found.equals(high, low) ? undefined : { expected: TreeDigest.of(high, low), found: found.copy() };
}

/** The digest of the tree in a snapshot; undefined if its version cannot be compared. */
export function snapshotDigest(version: number, digest: bigint): TreeDigest | undefined {
  return version === digestVersion ? TreeDigest.of(Number(digest >> 32n), Number(digest & 0xffffffffn)) : undefined;
}
