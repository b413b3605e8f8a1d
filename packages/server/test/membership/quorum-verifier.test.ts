import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AckTracker } from '../../src/membership/ack-tracker.js';
import { HierarchicalQuorums, MajorityQuorums, type QuorumVerifier } from '../../src/membership/quorum-verifier.js';
import { arbitraryGroups } from './arbitraries.js';

const set = (...ids: number[]) => new Set(ids);
const ids = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

function hierarchy(groups: Record<number, number[]>, weights: Record<number, number> = {}): HierarchicalQuorums {
  const groupOf = new Map(Object.entries(groups).flatMap(([group, all]) => all.map((id) => [id, Number(group)])));
  const voters = [...groupOf.keys()];
  return new HierarchicalQuorums(voters, { groupOf, weights: new Map(voters.map((id) => [id, weights[id] ?? 1])) });
}

test('4.8.3: a majority is more than half of the voters; observers and strangers are not counted', () => {
  const three = new MajorityQuorums([1, 2, 3]);
  assert.equal(three.containsQuorum(set(1, 2)), true);
  assert.equal(three.containsQuorum(set(1, 8, 9)), false);
  assert.equal(new MajorityQuorums([1, 2, 3, 4]).containsQuorum(set(1, 2)), false);
  assert.equal(new MajorityQuorums([1]).containsQuorum(set(1)), true);
  assert.equal(new MajorityQuorums([]).containsQuorum(set()), false);
  assert.equal(three.weight(), 1);
});

test('4.8.4: more than half of the weight in more than half of the groups', () => {
  const nine = hierarchy({ 1: [1, 2, 3], 2: [4, 5, 6], 3: [7, 8, 9] });
  assert.equal(nine.containsQuorum(set(1, 2, 4, 5)), true);
  assert.equal(nine.containsQuorum(set(1, 2, 3, 4, 7)), false);
  const heavy = hierarchy({ 1: [1, 2, 3] }, { 1: 5, 2: 2, 3: 2 });
  assert.equal(heavy.containsQuorum(set(1)), true);
  assert.equal(heavy.containsQuorum(set(2, 3)), false);
});

test('4.8.4: groups without weight do not count, their servers are never elected', () => {
  const zero = hierarchy({ 1: [1, 2, 3], 2: [4, 5, 6], 3: [7, 8, 9] }, { 7: 0, 8: 0, 9: 0 });
  assert.equal(zero.containsQuorum(set(1, 2, 4, 5)), true);
  assert.equal(zero.containsQuorum(set(1, 2, 7, 8, 9)), false);
  assert.equal(zero.weight(7), 0);
  assert.equal(zero.weight(99), 0);
});

test('4.8.4: a weighted server of a group that does not vote makes quorums harder, never easier', () => {
  const groups = {
    groupOf: new Map([1, 2, 3, 4].map((id) => [id, 1])),
    weights: new Map([1, 2, 3, 4].map((id) => [id, 1])),
  };
  const verifier = new HierarchicalQuorums([1, 2, 3], groups);
  assert.equal(verifier.containsQuorum(set(1, 2, 4)), false);
  assert.equal(verifier.containsQuorum(set(1, 2, 3)), true);
});

/** Any verifier of up to nine voters. */
const anyVerifier: fc.Arbitrary<QuorumVerifier> = fc.integer({ min: 1, max: 9 }).chain((count) => {
  const voters = ids(count);
  return fc.oneof(
    fc.constant(new MajorityQuorums(voters)),
    arbitraryGroups(voters).map((groups) => new HierarchicalQuorums(voters, groups)),
  );
});
const anySet = fc.uniqueArray(fc.integer({ min: 1, max: 12 })).map((all) => new Set(all));

test('any two quorums share a voter', () => {
  fc.assert(
    fc.property(anyVerifier, (verifier) => {
      for (let mask = 0; mask < 2 ** verifier.voters.size; mask++) {
        const some = new Set([...verifier.voters].filter((_, index) => mask & (1 << index)));
        const others = new Set([...verifier.voters].filter((id) => !some.has(id)));
        assert.equal(verifier.containsQuorum(some) && verifier.containsQuorum(others), false);
      }
    }),
    { numRuns: 60 },
  );
});

test('all voters are a quorum, nobody is none, and more acknowledgements never undo one', () => {
  fc.assert(
    fc.property(anyVerifier, anySet, anySet, (verifier, some, more) => {
      assert.equal(verifier.containsQuorum(new Set(verifier.voters)), true);
      assert.equal(verifier.containsQuorum(new Set()), false);
      if (verifier.containsQuorum(some)) assert.equal(verifier.containsQuorum(new Set([...some, ...more])), true);
    }),
  );
});

test('equal weights in one group are a majority', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), anySet, (count, weight, acks) => {
      const one = hierarchy({ 7: ids(count) }, Object.fromEntries(ids(count).map((id) => [id, weight])));
      assert.equal(one.containsQuorum(acks), new MajorityQuorums(ids(count)).containsQuorum(acks));
    }),
  );
});

test('acknowledgements need a quorum of the current and of the next configuration', () => {
  const tracker = new AckTracker([new MajorityQuorums([1, 2, 3]), new MajorityQuorums([3, 4, 5])]);
  assert.equal(tracker.addAck(9), false);
  assert.equal(tracker.addAck(1), true);
  assert.equal(tracker.addAck(2), true);
  assert.equal(tracker.hasAllQuorums(), false);
  assert.equal(tracker.addAck(4), true);
  assert.equal(tracker.addAck(4), true);
  assert.equal(tracker.hasAllQuorums(), false);
  assert.equal(tracker.addAck(3), true);
  assert.equal(tracker.hasAllQuorums(), true);
  assert.deepEqual(tracker.acks, set(1, 2, 4, 3));
  assert.deepEqual(
    [1, 3, 4].map((id) => tracker.isVoterInAll(id)),
    [false, true, false],
  );
});
