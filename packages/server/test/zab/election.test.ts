import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActiveConfig, type EnsembleConfig } from '../../src/membership/index.js';
import { Election, type ElectionSink } from '../../src/zab/election.js';
import { decodeNotification, encodeNotification, type OutgoingNotification } from '../../src/zab/notification.js';
import { beats, type PeerState, supports, type ToldVote, type Vote } from '../../src/zab/vote.js';
import { ensembleOf } from '../support/term.js';

/** A server in an election. Records the messages that the election sends, and its decision. */
class Voter {
  readonly sent: { to: number; notification: OutgoingNotification }[] = [];
  readonly connected = new Set<number>();
  readonly ignored: string[] = [];
  decided: { vote: Vote; state: PeerState } | undefined;
  readonly config: ActiveConfig;
  readonly election: Election;

  constructor(id: number, ensemble: EnsembleConfig) {
    const sink: ElectionSink = {
      send: (to, notification) => this.sent.push({ to, notification }),
      hasDelivered: () => true,
      connectAll() {},
      isConnected: (serverId) => this.connected.has(serverId),
      elected: (vote, state) => {
        this.decided = { vote, state };
      },
      voteIgnored: (from, reason) => this.ignored.push(`${from}: ${reason}`),
      lookingSeen() {},
    };
    const timing = { shortestIntervalMs: 200, longestIntervalMs: 60_000 };
    this.config = new ActiveConfig(ensemble);
    this.election = new Election(this.config, { myId: id, ...timing }, sink);
  }

  tell(from: number, vote: Partial<ToldVote>, nowMs = 0): void {
    const told = { state: 'looking' as const, leader: from, zxid: 0, electionEpoch: 1, peerEpoch: 0, version: 2 };
    this.election.receive(from, { ...told, config: '', ...vote }, nowMs);
  }

  get isDecided(): boolean {
    return this.decided !== undefined;
  }

  /** The round in the last message that the election has sent. */
  get round(): number {
    return this.sent.at(-1)!.notification.electionEpoch;
  }

  takeSentTo(id: number): OutgoingNotification[] {
    const taken = this.sent.filter(({ to }) => to === id).map(({ notification }) => notification);
    this.sent.splice(0);
    return taken;
  }
}

test('the better candidate has the later epoch, then the later zxid, then the larger id', () => {
  const candidate = (peerEpoch: number, zxid: number, leader: number) => ({ peerEpoch, zxid, leader });
  assert(beats(candidate(2, 0, 1), candidate(1, 9, 9)));
  assert(beats(candidate(1, 9, 1), candidate(1, 8, 9)));
  assert(beats(candidate(1, 9, 2), candidate(1, 9, 1)));
  assert(!beats(candidate(1, 9, 1), candidate(1, 9, 1)));
});

test('the votes of looking servers agree only if they are equal; those of other servers may differ in zxid and round', () => {
  const vote: ToldVote = { leader: 1, zxid: 5, electionEpoch: 3, peerEpoch: 2, state: 'looking', version: 2 };
  assert(supports(vote, vote));
  assert(!supports({ ...vote, zxid: 6 }, vote));
  const settled: ToldVote = { ...vote, state: 'following' };
  assert(supports({ ...settled, zxid: 6, electionEpoch: 9 }, settled));
  assert(!supports({ ...settled, peerEpoch: 3 }, settled));
  assert(supports({ ...settled, peerEpoch: 3, version: 0 }, settled), 'versions before 3.4.6 send no epoch');
});

test('a server waits 200 ms for a better candidate after a quorum agrees, and no longer', () => {
  const voter = new Voter(3, ensembleOf(3));
  voter.connected.add(1).add(2);
  voter.election.look(0, 0, 1000);
  voter.tell(1, { leader: 3 }, 1010);
  voter.election.tick(1200);
  assert.equal(voter.isDecided, false);
  voter.election.tick(1210);
  assert.equal(voter.decided?.state, 'leading');
});

test('a server does not wait when every connected voter has voted the same', () => {
  const voter = new Voter(3, ensembleOf(3));
  voter.connected.add(1);
  voter.election.look(0, 0, 1000);
  voter.tell(1, { leader: 3 }, 1010);
  voter.election.tick(1010);
  assert.equal(voter.decided?.state, 'leading');
});

