import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid, Reader } from '@nodekeeper/protocol';
import { ActiveConfig } from '../../src/membership/index.js';
import { Broadcast } from '../../src/zab/broadcast.js';
import { CommittedLog } from '../../src/zab/committed-log.js';
import type { ConnectedLearner } from '../../src/zab/learner-master.js';
import { Learners } from '../../src/zab/learners.js';
import { OwedAcknowledgement } from '../../src/zab/owed-acknowledgement.js';
import { decodePacket, packetName } from '../../src/zab/packets.js';
import type { Replica } from '../../src/zab/replica.js';
import { ensembleOf, term } from '../support/term.js';

/** A follower that already serves clients. */
class Follower implements ConnectedLearner {
  readonly stage = 'serving';
  readonly isObserver = false;
  readonly lastZxid = 0;
  readonly lastHeardMs = 0;
  readonly owed = new OwedAcknowledgement();
  isForwardedTo = true;
  answeredRound = 0;
  /** The names of the packets that were sent to this follower since the last call of `takeHeard`. */
  heard: string[] = [];

  constructor(readonly serverId: number) {}

  offerEpoch(): void {}
  synchronise(): void {}
  upToDate(): void {}
  close(): void {}

  send(packet: Buffer): void {
    this.heard.push(packetName(decodePacket(new Reader(packet)).type));
  }

  propose(_zxid: number, packet: Buffer): void {
    this.send(packet);
  }

  ping(round: number): void {
    this.heard.push(`PING ${round}`);
  }

  takeHeard(): string[] {
    const { heard } = this;
    this.heard = [];
    return heard;
  }
}

const epochZxid = makeZxid(1, 0);
const [first, second] = [makeZxid(1, 1), makeZxid(1, 2)];

/**
 * Server 1 leads the servers 2 to 5. The active configuration has the servers 1, 2 and 3. A configuration with all five
 * servers is proposed, but not committed.
 */
function reconfiguring() {
  const config = new ActiveConfig(ensembleOf(3));
  const committed: number[] = [];
  const replica = {
    history: new CommittedLog(10),
    meter: { acked() {} },
    event: (work: () => void) => work(),
    commitThrough: (zxid: number) => void committed.push(zxid),
  } as unknown as Replica;
  const learners = new Learners();
  const followers = [2, 3, 4, 5].map((id) => new Follower(id));
  for (const follower of followers) learners.add(follower);
  const broadcast = new Broadcast(term({ config, replica }).context, learners);
  broadcast.begin(epochZxid);
  config.propose(ensembleOf(5, 0, 1));
  return { config, broadcast, followers, committed };
}

test('a proposal during a reconfiguration is committed when a quorum of each configuration has logged it', () => {
  const { broadcast, followers, committed } = reconfiguring();
  broadcast.propose(first, Buffer.from('txn'));
  for (const id of [1, 2]) broadcast.acked(id, first);
  assert.deepEqual(committed, [], 'a quorum of the first configuration only');
  broadcast.acked(4, first);
  assert.deepEqual(committed, [first]);
  for (const follower of followers) assert.deepEqual(follower.takeHeard(), ['PROPOSAL', 'COMMIT']);
});

test('a sync during a reconfiguration is answered when a quorum of each configuration has answered a ping', () => {
  const { config, broadcast, followers } = reconfiguring();
  let isAnswered = false;
  broadcast.sync(() => {
    isAnswered = true;
  });
  const pong = (follower: Follower) => {
    follower.answeredRound = 1;
    broadcast.ponged();
    return isAnswered;
  };
  const [two, four, five] = [followers[0]!, followers[2]!, followers[3]!];
  assert.deepEqual(two.takeHeard(), ['PING 1']);
  assert.equal(pong(four), false);
  assert.equal(pong(five), false, 'a quorum of the second configuration only');
  assert.equal(pong(two), true);
  config.commit(config.proposed!);
  isAnswered = false;
  broadcast.sync(() => {
    isAnswered = true;
  });
  for (const follower of [four, five]) follower.answeredRound = 2;
  broadcast.ponged();
  assert.equal(isAnswered, true, 'the second configuration decides alone now');
});

test('a leader commits nothing after its term has ended', () => {
  const { broadcast, committed } = reconfiguring();
  for (const zxid of [first, second]) broadcast.propose(zxid, Buffer.from('txn'));
  for (const id of [1, 2, 4]) broadcast.acked(id, first);
  broadcast.end();
  for (const id of [1, 2, 4]) broadcast.acked(id, second);
  assert.deepEqual(committed, [first]);
});
