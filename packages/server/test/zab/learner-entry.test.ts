import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid, Reader } from '@nodekeeper/protocol';
import { silentLogger } from '../../src/log/logger.js';
import type { Transport, TransportHandler } from '../../src/ports/network.js';
import { CommittedLog } from '../../src/zab/committed-log.js';
import type { Epochs } from '../../src/zab/epochs.js';
import { Leader } from '../../src/zab/leader.js';
import {
  decodeLearnerInfo,
  decodePacket,
  encodeLearnerInfo,
  encodePacket,
  PacketType,
  packetName,
  zabProtocolVersion,
} from '../../src/zab/packets.js';
import type { Replica } from '../../src/zab/replica.js';
import { term } from '../support/term.js';
import { createRequest } from '../support/test-client.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

// ---- LearnerInfo: what a learner sends about itself to the leader

/** Starts three servers with this version of the configuration, and waits until they serve. */
function serving(configVersion = 0): { ensemble: TestEnsemble; leader: TestMember } {
  const ensemble = new TestEnsemble(3);
  for (const { id } of ensemble.members) ensemble.configVersions.set(id, configVersion);
  ensemble.start();
  return { ensemble, leader: ensemble.untilServing() };
}

/**
 * Sends this LearnerInfo to the leader. Returns the name of the packet with which the leader answers, or the reason why
 * the leader closes the connection.
 */
function introduce(ensemble: TestEnsemble, leader: TestMember, info: Buffer): string {
  let outcome = 'nothing';
  const alreadyLogged = leader.logged.length;
  ensemble.peers.networkOf('learner').dial(
    { host: leader.name, port: 2888 },
    (transport) => {
      transport.write(encodePacket(PacketType.followerInfo, 0, info));
      const receive = (chunk: Buffer) => void (outcome = packetName(decodePacket(new Reader(chunk)).type));
      const closed = () => {
        const refusal = leader.logged.slice(alreadyLogged).find((line) => line.startsWith('WARN Refusing'));
        outcome = refusal?.replace(/^.* to the quorum port: /, '') ?? 'closed without a word';
      };
      return { receive, drained() {}, ended: closed, closed };
    },
    (reason) => assert.fail(reason),
  );
  ensemble.settle();
  return outcome;
}

/**
 * Encodes a LearnerInfo. The server ids in these tests are outside the configuration, so that no learner has the id of
 * a member.
 */
const info = (serverId: number, configVersion: number) =>
  encodeLearnerInfo({ serverId, protocolVersion: zabProtocolVersion, configVersion });

test('4.3 LearnerInfo of 8, 12 and 20 bytes is read, as servers of all versions send it; missing fields are 0', () => {
  const whole = info(11, 7);
  assert.equal(whole.length, 20);
  const all = { serverId: 11, protocolVersion: zabProtocolVersion, configVersion: 7 };
  assert.deepEqual(decodeLearnerInfo(whole), all);
  assert.deepEqual(decodeLearnerInfo(Buffer.concat([whole, Buffer.from('of later versions')])), all);
  assert.deepEqual(decodeLearnerInfo(whole.subarray(0, 12)), { ...all, configVersion: 0 });
  assert.deepEqual(decodeLearnerInfo(whole.subarray(0, 8)), { serverId: 11, protocolVersion: 0, configVersion: 0 });
  assert.throws(() => decodeLearnerInfo(whole.subarray(0, 7)), /does not send its id/);
});

test('4.3 a leader accepts a learner that sends its id and protocol version, and refuses one without a version as too old', () => {
  const { ensemble, leader } = serving();
  assert.equal(introduce(ensemble, leader, info(11, 0)), 'LEADERINFO');
  assert.equal(introduce(ensemble, leader, info(12, 0).subarray(0, 12)), 'LEADERINFO');
  assert.equal(
    introduce(ensemble, leader, info(13, 0).subarray(0, 8)),
    'protocol version 0, from before 3.4, is not supported',
  );
  assert.equal(introduce(ensemble, leader, info(14, 0).subarray(0, 7)), 'a learner that does not send its id');
  assert.equal(ensemble.leader, leader);
});

test('4.3 a leader refuses a learner with a newer configuration than its own, but not one with the same or an older one', () => {
  const { ensemble, leader } = serving(0x200000000);
  assert.equal(
    introduce(ensemble, leader, info(11, 0x200000001)),
    "its configuration has version 200000001, which is later than the leader's, 200000000",
  );
  assert.equal(introduce(ensemble, leader, info(12, 0x200000000)), 'LEADERINFO');
  assert.equal(introduce(ensemble, leader, info(13, 0x100000000)), 'LEADERINFO');
  assert.equal(introduce(ensemble, leader, info(14, 0).subarray(0, 12)), 'LEADERINFO', 'it sends no version');
  assert.equal(ensemble.connect(leader.id).create('/on').err, 0);
  assert.equal(ensemble.leader, leader);
});

// ---- ACKEPOCH: which history a learner has

