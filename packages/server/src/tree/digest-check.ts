import { getInt, type Reader, type Writer } from '@nodekeeper/protocol';
import { digestVersion, TreeDigest } from './tree-digest.js';

/*
 * The tree must have the digest that a log, a leader, a snapshot or the preparation of a write says it has. In a log and
 * in a proposal that is a TxnDigest after the transaction: the version of the digest and the digest of the tree after it.
 */

/** The digest that the tree should have and the one that it has; as text, both are hexadecimal. */
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

/** Whether the rest of a transaction is a TxnDigest and nothing else. */
export function isTxnDigest(rest: Reader): boolean {
  return rest.remaining === txnDigestBytes && getInt(rest.bytes, rest.position) === digestVersion;
}

/**
 * Compares the tree after a transaction with the TxnDigest at `bytes[at]`. Undefined when they agree, when there is no
 * TxnDigest, and when it is of another version, which says nothing of this digest.
 */
export function txnDigestMismatch(
  found: TreeDigest,
  bytes: Uint8Array,
  at: number | undefined,
): DigestMismatch | undefined {
  if (at === undefined || getInt(bytes, at) !== digestVersion) return undefined;
  return digestMismatch(found, getInt(bytes, at + 4), getInt(bytes, at + 8));
}

/** Compares the tree with a digest that is known as two halves. Undefined when they agree. */
export function digestMismatch(found: TreeDigest, high: number, low: number): DigestMismatch | undefined {
  return found.equals(high, low) ? undefined : { expected: TreeDigest.of(high, low), found: found.copy() };
}

/** The digest that a snapshot says its tree has; undefined when it is of a version that cannot be compared. */
export function snapshotDigest(version: number, digest: bigint): TreeDigest | undefined {
  return version === digestVersion ? TreeDigest.of(Number(digest >> 32n), Number(digest & 0xffffffffn)) : undefined;
}
