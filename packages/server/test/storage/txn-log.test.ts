import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiskError } from '../../src/ports/disk.js';
import { batchMarkSize } from '../../src/storage/batch-mark.js';
import { TxnLog } from '../../src/storage/index.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { FILES, LinesLogger, logOptions, noListener, ToyServer, writeEntry } from './toy-database.js';

function createLog(disk: SimulatedDisk, options = {}) {
  const logger = new LinesLogger();
  const durable: number[] = [];
  const troubles: DiskError[] = [];
  let recoveries = 0;
  const log = new TxnLog(disk, FILES, { ...logOptions, ...options }, logger, {
    durable(batch) {
      for (let zxid = batch.firstZxid; zxid <= batch.lastZxid; zxid++) durable.push(zxid);
    },
    failed: (error) => void troubles.push(error),
    recovered: () => void recoveries++,
  });
  let zxid = 0;
  const append = (count = 1, data = 'x') => {
    for (let index = 0; index < count; index++) {
      writeEntry(log.beginEntry(), ++zxid, '/a', data);
      log.endEntry(zxid);
    }
  };
  return { log, logger, durable, troubles, append, recoveries: () => recoveries };
}

test('a log begins with its header, and each entry has checksum, length, body and B (spec 3.2)', () => {
  const disk = new SimulatedDisk();
  const { log, append } = createLog(disk, { preAllocSizeKb: 0 });
  append(1, 'hello');
  log.flush();
  disk.runPending();
  const content = disk.contentOf(`${FILES}/log.1`);
  assert.equal(content.subarray(0, 16).toString('hex'), '5a4b4c47000000020000000000000000');
  const entry =
    '0000000000000007' +
    '00000001' +
    '0000000000000001' +
    '0000018bcfe56800' +
    '00000005' + // TxnHeader
    '00000002' +
    '2f61' +
    '00000005' +
    '68656c6c6f' +
    '00000001'; // SetDataTxn
  assert.equal(content.readInt32BE(16), 0);
  assert.equal(content.readInt32BE(24), entry.length / 2);
  assert.equal(content.subarray(28, 28 + entry.length / 2).toString('hex'), entry);
  assert.equal(content[28 + entry.length / 2], 0x42);
  assert.equal(log.sizeOfCurrent, 29 + entry.length / 2);
  // Zeros follow the last entry, because ZooKeeper's reader needs them to find the end of the log.
  assert.equal(content.subarray(log.sizeOfCurrent, log.sizeOfCurrent + 12).toString('hex'), '00'.repeat(12));
});

test('the file grows in steps of preAllocSize, as in ZooKeeper (spec 3.2.1)', () => {
  const disk = new SimulatedDisk();
  const { log, append } = createLog(disk, { preAllocSizeKb: 64 });
  append();
  log.flush();
  disk.runPending();
  assert.equal(disk.contentOf(`${FILES}/log.1`).length, 16 + 65_536);
  for (const data of ['y'.repeat(62_000), 'z']) {
    append(1, data);
    log.flush();
    disk.runPending();
  }
  assert.equal(disk.contentOf(`${FILES}/log.1`).length, 16 + 131_072);
});

test('a small batch preallocates zeros for the next ones within the file; a large one does not', () => {
  const zeros = 256 * 1024;
  const disk = new SimulatedDisk();
  const { log, append } = createLog(disk, { preAllocSizeKb: 768 });
  const writes: number[] = [];
  const open = disk.open.bind(disk);
  disk.open = (path, mode) => {
    const file = open(path, mode);
    const writeAndSync = file.writeAndSync.bind(file);
    file.writeAndSync = (bytes, start, end, position, done) => {
      writes.push(position + end - start);
      writeAndSync(bytes, start, end, position, done);
    };
    return file;
  };
  const write = (data: string) => {
    append(1, data);
    log.flush();
    disk.runPending();
    const content = disk.contentOf(`${FILES}/log.1`);
    assert.ok(content.subarray(log.sizeOfCurrent + batchMarkSize).every((byte) => byte === 0));
    return { writtenTo: writes.at(-1)!, allocated: content.length };
  };
  const batchEnd = () => log.sizeOfCurrent + batchMarkSize;
  const { writtenTo } = write('a');
  assert.equal(writtenTo, batchEnd() + zeros);
  for (const data of ['b', 'c'.repeat(4000)]) {
    assert.equal(write(data).writtenTo, batchEnd(), 'the blocks are allocated');
  }
  assert.equal(write('d'.repeat(zeros)).writtenTo, batchEnd(), 'large batches allocate their own blocks');
  assert.equal(write('e').writtenTo, batchEnd() + zeros);
  write('f'.repeat(zeros));
  const last = write('g'.repeat(7000));
  assert.equal(last.writtenTo, last.allocated);
  assert.equal(last.allocated, 16 + 768 * 1024);
});

