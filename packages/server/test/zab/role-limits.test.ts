import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid } from '@nodekeeper/protocol';
import type { Transport, TransportHandler } from '../../src/ports/network.js';
import { CommittedLog } from '../../src/zab/committed-log.js';
import { Leader } from '../../src/zab/leader.js';
import { Learner } from '../../src/zab/learner.js';
import { encodeLearnerInfo, encodePacket, PacketType, zabProtocolVersion } from '../../src/zab/packets.js';
import type { TermContext } from '../../src/zab/term-context.js';
import { term } from '../support/term.js';

const vote = { leader: 2, zxid: 0, peerEpoch: 0 };

test('4.7.14 a leader without an epoch gives up when a voter looks for a leader, after leader.maxTimeToWaitForEpoch', () => {
  const { context, clock, lost } = term({ epochWaitMs: 300 });
  const leader = new Leader(context);
  leader.start();
  leader.lookingSeen(2, vote);
  clock.nowMs = 301;
  leader.lookingSeen(9, vote);
  assert.deepEqual(lost, [], 'one was too early, the other has no vote');
  leader.lookingSeen(2, vote);
  assert.deepEqual(lost, ['server 2 looks for another leader, and no quorum has promised an epoch in 301 ms']);
});

test('4.7.14 a leader without an epoch waits for initLimit if leader.maxTimeToWaitForEpoch is not set', () => {
  const { context, clock, lost } = term({});
  const leader = new Leader(context);
  leader.start();
  clock.nowMs = 999;
  leader.lookingSeen(2, vote);
  leader.tick(999);
  assert.deepEqual(lost, []);
  clock.nowMs = 1000;
  leader.tick(1000);
  assert.match(lost[0]!, /no quorum of learners in 1000 ms \(initLimit\)/);
});

test('4.11 a learner without a connection gives up after connectToLearnerMasterLimit, which may differ from initLimit', () => {
  const { context, clock, lost } = term({ connectLimit: 3 });
  const learner = new Learner(context, 2, [{ host: 'leader', port: 2888 }], false, {
    listen: () => () => {},
    dial: () => () => {},
  });
  learner.start();
  clock.nowMs = 300;
  learner.tick(300);
  assert.deepEqual(lost, []);
  clock.nowMs = 301;
  learner.tick(301);
  assert.deepEqual(lost, ['no connection with the leader, server 2, at leader:2888 in 300 ms']);
});

/** One end of a connection: the end that the server uses. The test plays the remote end. */
function line() {
  const state = { isClosed: false, handler: undefined as TransportHandler | undefined };
  const transport = {
    remoteAddress: 'other',
    unsentBytes: 0,
    write: () => true,
    destroy: () => void (state.isClosed = true),
  } as unknown as Transport;
  return { state, transport };
}

const epochZxid = makeZxid(1, 0);
const leaderInfo = encodePacket(PacketType.leaderInfo, epochZxid, Buffer.from([0, 1, 0, 0]));
const diff = encodePacket(PacketType.diff, 0);
const snapshot = Buffer.concat([encodePacket(PacketType.snap, 5), Buffer.from('the beginning')]);
const newLeader = encodePacket(PacketType.newLeader, epochZxid);
const upToDate = encodePacket(PacketType.upToDate, -1);

