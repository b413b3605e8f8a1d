import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/log/logger.js';
import type { Epochs } from '../../src/zab/epochs.js';
import { Leader, type TermContext } from '../../src/zab/leader.js';
import { Learner } from '../../src/zab/learner.js';

/** A term of server 1 of three voters, on a clock that the test moves. */
function term(limits: Partial<TermContext>) {
  const clock = { nowMs: 0 };
  const lost: string[] = [];
  const context = {
    myId: 1,
    tickTimeMs: 100,
    initLimit: 10,
    syncLimit: 5,
    connectLimit: 10,
    epochWaitMs: -1,
    sync: { forcesSnapshots: false, snapshotsMax: 10, differencesMax: 100 },
    isMember: (id: number) => id <= 3,
    isVoter: (id: number) => id <= 3,
    isQuorum: (ids: ReadonlySet<number>) => ids.size >= 2,
    configVersion: 0,
    replica: { event: (work: () => void) => work() },
    epochs: { accepted: 0, current: 0 } as Epochs,
    epochElsewhere: 0,
    logger: silentLogger,
    nowMs: () => clock.nowMs,
    nextTurn: (work: () => void) => work(),
    lost: (reason: string) => lost.push(reason),
    ...limits,
  } as unknown as TermContext;
  return { context, clock, lost };
}

const vote = { leader: 2, zxid: 0, peerEpoch: 0 };

test('4.7.14 a leader without an epoch gives up when a voter looks again, after leader.maxTimeToWaitForEpoch', () => {
  const { context, clock, lost } = term({ epochWaitMs: 300 });
  const leader = new Leader(context);
  leader.start();
  leader.lookingSeen(2, vote);
  clock.nowMs = 301;
  leader.lookingSeen(9, vote);
  assert.deepEqual(lost, [], 'too early, and somebody without a vote');
  leader.lookingSeen(2, vote);
  assert.deepEqual(lost, ['server 2 looks for another leader, and 301 ms are enough']);
});

test('4.7.14 otherwise it waits for initLimit, whoever looks', () => {
  const { context, clock, lost } = term({});
  const leader = new Leader(context);
  leader.start();
  clock.nowMs = 999;
  leader.lookingSeen(2, vote);
  leader.tick(999);
  assert.deepEqual(lost, []);
  clock.nowMs = 1000;
  leader.tick(1000);
  assert.match(lost[0], /no quorum of learners in 1000 ms \(initLimit\)/);
});

test('4.11 a learner that gets no connection gives up after connectToLearnerMasterLimit, which may differ from initLimit', () => {
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
  assert.deepEqual(lost, ['nothing was heard of the leader, server 2, for 300 ms']);
});
