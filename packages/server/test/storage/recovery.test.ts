import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid } from '@nodekeeper/protocol';
import fc from 'fast-check';
import { type Recovered, RecoveryError, recover, TxnLog } from '../../src/storage/index.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import {
  assertRecovered,
  DATA,
  FILES,
  LinesLogger,
  logOptions,
  noListener,
  snapshotOptions,
  ToyServer,
  ToyTree,
  writeEntry,
} from './toy-database.js';

function start(disk: SimulatedDisk): ToyServer {
  const server = new ToyServer(disk);
  server.start();
  return server;
}

/**
 * Starts a server, writes the batches, and leaves the disk as a clean stop would. Takes a snapshot after each batch
 * whose index is in `snapshotAfter`.
 */
function filled(batches: string[][], snapshotAfter: number[] = []): { disk: SimulatedDisk; server: ToyServer } {
  const disk = new SimulatedDisk();
  const server = start(disk);
  for (const [index, batch] of batches.entries()) {
    for (const data of batch) server.write(`/k${server.history.length % 5}`, data);
    server.log.flush();
    disk.runPending();
    if (snapshotAfter.includes(index)) {
      server.log.requestRoll();
      server.snapshot(() => disk.runPending());
    }
  }
  server.log.close();
  return { disk, server };
}

function recoverTree(disk: SimulatedDisk, options = {}): { tree: ToyTree; recovered: Recovered; logger: LinesLogger } {
  const tree = new ToyTree();
  const logger = new LinesLogger();
  const all = { dataDir: DATA, dataLogDir: DATA, trustEmpty: false, dbAutocreate: true, ...options };
  return { tree, logger, recovered: recover(disk, all, tree, logger) };
}

const noise = (length: number, seed = 1): string => {
  let text = '';
  for (let value = seed; text.length < length; ) {
    value = (Math.imul(value, 1_103_515_245) + 12_345) >>> 0;
    text += String.fromCharCode(1 + ((value >>> 16) % 255));
  }
  return text;
};

test('an empty directory is a first start; with db.autocreate=false it needs the initialize marker', () => {
  const disk = new SimulatedDisk();
  assert.deepEqual(pick(recoverTree(disk).recovered), { lastZxid: 0, snapshotZxid: -1, firstStart: true });
  assert.equal(recoverTree(disk, { dbAutocreate: false }).recovered.lastZxid, -1);
  disk.place(`${DATA}/initialize`, Buffer.alloc(0));
  assert.equal(recoverTree(disk, { dbAutocreate: false }).recovered.lastZxid, 0);
  assert.equal(disk.exists(`${DATA}/initialize`), false);
});

function pick({ lastZxid, snapshotZxid, firstStart }: Recovered) {
  return { lastZxid, snapshotZxid, firstStart };
}

test('a snapshot and the logs after it restore every write', () => {
  const { disk, server } = filled([['a'], ['b', 'c'], ['d', 'e', 'f'], ['g']], [0, 2]);
  const { tree, recovered } = recoverTree(disk);
  assert.deepEqual(pick(recovered), { lastZxid: 7, snapshotZxid: 6, firstStart: false });
  assert.equal(recovered.txnsReplayed, 1);
  assert.deepEqual(recovered.digestOfSnapshot, { zxid: 6, version: 2, digest: 42n });
  assert.deepEqual(tree.nodes, server.tree.nodes);
});

test('S-6 ZK-2325: logs without any snapshot are refused, or replayed with snapshot.trust.empty', () => {
  const { disk, server } = filled([['a', 'b'], ['c']]);
  assert.throws(() => recoverTree(disk), /No snapshot found in \/data\/version-2.*snapshot\.trust\.empty=true/);
  const { tree, recovered } = recoverTree(disk, { trustEmpty: true });
  assert.equal(recovered.lastZxid, 3);
  assert.deepEqual(tree.nodes, server.tree.nodes);
});

