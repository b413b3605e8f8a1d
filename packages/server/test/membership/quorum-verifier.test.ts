import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HierarchicalQuorums, JointQuorums, MajorityQuorums } from '../../src/membership/quorum-verifier.js';
import { arbitraryQuorums } from './arbitraries.js';

const set = (...ids: number[]) => new Set(ids);
const ids = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

function hierarchy(groups: Record<number, number[]>, weights: Record<number, number> = {}): HierarchicalQuorums {
  const groupOf = new Map(Object.entries(groups).flatMap(([group, all]) => all.map((id) => [id, Number(group)])));
  const voters = [...groupOf.keys()];
  return new HierarchicalQuorums(voters, { groupOf, weights: new Map(voters.map((id) => [id, weights[id] ?? 1])) });
}

test('4.8.3: a majority is more than half of the voters; observers and unknown servers are not counted', () => {
  const three = new MajorityQuorums([1, 2, 3]);
  assert.equal(three.containsQuorum(set(1, 2)), true);
  assert.equal(three.containsQuorum(set(1, 8, 9)), false);
  assert.equal(new MajorityQuorums([1, 2, 3, 4]).containsQuorum(set(1, 2)), false);
  assert.equal(new MajorityQuorums([1]).containsQuorum(set(1)), true);
  assert.equal(new MajorityQuorums([]).containsQuorum(set()), false);
  assert.equal(three.weight(), 1);
});

test('4.8.4: a quorum has more than half of the weight in more than half of the groups', () => {
  const nine = hierarchy({ 1: [1, 2, 3], 2: [4, 5, 6], 3: [7, 8, 9] });
  assert.equal(nine.containsQuorum(set(1, 2, 4, 5)), true);
  assert.equal(nine.containsQuorum(set(1, 2, 3, 4, 7)), false);
  const heavy = hierarchy({ 1: [1, 2, 3] }, { 1: 5, 2: 2, 3: 2 });
  assert.equal(heavy.containsQuorum(set(1)), true);
  assert.equal(heavy.containsQuorum(set(2, 3)), false);
});

test('4.8.4: groups without weight do not count, and their servers are never elected', () => {
  const zero = hierarchy({ 1: [1, 2, 3], 2: [4, 5, 6], 3: [7, 8, 9] }, { 7: 0, 8: 0, 9: 0 });
  assert.equal(zero.containsQuorum(set(1, 2, 4, 5)), true);
  assert.equal(zero.containsQuorum(set(1, 2, 7, 8, 9)), false);
  assert.equal(zero.weight(7), 0);
  assert.equal(zero.weight(99), 0);
});

test('4.8.4: a server with weight in a group without votes makes quorums harder, never easier', () => {
  const groups = {
    groupOf: new Map([1, 2, 3, 4].map((id) => [id, 1])),
    weights: new Map([1, 2, 3, 4].map((id) => [id, 1])),
  };
  const verifier = new HierarchicalQuorums([1, 2, 3], groups);
  assert.equal(verifier.containsQuorum(set(1, 2, 4)), false);
  assert.equal(verifier.containsQuorum(set(1, 2, 3)), true);
});

/** Generates a quorum rule for one to nine voters, whose ids start at 1. */
const anyVerifier = fc.integer({ min: 1, max: 9 }).chain((count) => arbitraryQuorums(ids(count)));
const anySet = fc.uniqueArray(fc.integer({ min: 1, max: 12 })).map((all) => new Set(all));

test('any two quorums share a voter', () => {
  fc.assert(
    fc.property(anyVerifier, (verifier) => {
      for (const some of subsets(verifier.voters)) {
        const others = new Set([...verifier.voters].filter((id) => !some.has(id)));
        assert.equal(verifier.containsQuorum(some) && verifier.containsQuorum(others), false);
      }
    }),
    { numRuns: 60 },
  );
});

test('all voters are a quorum, no voters are none, and more acknowledgements never undo one', () => {
  fc.assert(
    fc.property(anyVerifier, anySet, anySet, (verifier, some, more) => {
      assert.equal(verifier.containsQuorum(new Set(verifier.voters)), true);
      assert.equal(verifier.containsQuorum(new Set()), false);
      if (verifier.containsQuorum(some)) assert.equal(verifier.containsQuorum(new Set([...some, ...more])), true);
    }),
  );
});

test('one group with equal weights works like a majority', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), anySet, (count, weight, acks) => {
      const one = hierarchy({ 7: ids(count) }, Object.fromEntries(ids(count).map((id) => [id, weight])));
      assert.equal(one.containsQuorum(acks), new MajorityQuorums(ids(count)).containsQuorum(acks));
    }),
  );
});

test('a quorum of two configurations is a quorum of each of them', () => {
  const joint = new JointQuorums(new MajorityQuorums([1, 2, 3]), new MajorityQuorums([3, 4, 5]));
  assert.deepEqual(joint.voters, set(1, 2, 3, 4, 5));
  assert.equal(joint.containsQuorum(set(1, 2)), false, 'a quorum of the first only');
  assert.equal(joint.containsQuorum(set(4, 5)), false, 'a quorum of the second only');
  assert.equal(joint.containsQuorum(set(1, 2, 4)), false);
  assert.equal(joint.containsQuorum(set(1, 2, 4, 9)), false, 'server 9 votes in neither');
  assert.equal(joint.containsQuorum(set(1, 2, 3, 4)), true);
  assert.equal(joint.containsQuorum(set(1, 3, 4)), true, 'server 3 counts in both');
});

test('a quorum of two configurations respects the weights and groups of each of them', () => {
  const before = hierarchy({ 1: [1, 2, 3] }, { 1: 5, 2: 2, 3: 2 });
  const after = hierarchy({ 1: [1, 4, 5], 2: [6], 3: [7] }, { 1: 0, 7: 0 });
  const joint = new JointQuorums(before, after);
  assert.equal(
    joint.containsQuorum(set(1, 6)),
    false,
    'server 1 alone decides in the first, and has no weight in the second',
  );
  assert.equal(joint.containsQuorum(set(2, 3, 4, 5, 6, 7)), false, 'a quorum of the second, not of the first');
  assert.equal(joint.containsQuorum(set(1, 4, 5, 7)), false, 'one of the two groups with weight');
  assert.equal(joint.containsQuorum(set(1, 4, 5, 6)), true);
});

/** Generates the quorum rules of two configurations, which may have voters in common. */
const anyTwo = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 4 }))
  .chain(([one, other, shift]) =>
    fc.tuple(arbitraryQuorums(ids(one)), arbitraryQuorums(ids(other).map((id) => id + shift))),
  );

function* subsets(all: Iterable<number>): Iterable<Set<number>> {
  const list = [...all];
  for (let mask = 0; mask < 2 ** list.length; mask++) yield new Set(list.filter((_, index) => mask & (1 << index)));
}

test('a quorum of two configurations shares a voter with each quorum of either, so no quorum can decide otherwise', () => {
  fc.assert(
    fc.property(anyTwo, ([one, other]) => {
      const joint = new JointQuorums(one, other);
      assert.equal(joint.containsQuorum(new Set(joint.voters)), true, 'all voters are a quorum');
      for (const some of subsets(joint.voters)) {
        if (!joint.containsQuorum(some)) continue;
        const rest = new Set([...joint.voters].filter((id) => !some.has(id)));
        assert.equal(one.containsQuorum(rest) || other.containsQuorum(rest), false);
      }
    }),
  );
});