test('a server votes for a better candidate that appears during the final wait', () => {
  const voter = new Voter(2, ensembleOf(3));
  voter.connected.add(1).add(3);
  voter.election.look(0, 0, 0);
  voter.tell(1, { leader: 2 }, 10);
  voter.tell(3, { leader: 3 }, 100);
  assert.equal(voter.takeSentTo(1).at(-1)?.leader, 3);
  voter.election.tick(250);
  assert.equal(voter.isDecided, false, 'server 1 has not changed its vote yet, but 2 and 3 are a quorum since 100');
  voter.election.tick(300);
  assert.equal(voter.decided?.vote.leader, 3);
  assert.equal(voter.decided?.state, 'following');
});

test('a server sends its better vote once more to a peer that votes for a worse candidate', () => {
  const voter = new Voter(3, ensembleOf(3));
  voter.election.look(5, 1, 0);
  voter.sent.splice(0);
  voter.tell(2, { leader: 2, zxid: 5, peerEpoch: 1 });
  assert.deepEqual(
    voter.takeSentTo(2).map(({ leader }) => leader),
    [3],
  );
  voter.tell(2, { leader: 2, zxid: 5, peerEpoch: 1 });
  assert.equal(voter.sent.length, 0);
  voter.tell(1, { leader: 3, zxid: 5, peerEpoch: 1 });
  assert.equal(voter.sent.length, 0, 'a peer that agrees needs no answer');
});

test('a server joins a later round and forgets the votes of the earlier one; it answers an earlier round with its own', () => {
  const voter = new Voter(2, ensembleOf(3));
  voter.election.look(7, 0, 0);
  voter.takeSentTo(1);
  voter.tell(3, { electionEpoch: 5, zxid: 1 });
  assert.equal(voter.round, 5);
  assert.equal(
    voter.takeSentTo(3).at(-1)?.leader,
    2,
    'this server is a better candidate than the one of the later round',
  );
  voter.tell(1, { electionEpoch: 4 });
  const [answer] = voter.takeSentTo(1);
  assert.equal(answer!.electionEpoch, 5);
});

test('a server follows a leader if the leader itself and a quorum say so, in any round', () => {
  const voter = new Voter(1, ensembleOf(3));
  voter.election.look(0, 0, 0);
  voter.tell(2, { state: 'following', leader: 3, electionEpoch: 9, peerEpoch: 4 });
  assert.equal(voter.isDecided, false, 'the leader itself has sent no vote: it may be down');
  voter.tell(3, { state: 'leading', leader: 3, electionEpoch: 9, peerEpoch: 4 });
  assert.deepEqual(voter.decided?.vote.leader, 3);
  assert.equal(voter.decided?.vote.electionEpoch, 9);
});

test('during a reconfiguration a leader needs the votes of a quorum of each configuration', () => {
  const voter = new Voter(3, ensembleOf(3));
  voter.config.propose(ensembleOf(5, 0, 1));
  voter.election.look(0, 0, 0);
  assert.deepEqual(
    voter.sent.map(({ to }) => to),
    [1, 2, 4, 5],
    'it sends its vote to the servers of both configurations',
  );
  for (const id of [4, 5]) voter.tell(id, { leader: 3 });
  voter.election.tick(10_000);
  assert.equal(voter.isDecided, false, 'three of the five, and one of the three');
  voter.tell(1, { leader: 3 }, 10_000);
  voter.election.tick(10_200);
  assert.equal(voter.decided?.state, 'leading');
});

test('a server with an unexpectedly empty database does not vote, and is not elected', () => {
  const voter = new Voter(1, ensembleOf(3));
  voter.election.look(-1, 0, 0);
  voter.tell(2, { leader: 3 });
  voter.tell(3, { leader: 3 });
  voter.election.tick(10_000);
  assert.equal(voter.isDecided, false);
});

test('an observer learns the leader, and its own vote does not count', () => {
  const ensemble = ensembleOf(3, 1);
  const observer = new Voter(4, ensemble);
  observer.election.look(0, 0, 0);
  for (const id of [1, 2])
    observer.tell(id, { state: id === 2 ? 'leading' : 'following', leader: 2, electionEpoch: 3 });
  assert.equal(observer.decided?.state, 'observing');
  const voter = new Voter(1, ensemble);
  voter.election.look(0, 0, 0);
  voter.takeSentTo(4);
  voter.tell(4, { leader: 4, zxid: 99 });
  assert.equal(voter.takeSentTo(4).length, 1, 'a server without a vote gets an answer at once');
  assert.equal(voter.isDecided, false);
});