for (const [what, packets, isDiskQuick, limitMs] of [
  ['the epoch', [], true, 1000],
  ['DIFF, TRUNC or SNAP', [leaderInfo], true, 1000],
  ['the rest of a snapshot', [leaderInfo, snapshot], true, 1000],
  ['NEWLEADER', [leaderInfo, diff], true, 1000],
  ['the write to its own disk', [leaderInfo, diff, newLeader], false, 1000],
  ['UPTODATE', [leaderInfo, diff, newLeader], true, 1000],
  ['nothing: once it serves, the limit is syncLimit', [leaderInfo, diff, newLeader, upToDate], true, 500],
] as const) {
  test(`4.6.7 a learner gives up after initLimit without a packet from the leader, while it waits for ${what}`, () => {
    const replica = {
      lastZxid: 0,
      zxidToTell: 0,
      event: (work: () => void) => work(),
      receiveSnapshot: () => ({ push: () => undefined }),
      learn() {},
      serve() {},
      makeDurable: (done: () => void) => void (isDiskQuick && done()),
    } as unknown as TermContext['replica'];
    const { context, clock, lost } = term({ replica });
    const { state, transport } = line();
    const learner = new Learner(context, 2, [{ host: 'leader', port: 2888 }], false, {
      listen: () => () => {},
      dial: (_address, connected) => {
        state.handler = connected(transport);
        return () => {};
      },
    });
    learner.start();
    for (const packet of packets) {
      // the time limit starts again when a packet arrives
      clock.nowMs += 450;
      state.handler!.receive(packet);
      learner.tick(clock.nowMs);
    }
    clock.nowMs += limitMs;
    learner.tick(clock.nowMs);
    assert.deepEqual([lost, state.isClosed], [[], false]);
    clock.nowMs++;
    learner.tick(clock.nowMs);
    assert.deepEqual(lost, [`the leader, server 2, has sent nothing for ${limitMs} ms`]);
    assert.equal(state.isClosed, true);
  });
}

/** A leader of three servers that has sent its history to server 2. Server 2 has not acknowledged the history. */
function synchronising() {
  const replica = {
    lastZxid: 0,
    history: new CommittedLog(10),
    meter: { synchronising() {}, acked() {} },
    event: (work: () => void) => work(),
    lead() {},
  } as unknown as TermContext['replica'];
  const test = term({ replica });
  const leader = new Leader(test.context);
  leader.start();
  const follower = join(leader, 2);
  assert.equal(leader.phase, 'synchronisation');
  return { ...test, leader, follower };
}

/** Connects a learner and answers all packets of the leader except NEWLEADER. */
function join(leader: Leader, serverId: number) {
  const { state, transport } = line();
  state.handler = leader.accept(transport);
  const info = encodeLearnerInfo({ serverId, protocolVersion: zabProtocolVersion, configVersion: 0 });
  state.handler!.receive(encodePacket(PacketType.followerInfo, 0, info));
  state.handler!.receive(encodePacket(PacketType.ackEpoch, 0, Buffer.alloc(4)));
  return state;
}

test('4.6.7 a leader gives up if no quorum has its history after initLimit', () => {
  const { clock, lost, leader, follower } = synchronising();
  clock.nowMs = 999;
  leader.tick(999);
  assert.deepEqual([lost, follower.isClosed], [[], false]);
  clock.nowMs = 1000;
  leader.tick(1000);
  assert.deepEqual(lost, ['no quorum of learners in 1000 ms (initLimit), in the synchronisation phase']);
  assert.equal(follower.isClosed, true);
});

test('4.6.7 a leader closes the connection of a learner that is silent for initLimit before it serves, or syncLimit after', () => {
  const { clock, leader, follower } = synchronising();
  const acknowledge = (learner: typeof follower) => learner.handler!.receive(encodePacket(PacketType.ack, epochZxid));
  acknowledge(follower);
  assert.equal(leader.phase, 'broadcast');
  const served = join(leader, 3);
  acknowledge(served);
  const slow = join(leader, 4);
  const { transport, state: nameless } = line();
  nameless.handler = leader.accept(transport);
  const closedAt = (nowMs: number) => {
    clock.nowMs = nowMs;
    // the pings of server 2 ensure that the leader keeps its quorum
    follower.handler!.receive(encodePacket(PacketType.ping, epochZxid));
    leader.tick(nowMs);
    return [follower, served, slow, nameless].map(({ isClosed }) => isClosed);
  };
  assert.deepEqual(closedAt(500), [false, false, false, false]);
  assert.deepEqual(closedAt(501), [false, true, false, false]);
  assert.deepEqual(closedAt(1000), [false, true, false, false]);
  assert.deepEqual(closedAt(1001), [false, true, true, true]);
});
