import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid, zxidCounter } from '@nodekeeper/protocol';
import { silentLogger } from '../../src/log/logger.js';
import { DiskError } from '../../src/ports/disk.js';
import { LogWalk, TxnLog } from '../../src/storage/index.js';
import { below, forSeeds } from '../../src/testing/random.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { LoggedDifference } from '../../src/zab/logged-difference.js';
import { PacketStream } from '../../src/zab/packet-stream.js';
import { PacketType } from '../../src/zab/packets.js';
import { noListener } from '../storage/toy-database.js';

const directories = { dataDir: '/data', dataLogDir: '/data' };
const files = '/data/version-2';
const z = makeZxid;

interface Txn {
  readonly zxid: number;
  readonly bytes: Buffer;
}

function txn(zxid: number, size = 60): Txn {
  const bytes = Buffer.alloc(Math.max(size, 32), zxidCounter(zxid));
  bytes.writeBigInt64BE(BigInt(zxid), 12);
  return { zxid, bytes };
}

/** A leader whose logs hold these transactions. A new log file starts before each zxid in `rolls`. */
class Leader {
  readonly disk = new SimulatedDisk();
  readonly log: TxnLog;

  constructor(
    readonly history: readonly Txn[],
    rolls: ReadonlySet<number> = new Set(),
  ) {
    this.disk.makeDirectory(files);
    this.snapshot(0);
    const options = { preAllocSizeKb: 64, txnLogSizeLimitInKb: -1, forceSync: true, fsyncWarningThresholdMs: 1000 };
    this.log = new TxnLog(this.disk, files, options, silentLogger, noListener);
    for (const { zxid, bytes } of history) {
      if (rolls.has(zxid)) this.log.requestRoll();
      this.log.beginEntry().raw(bytes);
      this.log.endEntry(zxid);
      this.log.flush();
      this.disk.runPending();
    }
  }

  snapshot(zxid: number): void {
    this.disk.place(`${files}/snapshot.${zxid.toString(16)}`, Buffer.alloc(10));
  }

  difference(zxid: number, remembered: number, bytesMax = Number.POSITIVE_INFINITY): LoggedDifference | undefined {
    const walk = LogWalk.from(this.disk, directories, zxid);
    return walk && new LoggedDifference(walk, zxid, this.history.slice(-remembered), bytesMax);
  }

  /**
   * Returns the packets that a learner at `zxid` gets if the leader has the last `remembered` transactions in memory.
   * Also returns the outcome.
   */
  send(zxid: number, remembered: number, bytesMax = Number.POSITIVE_INFINITY): { outcome: string; packets: Sent[] } {
    const difference = this.difference(zxid, remembered, bytesMax);
    if (difference === undefined) return { outcome: 'no log', packets: [] };
    const packets: Sent[] = [];
    const stream = new PacketStream(
      (packet) => void packets.push({ type: packet.type, zxid: packet.zxid, bytes: Buffer.from(packet.data) }),
      1 << 24,
    );
    for (let slice = difference.next(); slice !== undefined; slice = difference.next()) {
      assert(slice.length < 1 << 20, `a slice of ${slice.length} bytes`);
      stream.push(slice);
    }
    return { outcome: difference.outcome, packets };
  }
}

interface Sent extends Txn {
  readonly type: number;
}

function expected(history: readonly Txn[], after: number): Sent[] {
  const none = Buffer.alloc(0);
  return [
    { type: PacketType.diff, zxid: history[history.length - 1]!.zxid, bytes: none },
    ...history
      .filter(({ zxid }) => zxid > after)
      .flatMap(({ zxid, bytes }) => [
        { type: PacketType.proposal, zxid, bytes },
        { type: PacketType.commit, zxid, bytes: none },
      ]),
  ];
}

function randomHistory(random: () => number): Txn[] {
  const history: Txn[] = [];
  let [epoch, counter] = [1, 0];
  for (let index = 0; index < 20 + below(random, 80); index++) {
    if (random() < 0.05) [epoch, counter] = [epoch + 1 + below(random, 2), 0];
    history.push(txn(z(epoch, ++counter), 40 + below(random, 20_000)));
  }
  return history;
}

test('4.5 the logs supply what a learner lacks, each transaction once, up to what memory holds', () => {
  forSeeds(60, (random) => {
    const history = randomHistory(random);
    const rolls = new Set(history.filter(() => random() < 0.1).map(({ zxid }) => zxid));
    const leader = new Leader(history, rolls);
    const remembered = 1 + below(random, 10);
    const at = below(random, history.length - remembered);
    const { zxid } = history[at]!;
    const sent = leader.send(zxid, remembered);
    assert.equal(sent.outcome, 'complete');
    assert.deepEqual(sent.packets, expected(history, zxid));
  });
});