test('group commit: entries that arrive while a batch is written become the next batch, reported in order', () => {
  const disk = new SimulatedDisk();
  const { log, append, durable } = createLog(disk);
  append(2);
  log.flush();
  append(3);
  log.flush();
  append(1);
  log.flush();
  assert.equal(disk.pendingCount, 1);
  assert.deepEqual(durable, []);
  disk.runPending();
  assert.deepEqual(durable, [1, 2, 3, 4, 5, 6]);
  assert.equal(log.inFlight, false);
});

test('nothing is written before flush, and a begun entry can be cancelled', () => {
  const disk = new SimulatedDisk();
  const { log, append, durable } = createLog(disk);
  append();
  writeEntry(log.beginEntry(), 99, '/never', 'x');
  log.cancelEntry();
  assert.equal(disk.steps, 0);
  append();
  log.flush();
  disk.runPending();
  assert.deepEqual(durable, [1, 2]);
});

test('a requested roll, or a size above the limit, starts a file named after its first zxid', () => {
  const disk = new SimulatedDisk();
  const { log, append } = createLog(disk, { txnLogSizeLimitInKb: 1 });
  const write = (data: string) => {
    append(1, data);
    log.flush();
    disk.runPending();
  };
  write('a');
  log.requestRoll();
  write('b');
  write('c'.repeat(2000));
  write('d');
  assert.deepEqual(disk.list(FILES).sort(), ['log.1', 'log.2', 'log.4']);
});

test('zxids that do not increase are a bug, and stop the process', () => {
  const { log, append } = createLog(new SimulatedDisk());
  append(2);
  writeEntry(log.beginEntry(), 2, '/a', 'x');
  assert.throws(() => log.endEntry(2), /must be in zxid order/);
});

for (const code of ['ENOSPC', 'EIO']) {
  for (const operation of ['open', 'truncate', 'write', 'fsync', 'sync directory']) {
    test(`${code} at ${operation}: nothing more is acknowledged until retry succeeds, and then everything is`, () => {
      const disk = new SimulatedDisk();
      const { log, append, durable, troubles, recoveries } = createLog(disk);
      append(2);
      log.flush();
      disk.runPending();
      log.requestRoll();
      disk.fault = (name) => (name === operation ? code : undefined);
      append(3);
      log.flush();
      disk.runPending();
      append(1);
      log.flush();
      log.retry();
      disk.runPending();
      log.retry();
      disk.runPending();
      assert.deepEqual(durable, [1, 2]);
      assert.deepEqual(
        troubles.map((error) => error.code),
        [code],
      );
      assert.equal(log.failed?.code, code);

      disk.fault = () => undefined;
      log.retry();
      disk.runPending();
      assert.deepEqual(durable, [1, 2, 3, 4, 5, 6]);
      assert.equal(recoveries(), 1);
      assert.equal(log.failed, undefined);
    });
  }
}

test('after a failed sync the file is cut to its durable part and never written again', () => {
  const disk = new SimulatedDisk();
  const server = new ToyServer(disk);
  server.start();
  server.write('/a', '1');
  server.log.flush();
  disk.runPending();
  const durableSize = server.log.sizeOfCurrent;
  disk.fault = (operation) => (operation === 'fsync' ? 'EIO' : undefined);
  server.write('/a', '2');
  server.log.flush();
  disk.runPending();
  disk.fault = () => undefined;
  server.log.retry();
  disk.runPending();
  assert.equal(disk.contentOf(`${FILES}/log.1`).length, durableSize);
  assert.equal(server.log.sizeOfCurrent > 16, true);
  assert.deepEqual(disk.list(FILES).sort(), ['log.1', 'log.2']);
  assert.equal(server.acknowledgedZxid, 2);
});

test('close waits for the batch in flight', () => {
  const disk = new SimulatedDisk();
  const { log, append, durable } = createLog(disk);
  append(2);
  log.flush();
  log.close();
  disk.runPending();
  assert.deepEqual(durable, [1, 2]);
});

test('close also writes the entries that arrived after the batch in flight', () => {
  const disk = new SimulatedDisk();
  const { log, append, durable } = createLog(disk);
  append(2);
  log.flush();
  append();
  log.close();
  disk.runPending();
  assert.deepEqual(durable, [1, 2, 3]);
  assert(!log.inFlight);
});

test('a slow fsync is logged once when it exceeds the threshold', () => {
  const disk = new SimulatedDisk();
  const logger = new LinesLogger();
  let now = 0;
  const log = new TxnLog(disk, FILES, logOptions, logger, noListener, { monotonicMs: () => now });
  writeEntry(log.beginEntry(), 1, '/a', 'x');
  log.endEntry(1);
  log.flush();
  now = 1500;
  disk.runPending();
  assert.match(logger.lines[0]!, /fsync-ing the transaction log took 1500 ms/);
  assert.equal(log.statistics.syncSlowCount, 1);
});
