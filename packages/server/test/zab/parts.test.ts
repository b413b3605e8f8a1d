import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid, Writer, writeACL, writeVector } from '@nodekeeper/protocol';
import fc from 'fast-check';
import { SnapshotDecoder } from '../../src/storage/index.js';
import { CommittedLog } from '../../src/zab/committed-log.js';
import { decodeHello, encodeHello } from '../../src/zab/election-hello.js';
import { PacketStream } from '../../src/zab/packet-stream.js';
import { encodePacket, type Packet } from '../../src/zab/packets.js';
import { planSync } from '../../src/zab/sync-plan.js';
import { SyncQueue } from '../../src/zab/sync-queue.js';

const bytes = Buffer.from('txn');

function logOf(...zxids: number[]): CommittedLog {
  const log = new CommittedLog(500);
  for (const zxid of zxids) log.add(zxid, bytes);
  return log;
}

const z = makeZxid;
const noLogs = () => undefined;

test("a learner gets DIFF, TRUNC or SNAP by its last zxid and by the transactions in the leader's memory", () => {
  const log = logOf(z(1, 5), z(1, 6), z(1, 7), z(2, 1), z(2, 2));
  const plan = (peerZxid: number, lastProcessed = z(2, 2)) => planSync(peerZxid, lastProcessed, log, noLogs);
  assert.deepEqual(plan(z(2, 2)), { kind: 'diff', zxid: z(2, 2), from: 5 });
  assert.deepEqual(plan(z(1, 6)), { kind: 'diff', zxid: z(2, 2), from: 2 });
  assert.deepEqual(plan(z(2, 0)), { kind: 'diff', zxid: z(2, 2), from: 3 }, 'an epoch without a transaction');
  assert.deepEqual(plan(z(2, 9)), { kind: 'trunc', zxid: z(2, 2), from: 5 });
  assert.deepEqual(plan(z(3, 0), z(3, 0)), { kind: 'diff', zxid: z(3, 0), from: 5 });
  assert.deepEqual(plan(z(1, 4)), { kind: 'snap' }, 'older than the transactions in memory');
});

test('R-21 ZK-1154 a learner whose zxid the leader does not have gets a SNAP, never a DIFF', () => {
  const log = logOf(z(1, 5), z(1, 6), z(2, 1), z(2, 2), z(2, 3));
  assert.deepEqual(
    planSync(z(1, 9), z(2, 3), log, noLogs),
    { kind: 'snap' },
    'its last zxid is of an epoch that has ended',
  );
  const sparse = logOf(z(7, 1), z(7, 2), z(8, 1));
  assert.deepEqual(planSync(z(7, 4), z(8, 1), sparse, noLogs), { kind: 'snap' });
});

test('R-18 ZK-4352 a server without data gets everything', () => {
  assert.deepEqual(planSync(0, z(1, 3), logOf(z(1, 1), z(1, 2), z(1, 3)), noLogs), { kind: 'snap' });
  assert.deepEqual(planSync(0, 0, new CommittedLog(500), noLogs), { kind: 'diff', zxid: 0, from: 0 });
});

test('a learner with the transaction just before those in memory gets exactly those in memory', () => {
  const log = new CommittedLog(2);
  log.startBehind(z(1, 4));
  assert.deepEqual(planSync(z(1, 4), z(2, 0), log, noLogs), { kind: 'diff', zxid: z(1, 4), from: 0 });
  assert.deepEqual(planSync(z(1, 3), z(2, 0), log, noLogs), { kind: 'snap' });
  assert.throws(() => log.add(z(1, 6), bytes), /transactions between them are missing/);
  for (const counter of [1, 2, 3]) log.add(z(2, counter), bytes);
  assert.deepEqual(planSync(z(2, 1), z(2, 3), log, noLogs), { kind: 'diff', zxid: z(2, 3), from: 0 });
  assert.deepEqual(planSync(z(1, 4), z(2, 3), log, noLogs), { kind: 'snap' });
  const fresh = new CommittedLog(2);
  fresh.startBehind(0);
  assert.deepEqual(planSync(0, z(1, 0), fresh, noLogs), { kind: 'snap' }, 'R-18: 0 asks for everything');
});

test('R-10 ZK-4925 the committed log has no holes, and keeps the latest transactions', () => {
  const log = logOf(z(1, 1), z(1, 2));
  assert.throws(() => log.add(z(1, 4), bytes), /transactions between them are missing/);
  assert.throws(() => log.add(z(2, 2), bytes), /transactions between them are missing/);
  log.add(z(2, 1), bytes);
  const short = new CommittedLog(3);
  for (let counter = 1; counter <= 10; counter++) short.add(z(1, counter), bytes);
  assert.deepEqual([short.length, short.minZxid, short.maxZxid], [3, z(1, 8), z(1, 10)]);
});