test('a damaged newest snapshot is reported, and the one before with its logs gives the same tree', () => {
  const { disk, server } = filled([['a'], ['b'], ['c'], ['d']], [0, 2]);
  disk.damage(`${FILES}/snapshot.3`, 100, (byte) => byte ^ 8);
  const { tree, recovered, logger } = recoverTree(disk);
  assert.deepEqual(pick(recovered), { lastZxid: 4, snapshotZxid: 1, firstStart: false });
  assert.deepEqual(tree.nodes, server.tree.nodes);
  assert.match(logger.lines[0]!, /error: Snapshot \/data\/version-2\/snapshot\.3 is damaged at byte \d+/);
});

test('recovery never skips a damaged snapshot from a leader, because no log can replace it', () => {
  const { disk } = filled([['a'], ['b']], [0]);
  const received = `${FILES}/snapshot.${makeZxid(1, 5).toString(16)}`;
  disk.place(received, Buffer.alloc(20));
  const problem =
    /snapshot\.100000005 cannot be used, and the logs have no transactions between 0x2 and 0x100000005 .* move it away/;
  assert.throws(() => recoverTree(disk), problem);
  const log = new TxnLog(disk, FILES, logOptions, new LinesLogger(), noListener);
  for (const counter of [1, 2]) {
    writeEntry(log.beginEntry(), makeZxid(2, counter), '/k', 'c');
    log.endEntry(makeZxid(2, counter));
  }
  log.flush();
  disk.runPending();
  log.close();
  assert.throws(() => recoverTree(disk), problem);
  disk.remove(received);
  assert.equal(recoverTree(disk).recovered.lastZxid, makeZxid(2, 2));
});

/** A disk with snapshot.0 and two logs: one with transactions 1 to 3, the other with transactions 4 to 6. */
function twoLogs(): { disk: SimulatedDisk; server: ToyServer } {
  const disk = new SimulatedDisk();
  const server = start(disk);
  server.snapshot(() => disk.runPending());
  for (const batch of ['abc', 'def']) {
    for (const data of batch) server.write('/k', data);
    server.log.flush();
    disk.runPending();
    server.log.requestRoll();
  }
  server.log.close();
  return { disk, server };
}

test('a log with the name of a later one is refused, because the later one is lost', () => {
  const { disk } = twoLogs();
  disk.place(`${FILES}/log.4`, disk.contentOf(`${FILES}/log.1`));
  assert.throws(
    () => recoverTree(disk),
    /version-2\/log\.4 is damaged at byte 16: its first transaction is 0x1, so the file name belongs to another log.*last good transaction is 0x3\. Restore/,
  );
});

test('a log with the name of an earlier one is refused, because the earlier one is lost', () => {
  const { disk } = twoLogs();
  disk.rename(`${FILES}/log.4`, `${FILES}/log.1`);
  assert.throws(() => recoverTree(disk), /log\.1 is damaged at byte 16: its first transaction is 0x4/);
});

test('a log with a wrong name does no harm if its transactions are not needed', () => {
  const { disk, server } = twoLogs();
  server.snapshot(() => disk.runPending());
  server.write('/k', 'g');
  disk.place(`${FILES}/log.2`, disk.contentOf(`${FILES}/log.1`));
  const { tree, recovered } = recoverTree(disk);
  assert.equal(recovered.lastZxid, 6);
  assert.deepEqual(tree.nodes, server.tree.nodes);
});

test('a snapshot with the name of a later one is skipped, and the logs after the one before are read', () => {
  const { disk, server } = twoLogs();
  disk.place(`${FILES}/snapshot.6`, disk.contentOf(`${FILES}/snapshot.0`));
  const { tree, recovered, logger } = recoverTree(disk);
  assert.deepEqual(pick(recovered), { lastZxid: 6, snapshotZxid: 0, firstStart: false });
  assert.deepEqual(tree.nodes, server.tree.nodes);
  assert.match(
    logger.lines[0]!,
    /snapshot\.6 was taken at zxid 0x0, so the file name belongs to another snapshot. Move it away/,
  );
});