test('4.5 a learner that has begun an epoch without a transaction gets the transactions that follow', () => {
  const history = [1, 2, 3].map((counter) => txn(z(1, counter)));
  history.push(txn(z(3, 1)), txn(z(3, 2)), txn(z(3, 3)));
  const leader = new Leader(history, new Set([z(3, 1)]));
  for (const epoch of [2, 3]) {
    const sent = leader.send(z(epoch, 0), 1);
    assert.deepEqual(sent, { outcome: 'complete', packets: expected(history, z(epoch, 0)) });
  }
});

test('R-21 ZK-1154 a learner whose last transaction is in no log gets a snapshot, and no transaction before it', () => {
  const history = [txn(z(2, 5)), txn(z(2, 6)), txn(z(4, 1)), txn(z(4, 2)), txn(z(4, 3))];
  const leader = new Leader(history);
  const unsuitable = { outcome: 'unsuitable', packets: [] };
  assert.deepEqual(leader.send(z(2, 7), 1), unsuitable, 'the learner has a transaction that the leader lacks');
  assert.deepEqual(leader.send(z(3, 1), 1), unsuitable);
  assert.deepEqual(leader.send(z(2, 4), 1), { outcome: 'no log', packets: [] }, 'it is older than the logs');
});

test('a difference larger than snapshotSizeFactor of the newest snapshot is not sent from the logs', () => {
  const history = Array.from({ length: 50 }, (_, index) => txn(z(1, index + 1), 1000));
  const leader = new Leader(history, new Set([z(1, 30)]));
  assert.equal(leader.send(z(1, 40), 1, 9000).outcome, 'unsuitable');
  assert.equal(leader.send(z(1, 40), 1, 16_000).outcome, 'complete');
  assert.equal(leader.send(z(1, 20), 1, 29_000).outcome, 'unsuitable');
  assert.equal(leader.send(z(1, 20), 1, 40_000).outcome, 'complete', 'the preallocated part of a file does not count');
});

test('nothing is sent from logs with a hole, within an epoch or between two', () => {
  const unsuitable = { outcome: 'unsuitable', packets: [] };
  const first = [1, 2, 3].map((counter) => txn(z(3, counter)));
  const second = [1, 2, 3].map((counter) => txn(z(4, counter)));
  const inEpoch = new Leader([...first, txn(z(3, 5)), txn(z(3, 6))]);
  assert.deepEqual(inEpoch.send(z(3, 2), 1), unsuitable);
  // Transaction (3, 3) was never committed. The later transactions of epoch 3 came in a leader's snapshot, so the logs
  // do not hold them.
  const between = new Leader([...first, ...second], new Set([z(4, 1)]));
  between.snapshot(z(3, 5));
  assert.deepEqual(between.send(z(3, 2), 1), unsuitable);
  assert.equal(between.send(z(4, 1), 1).outcome, 'complete');
});

test('transactions before the oldest snapshot are not sent, because a hole in them would not be noticed', () => {
  const leader = new Leader(Array.from({ length: 9 }, (_, index) => txn(z(1, index + 1))));
  leader.snapshot(z(1, 4));
  leader.disk.remove(`${files}/snapshot.0`);
  assert.equal(leader.send(z(1, 3), 1).outcome, 'no log');
  assert.equal(leader.send(z(1, 4), 1).outcome, 'complete');
});

test('a log that is purged or cannot be read ends the difference', () => {
  const history = Array.from({ length: 30 }, (_, index) => txn(z(1, index + 1), 30_000));
  const leader = new Leader(history, new Set([z(1, 10), z(1, 20)]));
  const open = leader.disk.open.bind(leader.disk);
  leader.disk.open = (path, mode) => {
    if (path.endsWith('log.100000014')) throw new DiskError('EIO', 'open', path);
    return open(path, mode);
  };
  assert.equal(leader.send(z(1, 2), 1).outcome, 'no log', 'the sizes of the logs are unknown');
  leader.disk.open = open;
  const difference = leader.difference(z(1, 2), 1)!;
  while (difference.next()!.length === 0);
  leader.disk.remove(`${files}/log.100000014`);
  while (difference.next() !== undefined);
  assert.equal(difference.outcome, 'broken');
});

test('transactions in memory need not be in the logs yet, unless an epoch has ended in between', () => {
  const history = [txn(z(1, 1)), txn(z(1, 2)), txn(z(1, 3)), txn(z(1, 4))];
  const leader = new Leader(history.slice(0, 3));
  const walk = () => LogWalk.from(leader.disk, directories, z(1, 2))!;
  const outcomeWith = (remembered: Txn) => {
    const difference = new LoggedDifference(walk(), z(1, 2), [remembered], Number.POSITIVE_INFINITY);
    while (difference.next() !== undefined);
    return difference.outcome;
  };
  assert.equal(outcomeWith(history[3]!), 'complete');
  assert.equal(outcomeWith(txn(z(2, 1))), 'unsuitable');
});