const epochOfLeader = 2;
const lastOfLeader = makeZxid(2, 5);

/** A leader of three voters that waits until a quorum has acknowledged its epoch. */
class Discovery {
  readonly leader: Leader;
  readonly logged: string[] = [];
  readonly epochs = { accepted: epochOfLeader, current: epochOfLeader } as Epochs;

  constructor() {
    const history = new CommittedLog(10);
    history.startBehind(lastOfLeader - 1);
    history.add(lastOfLeader, Buffer.from('txn'));
    const replica = {
      lastZxid: lastOfLeader,
      history,
      meter: { synchronising() {} },
      event: (work: () => void) => work(),
    } as unknown as Replica;
    const { context } = term({
      replica,
      epochs: this.epochs,
      logger: { ...silentLogger, info: (message) => void this.logged.push(message) },
      lost: (reason) => assert.fail(reason),
    });
    this.leader = new Leader(context);
    this.leader.start();
  }

  /** Server 2 joins with this history. Returns true if the leader keeps the connection open. */
  admits(currentEpoch: number, lastZxid: number): boolean {
    let isClosed = false;
    const transport = {
      unsentBytes: 0,
      write: () => true,
      destroy: () => void (isClosed = true),
    } as unknown as Transport;
    const handler = this.leader.accept(transport) as TransportHandler;
    handler.receive(encodePacket(PacketType.followerInfo, makeZxid(3, 0), info(2, 0)));
    const epoch = Buffer.alloc(4);
    epoch.writeInt32BE(currentEpoch);
    handler.receive(encodePacket(PacketType.ackEpoch, lastZxid, epoch));
    return !isClosed;
  }
}

for (const [what, currentEpoch, lastZxid] of [
  ['a later epoch', 3, makeZxid(1, 1)],
  ['a later transaction of the same epoch', epochOfLeader, lastOfLeader + 1],
] as const) {
  test(`4.4 (4) a leader refuses a learner that is ahead of it, with ${what}, and does not count it`, () => {
    const discovery = new Discovery();
    assert.equal(discovery.admits(currentEpoch, lastZxid), false);
    assert.match(
      discovery.logged.at(-1)!,
      /^Learner connection closed: follower 2: it is ahead of the leader: it has epoch \d/,
    );
    assert.equal(discovery.leader.phase, 'discovery', 'the epoch has no quorum');
    assert.equal(discovery.epochs.current, epochOfLeader, 'the epoch does not begin');
    assert.equal(discovery.admits(epochOfLeader, lastOfLeader), true, 'another learner can complete the quorum');
    assert.equal(discovery.leader.phase, 'synchronisation');
  });
}

for (const [what, currentEpoch, lastZxid] of [
  ['the same history', epochOfLeader, lastOfLeader],
  ['a shorter history', epochOfLeader, lastOfLeader - 1],
  ['later transactions, but of an earlier epoch', 1, lastOfLeader + 1],
] as const) {
  test(`4.4 (4) a learner with ${what} is not ahead of the leader, and counts`, () => {
    const discovery = new Discovery();
    assert.equal(discovery.admits(currentEpoch, lastZxid), true);
    assert.equal(discovery.leader.phase, 'synchronisation');
    assert.equal(discovery.epochs.current, 4);
  });
}

test('4.4 (4) a leader accepts a learner that had accepted this epoch before, but does not count it, because its history is unknown', () => {
  const discovery = new Discovery();
  assert.equal(discovery.admits(-1, lastOfLeader + 1), true);
  assert.equal(discovery.leader.phase, 'discovery');
});

// ---- a learner that takes too long

test('4.6.7 a member that does not join within initLimit looks for a leader again, and joins when it can', () => {
  const { ensemble, leader } = serving();
  const joiner = ensemble.members.find((member) => member !== leader)!;
  joiner.stop();
  const client = ensemble.connect(leader.id, { timeoutMs: 4000 });
  for (let index = 0; index < 10; index++) client.send('create', createRequest(`/n${index}`));
  ensemble.advance(200);
  assert.equal(client.replies().length, 10);
  joiner.start();
  joiner.isDiskHeld = true;
  ensemble.until('it has the history, and cannot log it', () => joiner.peer.learner?.stage === 'persisting');
  const { learner } = joiner.peer;
  const initLimitMs = 10 * ensemble.tickTimeMs;
  ensemble.advance(initLimitMs - 100);
  assert.equal(joiner.peer.learner, learner);
  ensemble.advance(200);
  assert.equal(joiner.peer.learner, undefined);
  const told = `INFO Learner connection closed: follower ${joiner.id}: it has sent nothing for ${initLimitMs} ms`;
  assert(leader.logged.includes(told), ensemble.story());
  joiner.isDiskHeld = false;
  ensemble.untilServing();
  assert.equal(ensemble.leader, leader, 'the others continue');
  assert.equal(ensemble.connect(joiner.id).children('/')!.length, 11);
});