test('a snapshot with the name of a later one that the logs do not reach is refused', () => {
  const { disk } = twoLogs();
  disk.place(`${FILES}/snapshot.9`, disk.contentOf(`${FILES}/snapshot.0`));
  assert.throws(
    () => recoverTree(disk),
    /snapshot\.9 cannot be used, and the logs have no transactions between 0x6 and 0x9/,
  );
});

test('a file of another kind with the name of a log or a snapshot is reported as what it is', () => {
  const { disk } = twoLogs();
  const log = disk.contentOf(`${FILES}/log.4`);
  disk.place(`${FILES}/snapshot.6`, log);
  disk.place(`${FILES}/snapshot.5`, Buffer.from('1f8b0800'.padEnd(64, '0'), 'hex'));
  disk.place(`${FILES}/snapshot.4.gz`, disk.contentOf(`${FILES}/snapshot.0`));
  const { logger } = recoverTree(disk);
  assert.match(logger.lines[0]!, /snapshot\.6 .* it is a transaction log \(ZKLG\)/);
  assert.match(logger.lines[1]!, /snapshot\.5 .* it is a gzip file/);
  assert.match(logger.lines[2]!, /snapshot\.4\.gz .* cannot be decompressed/);
  disk.place(`${FILES}/log.4`, disk.contentOf(`${FILES}/snapshot.0`));
  assert.throws(() => recoverTree(disk), /log\.4 .* it is an uncompressed snapshot \(ZKSN\)/);
});

test('something other than a file is refused with the name of a log, and skipped with the name of a snapshot', () => {
  for (const kind of ['FIFO', 'socket', 'device', 'directory'] as const) {
    const { disk, server } = twoLogs();
    disk.placeOther(`${FILES}/snapshot.6`, kind);
    const { tree, logger } = recoverTree(disk);
    assert.deepEqual(tree.nodes, server.tree.nodes);
    assert.match(
      logger.lines[0]!,
      new RegExp(`snapshot\\.6 failed: EFTYPE, it is a ${kind}, not a file. Move it away`),
    );
    disk.placeOther(`${FILES}/log.4`, kind);
    assert.throws(() => recoverTree(disk), new RegExp(`log\\.4 failed: EFTYPE, it is a ${kind}, not a file`));
  }
});

test('S-6: if no snapshot can be read, the server refuses to start and says what to do', () => {
  const { disk } = filled([['a'], ['b']], [0]);
  disk.place(`${FILES}/snapshot.1`, Buffer.alloc(0));
  assert.throws(() => recoverTree(disk, { trustEmpty: true }), /None of the 1 snapshots in .* can be read\. Restore/);
});

test('S-8 ZK-2332, ZK-1621: an empty, short or merely preallocated newest log is removed', () => {
  for (const content of [
    Buffer.alloc(0),
    Buffer.from('5a4b', 'hex'),
    Buffer.alloc(4096),
    header(0),
    header(4096),
    header(3),
  ]) {
    const { disk, server } = filled([['a'], ['b']], [0]);
    disk.place(`${FILES}/log.3`, content);
    const { tree, recovered } = recoverTree(disk);
    assert.equal(recovered.lastZxid, 2);
    assert.deepEqual(tree.nodes, server.tree.nodes);
    assert.equal(disk.exists(`${FILES}/log.3`), false);
  }
});

function header(padding: number): Buffer {
  return Buffer.concat([Buffer.from('5a4b4c47000000020000000000000000', 'hex'), Buffer.alloc(padding)]);
}

