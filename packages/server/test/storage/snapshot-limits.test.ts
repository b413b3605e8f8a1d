import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Writer } from '@nodekeeper/protocol';
import fc from 'fast-check';
import { defaultConfig } from '../../src/config/server-config.js';
import { DatabaseLoading } from '../../src/database/load-database.js';
import { silentLogger } from '../../src/log/logger.js';
import { readSnapshot, SnapshotDecoder, SnapshotEncoder } from '../../src/storage/index.js';
import { sliceSize } from '../../src/storage/snapshot-body.js';
import { createCompressor, createDecompressor } from '../../src/storage/snapshot-compression.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { FILES, ToyTree, writeNode } from './toy-database.js';

const fileHeader = Buffer.from('5a4b534e00000002ffffffffffffffff', 'hex');
const limit = 1000;

/**
 * Encodes a snapshot without sessions and without the header of a snapshot file. A snapshot that a leader sends has no
 * such header.
 */
function content(...writes: ((writer: Writer) => void)[]): Buffer {
  const writer = new Writer(64);
  writer.int(0);
  for (const write of writes) write(writer);
  return Buffer.from(writer.view());
}

function acl(writer: Writer, entries: number, ...texts: number[]): void {
  writer.int(1);
  writer.long(1);
  writer.int(entries);
  for (const length of texts) {
    writer.int(31);
    writer.int(length);
    writer.bytes.fill(0x61, writer.position);
    writer.reserve(Math.min(length, 2000));
    writer.position += Math.min(length, 2000);
    writer.int(0);
  }
}

const tooLong: [what: string, bytes: Buffer, says: RegExp][] = [
  [
    'a path of 200 MB',
    content(
      (to) => to.int(0),
      (to) => to.int(200_000_000),
    ),
    /a path of 200000000 bytes, above the limit of 1000/,
  ],
  [
    'a path of negative length',
    content(
      (to) => to.int(0),
      (to) => to.int(-5),
    ),
    /a path of -5 bytes/,
  ],
  [
    'data',
    content(
      (to) => to.int(0),
      (to) => to.ustring('/a'),
      (to) => to.int(1001),
    ),
    /data of 1001 bytes, above the limit of 1000/,
  ],
  [
    'data of negative length',
    content(
      (to) => to.int(0),
      (to) => to.ustring('/a'),
      (to) => to.int(-2),
    ),
    /data of -2 bytes/,
  ],
  ['the id in an ACL', content((to) => acl(to, 1, 0x7ffffff0)), /an ACL of \d+ bytes, above the limit of \d+/],
  [
    'an ACL of many entries',
    content((to) => acl(to, 0x7fffffff, 400, 400, 400)),
    /an ACL of \d+ bytes, above the limit of \d+/,
  ],
];

for (const [what, bytes, says] of tooLong) {
  test(`${what} in a snapshot is refused with the limit before memory is allocated, in a file and from a leader`, () => {
    const disk = new SimulatedDisk();
    disk.place(`${FILES}/snapshot.1`, Buffer.concat([fileHeader, bytes]));
    assert.throws(() => readSnapshot(disk, `${FILES}/snapshot.1`, '', new ToyTree(), limit), says);
    assert.throws(() => new SnapshotDecoder(new ToyTree(), limit).push(bytes), says);
  });
}

function streamOf(tree: ToyTree): Buffer {
  const encoder = new SnapshotEncoder(tree.source());
  const slices: Buffer[] = [];
  for (let slice = encoder.next(); slice !== undefined; slice = encoder.next()) slices.push(Buffer.from(slice));
  return Buffer.concat(slices);
}

test('a stream from a leader reads the same wherever it is cut, and its chunks can be reused', () => {
  const tree = new ToyTree();
  for (let index = 1; index <= 50; index++) tree.apply(index, `/n${index}`, 'x'.repeat(index * 10));
  const stream = Buffer.concat([streamOf(tree), Buffer.from('behind')]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      const back = new ToyTree();
      const decoder = new SnapshotDecoder(back);
      let rest: Buffer | undefined;
      let at = 0;
      for (let index = 0; rest === undefined; index++) {
        const piece = Buffer.from(stream.subarray(at, at + sizes[index % sizes.length]!));
        at += piece.length;
        rest = decoder.push(piece);
        rest = rest && Buffer.from(rest);
        piece.fill(0xff);
      }
      assert.deepEqual(back.nodes, tree.nodes);
      assert.deepEqual([...back.sessions], [[0x1234567890abcdefn, 30_000]]);
      assert.equal(rest.toString() + stream.toString('latin1', at), 'behind');
    }),
    { numRuns: 50 },
  );
});

test('a long entry is copied once, in however many chunks it arrives', () => {
  const tree = new ToyTree();
  tree.apply(1, '/large', 'x'.repeat(32 * 1024 * 1024));
  const stream = streamOf(tree);
  const decoder = new SnapshotDecoder(new ToyTree());
  // If the decoder copied the incomplete entry at each chunk, the copies would add up to half a terabyte.
  for (let at = 0; at < stream.length; at += 1000) decoder.push(stream.subarray(at, at + 1000));
});

