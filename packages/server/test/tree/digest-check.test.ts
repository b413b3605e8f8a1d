import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reader, Writer } from '@nodekeeper/protocol';
import {
  digestMismatch,
  isTxnDigest,
  putTxnDigest,
  snapshotDigest,
  txnDigestBytes,
  txnDigestMismatch,
} from '../../src/tree/digest-check.js';
import { digestVersion, TreeDigest } from '../../src/tree/tree-digest.js';

const [high, low] = [0x80000001, 0xfffffffe];

function txnDigest(): Buffer {
  const out = new Writer();
  putTxnDigest(out, high, low);
  return out.view();
}

test('a tree with the digest of the transaction matches', () => {
  assert.equal(txnDigestMismatch(TreeDigest.of(high, low), txnDigest(), 0), undefined);
  assert.equal(digestMismatch(TreeDigest.of(high, low), high | 0, low | 0), undefined, 'halves may be signed');
});

test('a tree with another digest is a mismatch that shows both', () => {
  for (const tree of [TreeDigest.of(high, low - 1), TreeDigest.of(high - 1, low)]) {
    const mismatch = txnDigestMismatch(tree, txnDigest(), 0);
    assert.deepEqual([`${mismatch?.expected}`, `${mismatch?.found}`], ['0x80000001fffffffe', `${tree}`]);
  }
});

test('a mismatch keeps the found digest while the tree changes', () => {
  const tree = TreeDigest.of(0, 5);
  const mismatch = digestMismatch(tree, 0, 4);
  tree.add(1);
  assert.equal(`${mismatch?.found}`, '0x5');
});

test('a missing digest, or one of another version, is not compared', () => {
  assert.equal(txnDigestMismatch(new TreeDigest(), txnDigest(), undefined), undefined);
  const other = txnDigest();
  other.writeInt32BE(digestVersion + 1);
  assert.equal(txnDigestMismatch(new TreeDigest(), other, 0), undefined);
  assert.equal(snapshotDigest(digestVersion - 1, 1n), undefined);
});

test('the digest of a snapshot is compared in halves', () => {
  for (const value of [0n, 1n, -1n, 1n << 32n, -(1n << 63n), 0x7fffffff80000000n]) {
    assert.equal(snapshotDigest(digestVersion, value)?.toBigInt(), value);
  }
});

test('the rest of a transaction is a TxnDigest only with its version and nothing after it', () => {
  const bytes = txnDigest();
  assert.equal(bytes.length, txnDigestBytes);
  assert.equal(isTxnDigest(new Reader(bytes)), true);
  assert.equal(isTxnDigest(new Reader(Buffer.concat([bytes, Buffer.alloc(1)]))), false);
  assert.equal(isTxnDigest(new Reader(bytes, 1)), false);
  bytes.writeInt32BE(digestVersion - 1);
  assert.equal(isTxnDigest(new Reader(bytes)), false);
});