test('S-8: a log cut at any byte has a torn tail: the whole entries before it are there, and the next start is clean', () => {
  const { disk, server } = filled([['a'], ['bb', noise(250)], ['c', 'd']], [0]);
  const path = `${FILES}/log.2`;
  const content = disk.contentOf(path).subarray(0, server.log.sizeOfCurrent || 1200);
  const used = lastNonZero(content) + 1;
  for (const padding of [0, 600]) {
    for (let length = 16; length < used; length++) {
      disk.place(path, Buffer.concat([content.subarray(0, length), Buffer.alloc(padding)]));
      const first = start(disk);
      assertRecovered(first, server.history, 1);
      const again = start(disk);
      assert.equal(again.recovered.lastZxid, first.recovered.lastZxid, `cut to ${length}`);
      assert.deepEqual(again.logger.lines, [], `cut to ${length}`);
    }
  }
});

function lastNonZero(bytes: Buffer): number {
  let at = bytes.length - 1;
  while (at >= 0 && bytes[at] === 0) at--;
  return at;
}

test('a flipped bit in any log is reported with file and offset, and never gives a wrong or shorter tree', () => {
  const { disk, server } = filled([['a'], ['b', 'c'], ['d'], ['e', noise(300)], ['f']], [0, 2]);
  const logs = disk.list(FILES).filter((name) => name.startsWith('log.'));
  for (const name of logs) {
    const path = `${FILES}/${name}`;
    const content = disk.contentOf(path);
    const used = lastNonZero(content) + 1;
    for (let offset = 0; offset < used; offset++) {
      const bad = Buffer.from(content);
      bad[offset]! ^= 1 << (offset % 8);
      disk.place(path, bad);
      const attempt = new ToyServer(disk);
      try {
        attempt.start();
      } catch (error) {
        assert.ok(error instanceof RecoveryError, `${name} byte ${offset}: ${error}`);
        assert.ok(error.message.includes(path) && /byte \d+/.test(error.message), error.message);
        continue;
      } finally {
        disk.place(path, content);
      }
      assertRecovered(attempt, server.history, 0);
      assert.equal(attempt.recovered.lastZxid, 7, `${name} byte ${offset}`);
    }
  }
});

test('damage before the zxid of the snapshot does no harm', () => {
  const { disk, server } = filled([['a'], ['b', 'c', 'd', 'e'], ['f']], [0]);
  server.tree.lastZxid = 3;
  const covered = new ToyServer(disk);
  covered.start();
  // Take a snapshot at zxid 6 and write transaction 7. Then damage transaction 3, which the snapshot contains.
  covered.snapshot(() => disk.runPending());
  covered.write('/k1', 'later');
  covered.log.flush();
  disk.runPending();
  const path = `${FILES}/log.2`;
  const at = disk.contentOf(path).indexOf('/k2');
  disk.damage(path, at + 1, (byte) => byte ^ 1);
  const { recovered, tree } = recoverTree(disk);
  assert.equal(recovered.lastZxid, 7);
  assert.equal(tree.nodes.get('/k1'), 'later');
});

test('S-6: falling back to an older snapshot over missing logs is refused, with the missing zxids', () => {
  const { disk } = filled([['a'], ['b'], ['c'], ['d']], [0, 1, 2]);
  disk.place(`${FILES}/snapshot.3`, Buffer.alloc(20));
  disk.remove(`${FILES}/log.3`);
  assert.throws(
    () => recoverTree(disk),
    /Transactions between 0x2 and 0x4 are missing before byte \d+ of \/data\/version-2\/log\.4/,
  );
});

test('a wrong magic number in a log is damage, and the error names the file', () => {
  const { disk } = filled([['a'], ['b']], [0]);
  disk.damage(`${FILES}/log.2`, 0, () => 0x41);
  assert.throws(
    () => recoverTree(disk),
    /log\.2 is damaged at byte 0: it does not start with a transaction log.s magic number/,
  );
});

