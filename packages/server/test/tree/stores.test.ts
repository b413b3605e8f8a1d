import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below, forSeeds, pick } from '../../src/testing/random.js';
import { BlobStore, noBlob, slabBytes } from '../../src/tree/blob-store.js';
import { Field, NodeTable, noNode, StatOffset } from '../../src/tree/node-table.js';
import { randomHashKey } from '../../src/tree/path-hash.js';
import { PathIndex } from '../../src/tree/path-index.js';
import { TreeDigest } from '../../src/tree/tree-digest.js';

function anyBytes(random: () => number): Buffer {
  const lengths = [0, 1, 15, 16, 17, 100, 1000, 1024, 1025, 5000, 65_536, 300_000, slabBytes, slabBytes + 1];
  const length = random() < 0.7 ? below(random, 300) : pick(random, lengths);
  return Buffer.alloc(length, below(random, 256));
}

test('BlobStore: blobs keep their bytes while others are added, changed and removed', () => {
  forSeeds(5, (random) => {
    const store = new BlobStore();
    const kept: { ref: number; bytes: Buffer }[] = [];
    const check = ({ ref, bytes }: { ref: number; bytes: Buffer }) => {
      if (bytes.length === 0) return assert.equal(ref, noBlob);
      const at = store.offsetOf(ref);
      return assert.ok(
        store
          .slabOf(ref)
          .subarray(at, at + bytes.length)
          .equals(bytes),
        `${bytes.length} bytes`,
      );
    };
    for (let step = 0; step < 1500; step++) {
      const kind = random();
      if (kind < 0.5 || kept.length === 0) {
        const bytes = anyBytes(random);
        const padded = Buffer.concat([Buffer.from('ab'), bytes, Buffer.from('c')]);
        kept.push({ ref: store.put(padded, 2, 2 + bytes.length), bytes });
      } else {
        const index = below(random, kept.length);
        const blob = kept[index]!;
        check(blob!);
        if (kind < 0.75) {
          const bytes = anyBytes(random);
          blob.ref = store.replace(blob.ref, blob.bytes.length, bytes, 0, bytes.length);
          blob.bytes = bytes;
        } else {
          store.free(blob.ref, blob.bytes.length);
          kept.splice(index, 1);
        }
      }
    }
    for (const blob of kept) check(blob);
  });
});

test('BlobStore: freed space is used again', () => {
  const store = new BlobStore();
  const bytes = Buffer.alloc(700, 1);
  const refs = new Set<number>();
  for (let round = 0; round < 50; round++) {
    const batch = Array.from({ length: 100 }, () => store.put(bytes, 0, bytes.length));
    for (const ref of batch) {
      refs.add(ref);
      store.free(ref, bytes.length);
    }
  }
  assert.equal(refs.size, 100);
});

test('PathIndex and NodeTable: added entries are found and removed ones are not, through many splits', () => {
  forSeeds(3, (random) => {
    const nodes = new NodeTable();
    const blobs = new BlobStore();
    const index = new PathIndex(nodes, blobs, randomHashKey(random));
    const known = new Map<string, number>();
    const anyPath = () => `/${below(random, 9000).toString(36)}`;
    for (let step = 0; step < 30_000; step++) {
      const path = anyPath();
      const bytes = Buffer.from(path);
      const node = known.get(path);
      assert.equal(index.find(bytes, 0, bytes.length), node ?? noNode, path);
      if (node === undefined) {
        const created = nodes.allocate();
        nodes.set(created, Field.pathRef, blobs.put(bytes, 0, bytes.length));
        nodes.set(created, Field.pathLength, bytes.length);
        nodes.set(created, Field.pathHash, index.hash(bytes, 0, bytes.length));
        nodes.setLong(created, StatOffset.czxid, 0x1_2345_6789_abcd);
        index.insert(created);
        known.set(path, created);
      } else if (random() < 0.4) {
        assert.equal(nodes.long(node, StatOffset.czxid), 0x1_2345_6789_abcd);
        index.remove(node);
        blobs.free(nodes.get(node, Field.pathRef), bytes.length);
        nodes.free(node);
        known.delete(path);
      }
    }
    assert.equal(nodes.count, known.size);
    assert.ok(known.size > 4200, 'more than the first segment of buckets');
  });
});

test('NodeTable: a reused record is all zeros; longs of any size and sign are read back', () => {
  const nodes = new NodeTable();
  const node = nodes.allocate();
  for (const value of [0, 1, -1, 0xffffffff, 2 ** 52, -(2 ** 40)]) {
    nodes.setLong(node, StatOffset.mzxid, value);
    assert.equal(nodes.long(node, StatOffset.mzxid), value);
  }
  for (const value of [-0x8000000000000000n, -1n, 0x7fffffffffffffffn]) {
    nodes.setBigint(node, StatOffset.ephemeralOwner, value);
    assert.equal(nodes.bigint(node, StatOffset.ephemeralOwner), value);
  }
  nodes.set(node, Field.dataRef, 0xffffffff);
  nodes.free(node);
  const again = nodes.allocate();
  assert.equal(again, node);
  assert.deepEqual([nodes.bigint(again, StatOffset.ephemeralOwner), nodes.get(again, Field.dataRef)], [0n, 0]);
});

test('TreeDigest is a 64-bit sum that wraps', () => {
  forSeeds(20, (random) => {
    const digest = new TreeDigest();
    let expected = 0n;
    for (let step = 0; step < 500; step++) {
      const crc = below(random, 0x1_0000_0000) | 0;
      if (random() < 0.5) {
        digest.add(crc);
        expected += BigInt(crc >>> 0);
      } else {
        digest.subtract(crc);
        expected -= BigInt(crc >>> 0);
      }
      assert.equal(digest.toBigInt(), BigInt.asIntN(64, expected));
    }
  });
});
