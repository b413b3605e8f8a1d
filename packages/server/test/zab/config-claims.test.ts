import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid } from '@nodekeeper/protocol';
import { PacketType } from '../../src/zab/packets.js';
import { callAsVoter, electionMessage, PlayedLeader } from '../support/impostor.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

const server = (id: number, role = 'participant') => `server.${id}=s${id}:2888:3888:${role}`;
const alone = `${server(1)}\nversion=100000000`;
const withoutOne = [server(2), server(3), 'version=100000000'].join('\n');
const asObserver = [server(1, 'observer'), server(2), server(3), 'version=100000000'].join('\n');

/** Starts member 1 of three. It looks for a leader, because the other members are down. */
function looking(reconfigEnabled: boolean): { ensemble: TestEnsemble; member: TestMember } {
  const ensemble = new TestEnsemble(3, { config: { reconfigEnabled } });
  const member = ensemble.member(1);
  member.start();
  ensemble.settle();
  return { ensemble, member };
}

for (const reconfigEnabled of [false, true]) {
  for (const [what, config] of [
    ['makes the looking server an ensemble of one', alone],
    ['removes this server', withoutOne],
    ['makes this server an observer', asObserver],
    ['is nonsense', 'version=7fffffffffffffff\nserver.1=:::::'],
    ['has two versions', `version=1\n${alone}`],
  ] as const) {
    test(`the configuration in a single vote, which ${what}, changes nothing, with reconfigEnabled=${reconfigEnabled}`, () => {
      const { ensemble, member } = looking(reconfigEnabled);
      const line = callAsVoter(ensemble, member, 2);
      for (let count = 0; count < 5; count++) line.say(electionMessage({ leader: 1, config }));
      ensemble.advance(2000);
      assert.equal(member.failure, undefined);
      assert.equal(member.peer.state, 'looking', ensemble.story());
      assert.doesNotMatch(member.logged.join('\n'), /The configuration is version/);
    });
  }
}

test('without reconfigEnabled, a server ignores the configuration of the votes and of the leader', () => {
  const { ensemble, member } = looking(false);
  for (const id of [2, 3])
    callAsVoter(ensemble, member, id).say(electionMessage({ leader: id, electionEpoch: 0, config: asObserver }));
  const leader = new PlayedLeader(ensemble);
  leader.offerEpoch(1);
  leader.say(PacketType.diff, 0);
  leader.say(PacketType.newLeader, makeZxid(1, 0), Buffer.from(asObserver));
  leader.say(PacketType.upToDate, -1);
  assert.equal(member.view.mode, 'follower');
  assert.doesNotMatch(member.logged.join('\n'), /The configuration is version/);
});

test('with reconfigEnabled, a server adopts the configuration that a quorum votes with, even if it changes its role', () => {
  const { ensemble, member } = looking(true);
  for (const id of [2, 3])
    callAsVoter(ensemble, member, id).say(electionMessage({ leader: id, electionEpoch: 0, config: asObserver }));
  assert.equal(member.failure, undefined);
  assert.match(
    member.logged.join('\n'),
    /The role of this server is now observer, and was participant: correct zoo.cfg/,
  );
  new PlayedLeader(ensemble).synchronise();
  assert.equal(member.view.mode, 'observer', ensemble.story());
});

test("4.6.5 a follower adopts the leader's configuration with UPTODATE, not before a quorum follows", () => {
  const { ensemble, member } = looking(true);
  const leader = new PlayedLeader(ensemble);
  const taken = () => member.logged.some((line) => line.includes('The configuration now has version 100000000'));
  leader.offerEpoch(1);
  leader.say(PacketType.diff, 0);
  leader.say(PacketType.newLeader, makeZxid(1, 0), Buffer.from(asObserver));
  assert.equal(taken(), false);
  leader.say(PacketType.upToDate, -1);
  assert.equal(taken(), true, ensemble.story());
  assert.equal(member.failure, undefined);
  assert.match(member.logged.join('\n'), /The term is over: this server's role has changed with the configuration/);
});

test('a malformed configuration from the leader ends the term, not the process', () => {
  const { ensemble, member } = looking(true);
  const leader = new PlayedLeader(ensemble);
  leader.offerEpoch(1);
  leader.say(PacketType.diff, 0);
  leader.say(PacketType.newLeader, makeZxid(1, 0), Buffer.from('version=ff\nserver.1=x'));
  leader.say(PacketType.upToDate, -1);
  assert.equal(member.failure, undefined);
  assert.match(member.logged.join('\n'), /The term is over: .*an invalid configuration/);
});
