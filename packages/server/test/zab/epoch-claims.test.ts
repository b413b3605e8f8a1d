import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid } from '@nodekeeper/protocol';
import { ActiveConfig } from '../../src/membership/index.js';
import { EpochPromises, farEpochs, nearEpochs } from '../../src/zab/epoch-promises.js';
import { epochMax } from '../../src/zab/epochs.js';
import { encodePacket, PacketType } from '../../src/zab/packets.js';
import { call, callAsVoter, electionMessage, followerInfo, PlayedLeader } from '../support/impostor.js';
import { ensembleOf } from '../support/term.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

const quorumPort = 2888;

function serving(): { ensemble: TestEnsemble; leader: TestMember } {
  const ensemble = new TestEnsemble(3);
  ensemble.member(1).start();
  ensemble.member(2).start();
  return { ensemble, leader: ensemble.untilServing() };
}

/**
 * Plays the server with this id: tells the leader that the server has accepted this epoch, and then that it looks for a
 * leader. In these tests, server 3 itself is down, so its id is free.
 */
function claim(ensemble: TestEnsemble, leader: TestMember, id: number, acceptedEpoch: number): void {
  call(ensemble, leader, quorumPort, followerInfo(id, acceptedEpoch));
  const vote = callAsVoter(ensemble, leader, id);
  vote.say(electionMessage({ leader: id, electionEpoch: 5 }));
  ensemble.advance(3000);
}

for (const [what, id, acceptedEpoch] of [
  ['a member that claims to have accepted the last epoch but one', 3, epochMax - 1],
  ['a member that claims to be more than a thousand epochs ahead', 3, nearEpochs + 2],
  ['an unknown server that claims to be ahead', 9, 50],
] as const) {
  test(`${what} does not make a leader resign, and changes no epoch`, () => {
    const { ensemble, leader } = serving();
    claim(ensemble, leader, id, acceptedEpoch);
    assert.equal(ensemble.leader, leader, ensemble.story());
    assert.deepEqual(
      [1, 2].map((each) => ensemble.member(each).epochs.accepted),
      [1, 1],
    );
    ensemble.member(3).start();
    ensemble.untilServing();
    assert.equal(ensemble.leader, leader, 'the real server 3 follows');
  });
}

test('a leader ignores a false claim about the epoch of server 3 if the other two servers are a quorum', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.member(1).start();
  ensemble.member(2).start();
  // make the claim every 10 ms, so that a leader gets it as soon as the leader listens
  for (let passed = 0; passed < 3000 && ensemble.leader === undefined; passed += 10) {
    call(ensemble, ensemble.member(2), quorumPort, followerInfo(3, farEpochs));
    ensemble.advance(10);
  }
  ensemble.untilServing();
  assert.equal(ensemble.member(2).epochs.accepted, 1, ensemble.story());
});

/**
 * Creates the epoch promises of a leader: voter 1 of three voters and an observer. So far, only the leader itself has
 * promised. The leader has accepted the epoch `own`.
 */
function promises(own: number): EpochPromises {
  const promised = new EpochPromises(new ActiveConfig(ensembleOf(3, 1)), own);
  promised.promise(1, own);
  return promised;
}

test('a leader believes a voter with a far higher epoch if there is no quorum without it', () => {
  const promised = promises(10);
  assert.equal(promised.refusalOf(2, 10 + farEpochs), undefined);
  promised.promise(2, 10 + farEpochs);
  assert.equal(promised.epoch, undefined);
  promised.believeFar();
  assert.equal(promised.epoch, 11 + farEpochs);
});

test("a leader rejects a claim of an epoch that is too far ahead, and an observer's claim unless it is near", () => {
  const promised = promises(10);
  assert.match(promised.refusalOf(2, 11 + farEpochs)!, /has accepted epoch 65547, too far ahead of 10/);
  assert.match(promised.refusalOf(4, 11 + nearEpochs)!, /too far ahead/);
  assert.equal(promised.refusalOf(4, 10 + nearEpochs), undefined);
  promised.promise(9, 500);
  promised.promise(2, 12);
  assert.equal(promised.epoch, 13, 'a server that is not a member does not count');
  promised.promise(3, 20);
  assert.equal(promised.epoch, 13, 'the epoch is chosen once');
  assert.equal(promised.acceptedLater(3), 20);
});

for (const epoch of [2 ** 31 - 1, 2 ** 21, epochMax, 2 * farEpochs + 2]) {
  test(`a learner leaves a leader that claims epoch ${epoch}, and can follow another one`, () => {
    const ensemble = new TestEnsemble(3);
    const follower = ensemble.member(1);
    follower.start();
    const leader = new PlayedLeader(ensemble);
    leader.sayBytes(leaderInfo(epoch));
    ensemble.advance(500);
    assert.equal(follower.failure, undefined);
    assert.equal(follower.epochs.accepted, 0, ensemble.story());
    ensemble.member(2).start();
    ensemble.until('members 1 and 2 serve', () => follower.clients.isServing && ensemble.member(2).clients.isServing);
  });
}

function leaderInfo(epoch: number): Buffer {
  const packet = encodePacket(PacketType.leaderInfo, 0, Buffer.from([0, 1, 0, 0]));
  packet.writeBigInt64BE(BigInt(epoch) << 32n, 4);
  return packet;
}

test('a member follows a leader of any epoch that a quorum has voted for', () => {
  const ensemble = new TestEnsemble(3);
  const follower = ensemble.member(1);
  follower.start();
  const epoch = 500_000;
  const leader = new PlayedLeader(ensemble, epoch);
  leader.synchronise();
  assert.equal(follower.clients.isServing, true, ensemble.story());
  assert.equal(follower.epochs.accepted, epoch);
});

test('a leader warns when half of all epochs are used, and a server with the last epoch does not lead', () => {
  const at = (epoch: number) => {
    const ensemble = new TestEnsemble(1);
    const member = ensemble.member(1);
    for (const name of ['acceptedEpoch', 'currentEpoch']) {
      member.disk.place(`/data/version-2/${name}`, Buffer.from(String(epoch)));
    }
    member.start();
    ensemble.advance(3000);
    return member;
  };
  assert.match(
    at(2 ** 20)!.logged.join('\n'),
    /WARN This is epoch 1048577, and the last possible one is 2097151.*new-epochs/,
  );
  assert.doesNotMatch(at(2 ** 20 - 2)!.logged.join('\n'), /WARN/);
  const last = at(epochMax);
  assert.equal(last.failure, undefined);
  assert.match(last.logged.join('\n'), /The term is over: This is epoch 2097152, and the last possible one is 2097151/);
  assert.equal(last.epochs.accepted, epochMax);
  assert.equal(makeZxid(last.epochs.accepted, 0), makeZxid(epochMax, 0));
});
