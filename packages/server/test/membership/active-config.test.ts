import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActiveConfig, createMember, EnsembleConfig } from '../../src/membership/index.js';

/** A configuration with these voters and one observer. */
function configOf(version: number, voters: readonly number[], observer: number): EnsembleConfig {
  const address = (id: number) => ({ host: `s${id}`, quorumPort: 1, electionPort: 2 });
  const members = voters.map((id) => createMember(id, [address(id)]));
  return new EnsembleConfig(
    [...members, createMember(observer, [address(observer)], { role: 'observer' })],
    null,
    version,
  );
}

const before = configOf(1, [1, 2, 3], 8);
const after = configOf(2, [3, 4, 5], 9);
const isQuorum = (config: ActiveConfig, ...ids: number[]) => config.isQuorum(new Set(ids));

test('without a reconfiguration the committed configuration decides alone', () => {
  const config = new ActiveConfig(before);
  assert.equal(config.committed, before);
  assert.equal(config.proposed, undefined);
  assert.deepEqual([isQuorum(config, 1, 2), isQuorum(config, 3, 4, 5)], [true, false]);
  assert.deepEqual(
    [1, 8, 4, 9].map((id) => config.isMember(id)),
    [true, true, false, false],
  );
  assert.deepEqual(
    [1, 8, 4, 9].map((id) => config.isVoter(id)),
    [true, false, false, false],
  );
});

test('a proposed configuration needs quorums of itself and of the committed one, and its servers take part', () => {
  const config = new ActiveConfig(before);
  config.propose(after);
  assert.deepEqual([config.committed, config.proposed], [before, after]);
  assert.deepEqual(
    [isQuorum(config, 1, 2), isQuorum(config, 4, 5), isQuorum(config, 1, 2, 4, 5)],
    [false, false, true],
  );
  assert.deepEqual(
    [1, 8, 4, 9, 7].map((id) => config.isMember(id)),
    [true, true, true, true, false],
  );
  assert.deepEqual(
    [1, 8, 4, 9].map((id) => config.isVoter(id)),
    [true, false, true, false],
  );
  assert.equal(config.member(3), before.members.get(3), 'the committed configuration describes it');
  assert.equal(config.member(4), after.members.get(4));
});

test('a committed configuration decides alone; earlier proposals keep their quorums', () => {
  const config = new ActiveConfig(before);
  config.propose(after);
  const { quorums } = config;
  config.commit(after);
  assert.deepEqual([config.committed, config.proposed], [after, undefined]);
  assert.deepEqual([isQuorum(config, 1, 2), isQuorum(config, 4, 5)], [false, true]);
  assert.equal(config.isMember(1), false);
  assert.equal(quorums.containsQuorum(new Set([4, 5])), false);
});

test('only one configuration is proposed at a time, with a later version than the committed one', () => {
  const config = new ActiveConfig(after);
  assert.throws(() => config.propose(before), /configuration 1 is proposed after 2/);
  assert.throws(() => config.propose(after), /configuration 2 is proposed after 2/);
  config.propose(configOf(3, [1], 2));
  assert.throws(() => config.propose(configOf(4, [1], 2)), /configuration 4 is proposed after 3/);
  assert.equal(config.proposed?.version, 3);
});
