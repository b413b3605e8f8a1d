import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Reader, readTxnHeader, type TxnHeader } from '@nodekeeper/protocol';
import { readSnapshot, recover, type SnapshotCompression, snapshotFiles, TxnLog } from '../../src/storage/index.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { DATA, FILES, LinesLogger, logOptions, noListener, ToyTree } from './toy-database.js';

/** The folder with files that Apache ZooKeeper 3.9.5 wrote. */
const golden = fileURLToPath(new URL('../../../../protocol/testdata/golden/', import.meta.url));

function placeGolden(disk: SimulatedDisk, folder: string): void {
  for (const name of readdirSync(golden + folder)) {
    const file = JSON.parse(readFileSync(`${golden}${folder}/${name}`, 'utf8')) as { hex: string };
    disk.place(`${FILES}/${name.replace(/\.json$/, '')}`, Buffer.from(file.hex, 'hex'));
  }
}

class HeadersSink extends ToyTree {
  headers: TxnHeader[] = [];
  entries: Buffer[] = [];

  override txn(bytes: Buffer, start: number, end: number): void {
    this.headers.push(readTxnHeader(new Reader(bytes, start, end)));
    this.entries.push(Buffer.from(bytes.subarray(start, end)));
  }
}

function recoverGolden(disk: SimulatedDisk) {
  const sink = new HeadersSink();
  const logger = new LinesLogger();
  const options = { dataDir: DATA, dataLogDir: DATA, trustEmpty: false, dbAutocreate: true };
  return { sink, logger, recovered: recover(disk, options, sink, logger) };
}

for (const compression of ['', 'gz', 'snappy'] as SnapshotCompression[]) {
  test(`ZooKeeper's snapshots are read, with their checksums (${compression || 'plain'})`, () => {
    const disk = new SimulatedDisk();
    placeGolden(disk, compression || 'none');
    const files = snapshotFiles(FILES, disk.list(FILES));
    assert.equal(files.length, 2);
    for (const file of files) {
      assert.equal(file.compression, compression);
      const tree = new ToyTree();
      const { lastZxid } = readSnapshot(disk, file.path, compression, tree);
      assert.equal(lastZxid, file.zxid);
      assert.ok(tree.nodes.has('/zookeeper/config'), [...tree.nodes.keys()].join());
    }
  });
}

test("ZooKeeper's log is read whole, from the snapshot on, and from its first entry", () => {
  const disk = new SimulatedDisk();
  placeGolden(disk, 'none');
  const log = disk.contentOf(`${FILES}/log.1`);
  const padded = Buffer.concat([log, Buffer.alloc(100_000)]);
  for (const content of [log, padded]) {
    disk.place(`${FILES}/log.1`, content);
    const { recovered, logger } = recoverGolden(disk);
    assert.equal(recovered.snapshotZxid, 0x13);
    assert.deepEqual(logger.lines, []);
  }
  disk.remove(`${FILES}/snapshot.13`);
  const { recovered, sink, logger } = recoverGolden(disk);
  assert.equal(recovered.snapshotZxid, 0);
  assert.deepEqual(
    sink.headers.map((header) => header.zxid),
    Array.from({ length: recovered.lastZxid }, (_, index) => index + 1),
  );
  assert.ok(recovered.lastZxid >= 0x13);
  assert.deepEqual(logger.lines, []);
});

test("the entries of ZooKeeper's log, written by nodekeeper, give the same bytes", () => {
  const disk = new SimulatedDisk();
  placeGolden(disk, 'none');
  disk.remove(`${FILES}/snapshot.13`);
  const { sink } = recoverGolden(disk);
  const apache = disk.contentOf(`${FILES}/log.1`);
  const log = new TxnLog(disk, '/ours', logOptions, new LinesLogger(), noListener);
  for (const [index, entry] of sink.entries.entries()) {
    log.beginEntry().raw(entry);
    log.endEntry(sink.headers[index]!.zxid);
  }
  log.flush();
  disk.runPending();
  const size = log.sizeOfCurrent;
  assert.equal(disk.contentOf('/ours/log.1').toString('hex', 0, size), apache.toString('hex', 0, size));
  assert.ok(apache.subarray(size).every((byte) => byte === 0));
});