test('a power cut can lose any sector of the last batch: whole entries after the gap were never acknowledged', () => {
  const { disk, server } = filled([['a'], ['b'], [noise(900), noise(3000, 2), noise(700, 3), noise(100, 4)]], [0]);
  const path = `${FILES}/log.2`;
  const content = disk.contentOf(path);
  const hole = Math.ceil((content.indexOf(noise(900).slice(0, 20), 0, 'latin1') + 1) / 512) * 512;
  const torn = Buffer.from(content);
  torn.fill(0, hole, hole + 512);
  disk.place(path, torn);
  const first = start(disk);
  assertRecovered(first, server.history, 2);
  assert.equal(first.recovered.lastZxid, 2);
  assert.match(first.logger.lines.join(), /Cutting it off/);
});

test('the same gap in an earlier batch is damage, because that batch was durable', () => {
  const { disk } = filled([['a'], [noise(900), noise(3000, 2)], [noise(700, 3)]], [0]);
  const path = `${FILES}/log.2`;
  const content = disk.contentOf(path);
  const hole = Math.ceil((content.indexOf(noise(900).slice(0, 20), 0, 'latin1') + 1) / 512) * 512;
  const torn = Buffer.from(content);
  torn.fill(0, hole, hole + 512);
  disk.place(path, torn);
  assert.throws(() => recoverTree(disk), /log\.2 is damaged at byte \d+: .*so a crash is not the cause/);
});

test('random bytes in a log never crash recovery', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.boolean(), (bytes, withHeader) => {
      const { disk } = filled([['a']], [0]);
      disk.place(`${FILES}/log.2`, withHeader ? Buffer.concat([header(0), bytes]) : bytes);
      try {
        assert.equal(recoverTree(disk).recovered.lastZxid, 1);
      } catch (error) {
        assert.ok(error instanceof RecoveryError, String(error));
      }
    }),
  );
});

test('R-13: an unfinished snapshot is not read, and is removed', () => {
  const { disk } = filled([['a'], ['b']], [0]);
  disk.place(`${FILES}/.snapshot.2.tmp`, Buffer.alloc(100));
  assert.equal(recoverTree(disk).recovered.snapshotZxid, 1);
  assert.equal(disk.exists(`${FILES}/.snapshot.2.tmp`), false);
});

test('compressed and plain snapshots can coexist', () => {
  const disk = new SimulatedDisk();
  const server = start(disk);
  for (const compression of ['gz', 'snappy', ''] as const) {
    server.write('/a', compression);
    server.log.requestRoll();
    server.log.flush();
    disk.runPending();
    server.snapshot(() => disk.runPending(), { ...snapshotOptions, compression });
  }
  assert.equal(recoverTree(disk).recovered.snapshotName, 'snapshot.3');
  disk.remove(`${FILES}/snapshot.3`);
  assert.equal(recoverTree(disk).recovered.snapshotName, 'snapshot.2.snappy');
  disk.remove(`${FILES}/snapshot.2.snappy`);
  const { recovered, tree } = recoverTree(disk);
  assert.equal(recovered.snapshotName, 'snapshot.1.gz');
  assert.deepEqual(tree.nodes, server.tree.nodes);
});

test('an error of the tree is reported with file and offset, in a snapshot and in a log', () => {
  const { disk } = filled([['a'], ['b'], ['c']], [0, 1]);
  const tree = new ToyTree();
  const logger = new LinesLogger();
  const options = { dataDir: DATA, dataLogDir: DATA, trustEmpty: false, dbAutocreate: true };
  let refusals = 1;
  tree.node = () => {
    if (refusals-- > 0) throw new Error('no parent');
  };
  tree.txn = (bytes, start) => {
    if (bytes.readInt32BE(start + 8) === 3) throw new Error('no such operation');
  };
  assert.throws(
    () => recover(disk, options, tree, logger),
    /Transaction 0x3 at byte 16 of \/data\/version-2\/log\.3 cannot be applied: no such operation/,
  );
  assert.match(logger.lines[0]!, /snapshot\.2 is damaged at byte \d+: no parent/);
});
