import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  readSnapshot,
  type SnapshotCompression,
  SnapshotDamaged,
  SnapshotWriter,
  snapshotName,
} from '../../src/storage/index.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { FILES, snapshotOptions, ToyTree } from './toy-database.js';

const compressions: SnapshotCompression[] = ['', 'gz', 'snappy'];

function treeOf(entries: readonly (readonly [string, string])[]): ToyTree {
  const tree = new ToyTree();
  for (const [index, [path, data]] of entries.entries()) tree.apply(index + 1, `/${path}`, data);
  return tree;
}

function writeSnapshot(disk: SimulatedDisk, tree: ToyTree, options = {}): string {
  const writer = new SnapshotWriter(disk, FILES, tree.source(), { ...snapshotOptions, ...options });
  while (writer.step() !== 'done') disk.runPending();
  return writer.path;
}

const smallTree = treeOf([
  ['a', 'one'],
  ['b', ''],
  ['c/d', 'x'.repeat(300)],
]);

test('a snapshot is read as it was written, in every compression', () => {
  const entries = fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 40 }), fc.string({ maxLength: 2000 })));
  fc.assert(
    fc.property(entries, fc.constantFrom(...compressions), (list, compression) => {
      const disk = new SimulatedDisk();
      const latin = list.map(([path, data]) => [path, Buffer.from(data).toString('latin1')] as const);
      const tree = treeOf(latin);
      const path = writeSnapshot(disk, tree, { compression });
      const back = new ToyTree();
      const { lastZxid } = readSnapshot(disk, path, compression, back);
      assert.equal(lastZxid, tree.lastZxid);
      assert.deepEqual(back.nodes, tree.nodes);
      assert.deepEqual([...back.sessions], [[0x1234567890abcdefn, 30_000]]);
    }),
    { numRuns: 60 },
  );
});

for (const compression of compressions) {
  test(`a snapshot of several slices and chunks, with nodes larger than both, is read (${compression || 'plain'})`, () => {
    const disk = new SimulatedDisk();
    const entries: [string, string][] = [];
    for (let index = 0; index < 3000; index++) entries.push([`node-${index}`, String(Math.sin(index)).repeat(20)]);
    let noise = '';
    for (let index = 0; noise.length < 1_500_000; index++) noise += Math.sin(index);
    entries.push(['large', noise], ['after', 'x']);
    const tree = treeOf(entries);
    const path = writeSnapshot(disk, tree, { compression });
    const back = new ToyTree();
    readSnapshot(disk, path, compression, back);
    assert.equal(back.nodes.size, tree.nodes.size);
    for (const [name, data] of tree.nodes) assert.ok(back.nodes.get(name) === data, name);
  });
}

test('the plain bytes follow spec 3.3: header, sessions, ACLs, nodes, end, three checksums', () => {
  const disk = new SimulatedDisk();
  const content = disk.contentOf(writeSnapshot(disk, new ToyTree()));
  assert.equal(content.subarray(0, 16).toString('hex'), '5a4b534e00000002ffffffffffffffff');
  assert.equal(content.subarray(16, 32).toString('hex'), '000000011234567890abcdef00007530');
  const acl =
    '00000001' + '0000000000000001' + '00000001' + '0000001f' + '00000005' + '776f726c64' + '00000006' + '616e796f6e65';
  assert.equal(content.subarray(32, 32 + acl.length / 2).toString('hex'), acl);
  const rootAt = 32 + acl.length / 2;
  assert.equal(content.readInt32BE(rootAt), 0);
  const endAt = rootAt + 4 + 4 + 8 + 60;
  assert.equal(content.subarray(endAt, endAt + 5).toString('hex'), '000000012f');
  // After the end mark (5 bytes) come: a checksum (13 bytes), the digest with its zxid and version (20), a checksum,
  // the last zxid (8), a checksum.
  assert.equal(content.length, endAt + 5 + 13 + 20 + 13 + 8 + 13);
  assert.equal(content.subarray(-5).toString('hex'), '000000012f');
});

test('endings of older versions, and of servers without digest or last zxid, are read (spec 3.3.1)', () => {
  for (const digestEnabled of [true, false]) {
    for (const serializeLastProcessedZxid of [true, false]) {
      const disk = new SimulatedDisk();
      const path = writeSnapshot(disk, smallTree, { digestEnabled, serializeLastProcessedZxid });
      const back = new ToyTree();
      let digest: bigint | undefined;
      back.digest = (...values: unknown[]) => void (digest = values[2] as bigint);
      const { lastZxid } = readSnapshot(disk, path, '', back);
      assert.deepEqual(back.nodes, smallTree.nodes);
      assert.equal(digest, digestEnabled ? 42n : undefined);
      assert.equal(lastZxid, serializeLastProcessedZxid ? 3 : undefined);
    }
  }
});

