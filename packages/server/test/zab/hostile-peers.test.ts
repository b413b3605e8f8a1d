import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid, OpCode, putTxnHeader, Writer } from '@nodekeeper/protocol';
import { encodeHello } from '../../src/zab/election-hello.js';
import { encodeForwarded, encodePacket, PacketType } from '../../src/zab/packets.js';
import { call, callAsVoter, electionMessage, followerInfo, joinAs, PlayedLeader } from '../support/impostor.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

const electionPort = 3888;
const quorumPort = 2888;

/** Starts servers 1 and 2 of three and waits until they serve. Server 3 does not run, so that the test can play it. */
function servingWithout3(): { ensemble: TestEnsemble; leader: TestMember } {
  const ensemble = new TestEnsemble(3);
  ensemble.member(1).start();
  ensemble.member(2).start();
  return { ensemble, leader: ensemble.untilServing() };
}

function warnings({ logged }: TestMember, work: () => void): string[] {
  const before = logged.length;
  work();
  return logged.slice(before).filter((line) => /^(WARN|INFO Learner connection closed)/.test(line));
}

/** Asserts that no server has failed, that the leader has not changed, and that the leader accepts a write. */
function assertUnharmed(ensemble: TestEnsemble, leader: TestMember): void {
  for (const { failure, name } of ensemble.members) assert.equal(failure, undefined, name);
  assert.equal(ensemble.leader, leader, ensemble.story());
  const client = ensemble.connect(leader.id);
  ensemble.settle();
  assert.equal(client.set('/', null).err, 0);
}

/** Encodes a hello from its fields, which may be invalid. */
function hello(version: bigint, id: bigint, address: string): Buffer {
  const head = Buffer.alloc(20);
  head.writeBigInt64BE(version, 0);
  head.writeBigInt64BE(id, 8);
  head.writeInt32BE(address.length, 16);
  return Buffer.concat([head, Buffer.from(address)]);
}

for (const [what, bytes, reason] of [
  ['port 99999', hello(-65_536n, 0n, '127.0.0.1:99999'), /with a port from 1 to 65535/],
  ['port 0', hello(-65_536n, 0n, '127.0.0.1:0'), /with a port from 1 to 65535/],
  ['a port of 30 digits', hello(-65_536n, 0n, `127.0.0.1:${'9'.repeat(30)}`), /with a port from 1 to 65535/],
  ['a negative id', hello(-65_536n, -7n, 's9:3888'), /-7 is not a valid server id/],
  ['an id that no number can hold exactly', hello(-65_536n, 2n ** 60n + 1n, 's9:3888'), /is not a valid server id/],
] as const) {
  test(`an election hello with ${what} closes the connection of its sender`, () => {
    const { ensemble, leader } = servingWithout3();
    for (const member of [ensemble.member(1), ensemble.member(2)]) {
      const lines = warnings(member, () => assert(call(ensemble, member, electionPort, bytes).isClosed));
      assert.equal(lines.length, 1, lines.join('\n'));
      assert.match(lines[0]!, reason);
    }
    assertUnharmed(ensemble, leader);
  });
}

function request(type: number): Buffer {
  const body = Buffer.alloc(0);
  return encodePacket(PacketType.request, -1, encodeForwarded({ sessionId: 1n, cxid: 1, type, body }));
}

for (const [what, packet, reason] of [
  ['a REQUEST that is a read', request(OpCode.exists), /REQUEST with the op code 3, which is not a write/],
  ['a REQUEST of an unknown op code', request(999), /REQUEST with the op code 999/],
  ['a REQUEST that is an error', request(OpCode.error), /REQUEST with the op code -1/],
  ['a REQUEST without a header', encodePacket(PacketType.request, -1, Buffer.alloc(3)), /more bytes/],
  ['a REVALIDATE without a session', encodePacket(PacketType.revalidate, -1), /REVALIDATE without a session/],
  ['a PROPOSAL', encodePacket(PacketType.proposal, 5), /a learner does not send/],
  ['an ACK without a proposal', encodePacket(PacketType.ack, makeZxid(1, 77)), /ACK of .* was not proposed/],
  [
    'a zxid that no number can hold exactly',
    Buffer.from(`00000003${'7f'.repeat(8)}`.padEnd(40, 'f'), 'hex'),
    /with the zxid/,
  ],
  ['a negative length', Buffer.from(`00000003${'00'.repeat(8)}fffffff0ffffffff`, 'hex'), /negative length/],
] as const) {
  test(`a leader closes the connection of a follower that sends ${what}, and continues to lead`, () => {
    const { ensemble, leader } = servingWithout3();
    const line = joinAs(ensemble, leader, 3);
    assert.equal(line.isClosed, false, ensemble.story());
    const lines = warnings(leader, () => line.say(packet));
    assert.equal(line.isClosed, true);
    assert.match(lines.join('\n'), reason);
    assertUnharmed(ensemble, leader);
  });
}

