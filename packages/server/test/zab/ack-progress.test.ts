import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JointQuorums, MajorityQuorums } from '../../src/membership/quorum-verifier.js';
import { AckProgress } from '../../src/zab/ack-progress.js';
import { arbitraryQuorums } from '../membership/arbitraries.js';

test('a quorum has a zxid when each of its servers has it, in any order of the acknowledgements', () => {
  const progress = new AckProgress();
  const three = new MajorityQuorums([1, 2, 3]);
  assert.equal(progress.quorumZxid(three), -1);
  progress.acked(1, 10);
  assert.equal(progress.quorumZxid(three), -1);
  progress.acked(2, 7);
  assert.equal(progress.quorumZxid(three), 7);
  progress.acked(3, 9);
  assert.equal(progress.quorumZxid(three), 9);
  progress.acked(2, 3);
  assert.equal(progress.quorumZxid(three), 9, 'an acknowledgement is not taken back');
});

test('with two configurations, the quorum zxid is the lower one of their quorum zxids', () => {
  const progress = new AckProgress();
  const joint = new JointQuorums(new MajorityQuorums([1, 2, 3]), new MajorityQuorums([3, 4, 5]));
  progress.acked(1, 10);
  progress.acked(2, 10);
  assert.equal(progress.quorumZxid(joint), -1);
  progress.acked(4, 8);
  progress.acked(3, 6);
  assert.equal(progress.quorumZxid(joint), 6);
  progress.acked(5, 9);
  assert.equal(progress.quorumZxid(joint), 8);
});

const ids = (count: number, first = 1) => Array.from({ length: count }, (_, index) => first + index);
const anyQuorums = fc.oneof(
  arbitraryQuorums(ids(5)),
  fc.tuple(arbitraryQuorums(ids(4)), arbitraryQuorums(ids(4, 3))).map(([one, other]) => new JointQuorums(one, other)),
);
const anyAcks = fc.array(fc.record({ serverId: fc.integer({ min: 1, max: 7 }), zxid: fc.integer({ min: 1, max: 9 }) }));

test('the quorum zxid is the last one that a quorum has, with weights, groups and two configurations', () => {
  fc.assert(
    fc.property(anyQuorums, anyAcks, (quorums, acks) => {
      const progress = new AckProgress();
      for (const { serverId, zxid } of acks) progress.acked(serverId, zxid);
      const holdersOf = (zxid: number) => new Set(acks.filter((ack) => ack.zxid >= zxid).map((ack) => ack.serverId));
      const held = ids(9).filter((zxid) => quorums.containsQuorum(holdersOf(zxid)));
      assert.equal(progress.quorumZxid(quorums), held.at(-1) ?? -1);
    }),
  );
});