test('R-13 ZK-2872: a truncated snapshot is never accepted as whole, wherever it is cut', () => {
  for (const compression of compressions) {
    const disk = new SimulatedDisk();
    const path = writeSnapshot(disk, smallTree, { compression });
    const content = disk.contentOf(path);
    for (let length = 0; length < content.length; length++) {
      disk.place(path, content.subarray(0, length));
      let accepted = false;
      try {
        const back = new ToyTree();
        readSnapshot(disk, path, compression, back);
        accepted = true;
        assert.deepEqual(back.nodes, smallTree.nodes);
      } catch (error) {
        assert.ok(error instanceof SnapshotDamaged, `${compression} cut to ${length}: ${error}`);
        assert.ok(error.message.includes(path));
      }
      // Without the last zxid (21 bytes), the file is a complete snapshot of an older ZooKeeper version. The same is
      // true if the digest (33 bytes) is missing, too.
      const missing = content.length - length;
      if (compression === '') assert.equal(accepted, missing === 21 || missing === 21 + 33, `cut to ${length}`);
    }
  }
});

test('a flipped bit anywhere is reported with file and offset, and never gives another tree', () => {
  for (const compression of compressions) {
    const disk = new SimulatedDisk();
    const path = writeSnapshot(disk, smallTree, { compression });
    const content = disk.contentOf(path);
    for (let offset = 0; offset < content.length; offset++) {
      const bad = Buffer.from(content);
      bad[offset]! ^= 1 << (offset % 8);
      disk.place(path, bad);
      const back = new ToyTree();
      try {
        readSnapshot(disk, path, compression, back);
      } catch (error) {
        assert.ok(error instanceof SnapshotDamaged, `${compression} byte ${offset}: ${error}`);
        assert.ok(error.offset <= 10_000);
        continue;
      }
      // In the compressed formats, a flip in some bytes has no effect: for example, in the time of a gzip header, or in
      // Snappy's version numbers.
      assert.deepEqual(back.nodes, smallTree.nodes, `${compression} byte ${offset}`);
      if (compression === '') assert.fail(`byte ${offset} went unnoticed`);
    }
  }
});

test('a gzip snapshot with one member, as ZooKeeper writes it, is read', () => {
  const disk = new SimulatedDisk();
  const plain = disk.contentOf(writeSnapshot(disk, smallTree));
  const path = `${FILES}/${snapshotName(9, 'gz')}`;
  disk.place(path, gzipSync(plain));
  const back = new ToyTree();
  readSnapshot(disk, path, 'gz', back);
  assert.deepEqual(back.nodes, smallTree.nodes);
});

test('a snapshot that is aborted or fails leaves no file', () => {
  for (let failing = 1; failing < 12; failing++) {
    const disk = new SimulatedDisk();
    disk.fault = (_operation, _path, step) => (step === failing ? 'ENOSPC' : undefined);
    const writer = new SnapshotWriter(disk, FILES, smallTree.source(), snapshotOptions);
    let failed = false;
    try {
      while (writer.step() !== 'done') disk.runPending();
    } catch (error) {
      failed = true;
      assert.equal((error as { code: string }).code, 'ENOSPC');
      writer.abort();
      disk.runPending();
    }
    const left = disk.list(FILES);
    assert.deepEqual(
      left.filter((name) => name.endsWith('.tmp')),
      [],
    );
    if (!failed) assert.deepEqual(left, ['snapshot.3']);
  }
});

test('an empty, a huge and a malformed file are damaged, and do not crash recovery', () => {
  const disk = new SimulatedDisk();
  const path = `${FILES}/snapshot.1`;
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...compressions),
      fc.boolean(),
      (bytes, compression, withMagic) => {
        const magic = Buffer.from('5a4b534e00000002ffffffffffffffff', 'hex');
        disk.place(path, withMagic ? Buffer.concat([magic, bytes]) : bytes);
        assert.throws(() => readSnapshot(disk, path, compression, new ToyTree()), SnapshotDamaged);
      },
    ),
  );
});