test('a leader answers a check outside a multi, which a Java follower forwards, with an error and keeps the connection', () => {
  const { ensemble, leader } = servingWithout3();
  const line = joinAs(ensemble, leader, 3);
  const before = leader.database.tree.lastZxid;
  line.say(request(OpCode.check));
  assert.equal(line.isClosed, false, ensemble.story());
  assert.equal(leader.database.tree.lastZxid, before + 1, 'an error txn');
  assertUnharmed(ensemble, leader);
});

/** Encodes a transaction: its TxnHeader and then its body. */
function txn(zxid: number, type: number, body: Buffer, timeMs = 1): Buffer {
  const out = new Writer(64);
  putTxnHeader(out, 1n, 1, zxid, timeMs, type);
  return Buffer.concat([out.view(), body]);
}

function text(value: string): Buffer {
  const out = new Writer(64);
  out.ustring(value);
  return out.view();
}

const zxid = makeZxid(1, 1);
const nestedMulti = Buffer.concat([Buffer.from('000000010000000e00000004', 'hex'), Buffer.alloc(4)]);

for (const [what, data, reason] of [
  ['of noise', Buffer.alloc(60, 0xa5), /holds a transaction with the zxid/],
  ['of an unknown type', txn(zxid, 77, Buffer.alloc(20)), /transaction of unknown type 77/],
  ['that is empty', Buffer.alloc(0), /more bytes/],
  ['of another zxid', txn(zxid + 1, OpCode.error, Buffer.alloc(4)), /holds a transaction with the zxid 0x100000002/],
  ['whose body is cut short', txn(zxid, OpCode.create, text('/a')), /not a valid transaction of the type create/],
  ['that deletes the root', txn(zxid, OpCode.delete, text('/')), /'\/' is not the path of a node below the root/],
  ['with an invalid path', txn(zxid, OpCode.delete, text('a//b')), /'a\/\/b' is not the path/],
  ['of a multi in a multi', txn(zxid, OpCode.multi, nestedMulti), /a part of type 14/],
  [
    'from a time that no number can hold exactly',
    txn(zxid, OpCode.error, Buffer.alloc(4), 2 ** 60),
    /has the invalid time/,
  ],
] as const) {
  for (const type of ['proposal', 'inform'] as const) {
    test(`a leader's ${type} ${what} ends the term, and the follower stores nothing of it`, () => {
      const ensemble = new TestEnsemble(3);
      const follower = ensemble.member(1);
      follower.start();
      const leader = new PlayedLeader(ensemble);
      leader.synchronise();
      assert.equal(follower.clients.isServing, true, ensemble.story());
      leader.say(PacketType[type], zxid, data);
      ensemble.advance(1000);
      assert.equal(follower.failure, undefined);
      assert.match(follower.logged.join('\n'), reason);
      assert.match(follower.logged.join('\n'), /The term is over: the leader violates the protocol/);
      follower.stop();
      follower.start();
      ensemble.settle();
      assert.equal(follower.replica.lastZxid, 0, 'it starts again, as it was');
    });
  }
}