test('a hundred thousand nodes are read, although their sum is above the limit for one', () => {
  const decoder = new SnapshotDecoder(new ToyTree(), limit);
  const writer = new Writer(256);
  decoder.push(content((to) => to.int(0)));
  for (let index = 0; index < 100_000; index++) {
    writer.reset();
    writeNode(writer, `/n${index}`, 'data');
    assert.equal(decoder.push(Buffer.from(writer.view())), undefined);
  }
});

test('decompression yields at most 16 MiB at a time, whatever the file claims', () => {
  const step = 16 * 1024 * 1024;
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const files = {
    gz: gzipSync(zeros),
    snappy: Buffer.concat([
      createCompressor('snappy').begin(),
      createCompressor('snappy').slice(zeros.subarray(0, step * 2)),
    ]),
  };
  for (const [method, bytes] of Object.entries(files)) {
    const decompressor = createDecompressor(method as keyof typeof files);
    let [total, most] = [0, 0];
    for (let at = 0; at < bytes.length; at += decompressor.inputBytesMax) {
      const { length } = decompressor.chunk(bytes.subarray(at, at + decompressor.inputBytesMax));
      total += length;
      most = Math.max(most, length);
    }
    decompressor.end();
    assert.ok(most <= step, `${method}: ${most} bytes at once`);
    assert.ok(total >= step * 2);
  }
});

test('a Snappy block that claims more bytes than its input can give is refused', () => {
  const decompressor = createDecompressor('snappy');
  const begin = createCompressor('snappy').begin();
  // The block has six bytes: four bytes that claim 8 MiB of decompressed data, and two bytes for a literal of one byte.
  const block = Buffer.from('0000000680808004' + '0061', 'hex');
  assert.throws(() => decompressor.chunk(Buffer.concat([begin, block])), /too big, expect at most/);
});

test("a leader's snapshot with an invalid path or an invalid ACL number is refused", () => {
  const config = defaultConfig();
  for (const path of ['a', '//', '//a', '/a/', '/b/c']) {
    const loading = new DatabaseLoading(config, [1, 2], silentLogger);
    const bytes = content((to) => {
      to.int(0);
      writeNode(to, '', '');
      writeNode(to, '/a', '');
      writeNode(to, path, '');
      to.ustring('/');
      to.ustring('BenWasHere');
    });
    assert.throws(
      () => new SnapshotDecoder(loading).push(bytes),
      /not a valid path|before its parent, or without it/,
      path,
    );
  }
  const loading = new DatabaseLoading(config, [1, 2], silentLogger);
  const bytes = content(
    (to) => to.int(1),
    (to) => to.longBig(1n << 62n),
    (to) => to.int(0),
    (to) => to.int(0),
  );
  assert.throws(() => new SnapshotDecoder(loading).push(bytes), /an ACL has the number/);
});

test('an ACL number that the tree cannot hold makes a snapshot file damaged, and a stream refused', () => {
  for (const key of [0x80000000, 0x100000000 - 1, -2]) {
    const ofNode = content((to) => {
      to.int(0);
      to.ustring('');
      to.buffer(null);
      to.long(key);
      to.raw(Buffer.alloc(60));
    });
    const ofAcl = content((to) => {
      to.int(1);
      to.long(key);
      to.int(0);
    });
    for (const bytes of [ofNode, ofAcl]) {
      const disk = new SimulatedDisk();
      disk.place(`${FILES}/snapshot.1`, Buffer.concat([fileHeader, bytes]));
      const says = new RegExp(`an ACL has the number ${key}`);
      assert.throws(() => readSnapshot(disk, `${FILES}/snapshot.1`, '', new ToyTree()), says);
      assert.throws(() => new SnapshotDecoder(new ToyTree()).push(bytes), says);
    }
  }
});

test('many sessions and ACLs are sent in slices too', () => {
  const tree = new ToyTree();
  tree.apply(1, '/a', 'data');
  const acl = [{ perms: 31, id: { scheme: 'digest', id: 'x'.repeat(200) } }];
  const source = {
    ...tree.source(),
    sessions: Array.from({ length: 100_000 }, (_, index) => ({ id: BigInt(index + 1), timeoutMs: 4000 + index })),
    acls: Array.from({ length: 5000 }, (_, index) => ({ key: index + 1, acl })),
  };
  const encoder = new SnapshotEncoder(source);
  const back = new ToyTree();
  const keys: number[] = [];
  back.acl = (...[key]: unknown[]) => void keys.push(key as number);
  const decoder = new SnapshotDecoder(back);
  let rest: Buffer | undefined;
  for (let slice = encoder.next(); slice !== undefined; slice = encoder.next()) {
    assert.ok(slice.length <= sliceSize + 1000, `a slice of ${slice.length} bytes`);
    rest = decoder.push(slice);
  }
  assert.equal(rest?.length, 0);
  assert.deepEqual(
    [...back.sessions],
    source.sessions.map(({ id, timeoutMs }) => [id, timeoutMs]),
  );
  assert.deepEqual(
    keys,
    source.acls.map(({ key }) => key),
  );
  assert.deepEqual(back.nodes, tree.nodes);
});