test('packets are decoded as they were encoded, wherever the stream is cut', () => {
  const packets = [
    encodePacket(2, z(1, 5), Buffer.from('proposal')),
    encodePacket(5, -1),
    encodePacket(1, -1, Buffer.alloc(300, 7), [
      { scheme: 'digest', id: 'bob:x' },
      { scheme: 'ip', id: '127.0.0.1' },
    ]),
    encodePacket(3, 0, Buffer.alloc(0), []),
  ];
  const stream = Buffer.concat(packets);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
      const seen: Buffer[] = [];
      const reader = new PacketStream(({ type, zxid, data, ids }: Packet) => {
        const hasData = data.length > 0 || type === 3;
        seen.push(encodePacket(type, zxid, hasData ? data : undefined, ids.length > 0 || type === 3 ? ids : undefined));
      }, 10_000);
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const chunk = Buffer.from(stream.subarray(at, at + sizes[turn % sizes.length]!));
        at += chunk.length;
        reader.push(chunk);
        chunk.fill(0xee);
      }
      assert.deepEqual(seen, packets);
    }),
  );
});

test('a packet that is too long is refused when its length arrives', () => {
  for (const packet of [
    encodePacket(2, 1, Buffer.alloc(5000)),
    encodePacket(2, 1, undefined, [{ scheme: 'digest', id: 'x'.repeat(1000) }]),
  ]) {
    const reader = new PacketStream(() => {}, 1000);
    assert.throws(() => reader.push(packet.subarray(0, 40)), /more than 1000 bytes/);
  }
});

/** The time limit of a test. The test exceeds this limit if each new byte causes a copy of all bytes before it. */
const patience = { timeout: 30_000 };

function* byteByByte(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}

for (const [what, packet] of [
  ['data', encodePacket(2, 1, Buffer.alloc(4_000_000))],
  ['ids', encodePacket(1, -1, undefined, Array(200_000).fill({ scheme: '', id: 'x' }))],
] as const) {
  test(`a packet with much ${what} that arrives byte by byte costs work in proportion to its length`, patience, () => {
    let count = 0;
    const reader = new PacketStream(() => count++, packet.length);
    for (const byte of byteByByte(packet)) reader.push(byte);
    assert.equal(count, 1);
  });
}

test(
  'a snapshot with a large node and a large ACL that arrives byte by byte costs work in proportion to its length',
  patience,
  () => {
    const out = new Writer(64);
    out.int(0);
    out.int(1);
    out.long(1);
    writeVector(out, Array(100_000).fill({ perms: 31, id: { scheme: 'ip', id: '::1' } }), writeACL);
    out.ustring('');
    out.buffer(Buffer.alloc(3_000_000));
    out.raw(Buffer.alloc(68), 0, 68);
    out.ustring('/');
    out.ustring('BenWasHere');
    const seen: string[] = [];
    const decoder = new SnapshotDecoder({
      session: () => {},
      acl: (key, acl) => void seen.push(`acl ${key}, ${acl.length} entries`),
      node: (_bytes, _pathStart, _pathEnd, start, end) => void seen.push(`data of ${end - start} bytes`),
      digest: () => {},
    });
    let rest: Buffer | undefined;
    for (const byte of byteByByte(out.view())) rest = decoder.push(byte);
    assert.deepEqual(seen, ['acl 1, 100000 entries', 'data of 3000000 bytes']);
    assert.equal(rest?.length, 0);
  },
);

test('a hello names server and addresses; a partial one waits for more, and a malformed one is refused', () => {
  const addresses = [
    { host: '10.0.0.1', port: 3888 },
    { host: '::1', port: 3889 },
  ];
  const hello = encodeHello(3, addresses);
  assert.deepEqual(decodeHello(Buffer.concat([hello, Buffer.from('rest')])), {
    hello: { serverId: 3, addresses },
    bytes: hello.length,
  });
  for (let length = 0; length < hello.length; length++) assert.equal(decodeHello(hello.subarray(0, length)), undefined);
  assert.deepEqual(decodeHello(encodeHello(3, [{ host: '0.0.0.0', port: 1 }]))?.hello.addresses, []);
  const old = Buffer.alloc(8);
  old.writeBigInt64BE(5n);
  assert.deepEqual(decodeHello(old)?.hello, { serverId: 5, addresses: [] });
  old.writeBigInt64BE(-5n);
  assert.throws(() => decodeHello(old), /unknown/);
  const long = Buffer.from(hello);
  long.writeInt32BE(5000, 16);
  assert.throws(() => decodeHello(long), /5000 bytes/);
});

test('C-1 a sync is answered after the proposals before it, and after a quorum has answered a later ping', () => {
  let answeredRound = 0;
  const answered: string[] = [];
  const syncs = new SyncQueue((round) => answeredRound >= round);
  syncs.nextRound();
  answeredRound = 1;
  syncs.add(10, 9, () => answered.push('first'));
  syncs.confirmed();
  assert.equal(answered.length, 0, 'that ping was sent before the sync came');
  assert.equal(syncs.nextRound(), 2);
  answeredRound = 2;
  syncs.confirmed();
  assert.equal(answered.length, 0, 'an earlier proposal is not committed');
  syncs.add(10, 9, () => answered.push('second'));
  syncs.committed(10);
  assert.equal(answered.join(), 'first', 'the second came after the ping');
  syncs.nextRound();
  answeredRound = 3;
  syncs.confirmed();
  assert.equal(answered.join(), 'first,second');
});