test('a server tells a looking peer its leader, and repeats its own vote at growing intervals', () => {
  const voter = new Voter(3, ensembleOf(3));
  voter.election.look(0, 0, 0);
  voter.takeSentTo(1);
  voter.election.tick(200);
  assert.equal(voter.takeSentTo(1).length, 1);
  voter.election.tick(400);
  assert.equal(voter.takeSentTo(1).length, 0, 'the second pause is twice as long');
  voter.election.tick(600);
  assert.equal(voter.takeSentTo(1).length, 1);
  voter.tell(1, { leader: 3 }, 700);
  voter.election.tick(700);
  assert.equal(voter.decided?.state, 'leading');
  voter.takeSentTo(1);
  voter.tell(2, { electionEpoch: 1 });
  assert.deepEqual(
    voter.takeSentTo(2).map(({ leader, state }) => ({ leader, state })),
    [{ leader: 3, state: 'leading' }],
  );
});

test('messages of every version are read, and malformed ones are ignored', () => {
  const vote = { state: 'following' as const, leader: 3, zxid: 0x200000005, electionEpoch: 7, peerEpoch: 2 };
  const bytes = encodeNotification({ ...vote, config: 'server.1=a:1:2\nversion=0' });
  assert.deepEqual(decodeNotification(bytes), { ...vote, version: 2, config: 'server.1=a:1:2\nversion=0' });
  assert.deepEqual(decodeNotification(bytes.subarray(0, 40)), { ...vote, version: 0, config: '' });
  assert.deepEqual(decodeNotification(bytes.subarray(0, 28)), { ...vote, version: 0, config: '' });
  for (const length of [0, 27, 30, 46]) assert.equal(decodeNotification(bytes.subarray(0, length)), undefined);
  const lie = Buffer.from(bytes);
  lie.writeInt32BE(1_000_000, 40);
  assert.equal(decodeNotification(lie), undefined);
  lie.writeInt32BE(9, 0);
  assert.equal(decodeNotification(lie), undefined, 'no such state');
});

test('a round that cannot be counted exactly is ignored, and the server can still take part in later elections', () => {
  const one = new Voter(1, ensembleOf(3));
  one.election.look(0, 0, 0);
  one.tell(2, { electionEpoch: 2 ** 53 - 1 });
  assert.equal(one.round, 1);
  assert.deepEqual(one.ignored, [
    "2: the round of its vote, 9007199254740991, is too far ahead of this server's round, 1",
  ]);
  one.tell(3, { electionEpoch: 1 });
  one.election.tick(200);
  assert.equal(one.isDecided, true);
});

test('a new server takes part in a round that is as high as after a hundred years of elections', () => {
  const one = new Voter(1, ensembleOf(3));
  one.election.look(0, 0, 0);
  one.tell(3, { electionEpoch: 2 ** 32 });
  assert.equal(one.round, 2 ** 32);
  one.election.tick(200);
  assert.equal(one.isDecided, true);
});

test('a server that receives ever larger rounds still counts exactly', () => {
  const one = new Voter(1, ensembleOf(3));
  one.election.look(0, 0, 0);
  for (let told = 0; told < 1000; told++) one.tell(2, { electionEpoch: Math.max(2 ** 52, one.round) + 2 ** 20 });
  assert(one.round < 2 ** 53 - 2 ** 40);
  const { round } = one;
  one.election.look(0, 0, 0);
  assert.equal(one.round, round + 1);
});

test('a message with an inexact number is malformed; a message from a server without a vote is not', () => {
  const vote = { state: 'looking' as const, leader: 3, zxid: 5, electionEpoch: 1, peerEpoch: 1, config: '' };
  for (const field of ['leader', 'zxid', 'electionEpoch', 'peerEpoch'] as const) {
    for (const number of [2 ** 53, 2 ** 63 - 2 ** 10, -2, -(2 ** 62)]) {
      assert.equal(
        decodeNotification(encodeNotification({ ...vote, [field]: number })),
        undefined,
        `${field} ${number}`,
      );
    }
    assert.notEqual(decodeNotification(encodeNotification({ ...vote, [field]: -(2 ** 63) })), undefined, field);
    assert.notEqual(decodeNotification(encodeNotification({ ...vote, [field]: -1 })), undefined, field);
  }
  assert.equal(decodeNotification(encodeNotification({ ...vote, peerEpoch: 2 ** 21 })), undefined);
});