for (const [what, say, reason] of [
  ['commits without a proposal', (leader) => leader.say(PacketType.commit, zxid), /but no proposal is outstanding/],
  ['sends NEWLEADER twice', (leader) => leader.say(PacketType.newLeader, makeZxid(1, 0)), /NEWLEADER came twice/],
  ['sends UPTODATE twice', (leader) => leader.say(PacketType.upToDate, -1), /UPTODATE came before/],
  [
    'answers REVALIDATE in three bytes',
    (leader) => leader.say(PacketType.revalidate, -1, Buffer.alloc(3)),
    /more bytes/,
  ],
  ['sends a packet that only learners send', (leader) => leader.sayBytes(followerInfo(3)), /a leader does not send/],
  [
    'proposes for a later epoch than its own',
    (leader) => leader.say(PacketType.proposal, makeZxid(2, 1), txn(makeZxid(2, 1), OpCode.error, Buffer.alloc(4))),
    /later epoch than the leader's/,
  ],
] as readonly (readonly [string, (leader: PlayedLeader) => void, RegExp])[]) {
  test(`a follower leaves a leader that ${what}, and its process continues`, () => {
    const ensemble = new TestEnsemble(3);
    const follower = ensemble.member(1);
    follower.start();
    const leader = new PlayedLeader(ensemble);
    leader.synchronise();
    say(leader);
    ensemble.advance(1000);
    assert.equal(follower.failure, undefined);
    assert.match(follower.logged.join('\n'), reason);
    assert.equal(follower.replica.lastZxid, 0);
  });
}

for (const [what, bytes] of [
  ['of noise', Buffer.alloc(200, 0xa5)],
  ['that claims -7 sessions', Buffer.from('fffffff9', 'hex')],
  ['with a node that has no parent', Buffer.concat([Buffer.alloc(8), text('/a/b'), Buffer.alloc(4), Buffer.alloc(68)])],
  ['with an invalid path', Buffer.concat([Buffer.alloc(8), text('a'), Buffer.alloc(4), Buffer.alloc(68)])],
  [
    'with an ACL number that no number can hold exactly',
    Buffer.concat([Buffer.alloc(8), text(''), Buffer.alloc(4), Buffer.alloc(8, 0x7f), Buffer.alloc(60)]),
  ],
] as const) {
  test(`a leader's snapshot ${what} ends the term, and the follower stores nothing of it`, () => {
    const ensemble = new TestEnsemble(3);
    const follower = ensemble.member(1);
    follower.start();
    const leader = new PlayedLeader(ensemble);
    leader.offerEpoch(1);
    leader.say(PacketType.snap, 0);
    leader.sayBytes(bytes);
    ensemble.advance(1000);
    assert.equal(follower.failure, undefined);
    assert.match(follower.logged.join('\n'), /The term is over: the leader violates the protocol/);
    follower.stop();
    follower.start();
    ensemble.settle();
    assert.equal(follower.database.tree.count, 4, 'it starts again, as it was');
  });
}

test('an unknown server is forgotten when it disconnects, and at most 100 unknown servers are connected at once', () => {
  const { ensemble, leader } = servingWithout3();
  const callers = Array.from({ length: 105 }, (_, index) =>
    call(ensemble, leader, electionPort, encodeHello(100 + index, [{ host: 's9', port: 1 }])),
  );
  assert.deepEqual(
    callers.map(({ isClosed }) => isClosed),
    callers.map((_, index) => index >= 100),
  );
  assert.match(leader.logged.at(-1)!, /100 servers that are not in the configuration are connected/);
  ensemble.peers.reset(leader.name, 'stranger');
  ensemble.advance(100);
  assert.equal(call(ensemble, leader, electionPort, encodeHello(300, [{ host: 's9', port: 1 }])).isClosed, false);
  const large = Buffer.from('00010001', 'hex');
  assert.equal(call(ensemble, leader, electionPort, encodeHello(301, [{ host: 's9', port: 1 }]), large).isClosed, true);
  assertUnharmed(ensemble, leader);
});

test('election messages of every length, and random bytes, at most close the connection', () => {
  const { ensemble, leader } = servingWithout3();
  const whole = electionMessage({ config: 'server.1=s1:1:2\nversion=ff' }).subarray(4);
  for (let length = 0; length <= whole.length; length++) {
    const head = Buffer.alloc(4);
    head.writeInt32BE(length);
    callAsVoter(ensemble, leader, 3).say(Buffer.concat([head, whole.subarray(0, length)]));
  }
  callAsVoter(ensemble, leader, 3).say(Buffer.alloc(500, 0xa5));
  callAsVoter(ensemble, leader, 3).say(Buffer.from('7fffffff', 'hex'));
  call(ensemble, leader, electionPort, encodeHello(2 ** 53 - 1, [{ host: 's9', port: 1 }]), Buffer.alloc(99));
  call(ensemble, leader, quorumPort, Buffer.alloc(0));
  assertUnharmed(ensemble, leader);
});
