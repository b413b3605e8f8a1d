import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwedAcknowledgement } from '../../src/zab/owed-acknowledgement.js';
import { createRequest } from '../support/test-client.js';
import { TestEnsemble } from '../support/test-ensemble.js';

const syncLimitMs = 5 * 200;

/** Starts three servers. Then the disks of the first `count` followers hang, but these followers still answer pings. */
function hanging(count: number) {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const hung = ensemble.members.filter((member) => member !== leader).slice(0, count);
  for (const member of hung) member.isDiskHeld = true;
  return { ensemble, leader, hung };
}

test('4.7.3 a follower with a hung disk is dropped syncLimit ticks after a proposal that it has not acknowledged, and rejoins later', () => {
  const {
    ensemble,
    leader,
    hung: [follower],
  } = hanging(1);
  ensemble.advance(5 * syncLimitMs);
  assert.equal(follower!.clients.isServing, true, 'without a proposal it has nothing to acknowledge');
  const client = ensemble.connect(leader.id, { timeoutMs: 4000 });
  assert.equal(client.create('/a').err, 0, 'the others are a quorum');
  ensemble.advance(syncLimitMs - 100);
  assert.equal(follower!.clients.isServing, true);
  ensemble.advance(200);
  assert.equal(follower!.clients.isServing, false);
  const reason = /follower \d: it has not acknowledged 0x1\d{8} for 1000 ms \(syncLimit\): its disk may hang/;
  assert.match(leader.logged.join('\n'), reason);
  follower!.isDiskHeld = false;
  ensemble.untilServing();
  assert.equal(ensemble.leader, leader);
  assert.equal(ensemble.connect(follower!.id).exists('/a').err, 0);
});

test('4.7.3 a leader gives up when the disks of all its followers hang', () => {
  const { ensemble, leader, hung } = hanging(2);
  const client = ensemble.connect(leader.id, { timeoutMs: 4000 });
  client.send('create', createRequest('/a'));
  ensemble.advance(syncLimitMs + 500);
  assert.equal(leader.peer.leader, undefined);
  for (const member of hung) member.isDiskHeld = false;
  ensemble.untilServing();
  assert.equal(ensemble.connect(leader.id).create('/b').err, 0);
});

test('4.7.3 a slow follower that still acknowledges is kept', () => {
  const { ensemble, leader, hung } = hanging(1);
  const slow = hung[0]!;
  const client = ensemble.connect(leader.id, { timeoutMs: 4000 });
  for (let index = 0; index < 40; index++) {
    client.create(`/n${index}`);
    ensemble.advance(100);
    if (index % 8 !== 7) continue;
    slow.isDiskHeld = false;
    ensemble.settle();
    slow.isDiskHeld = true;
  }
  assert.equal(slow.clients.isServing, true);
});

test('4.7.3 each acknowledgement restarts the time limit for the remaining proposals', () => {
  const owed = new OwedAcknowledgement();
  assert.equal(owed.sinceMs, Number.POSITIVE_INFINITY);
  for (let zxid = 1; zxid <= 5; zxid++) owed.proposed(zxid, zxid * 10);
  assert.deepEqual([owed.zxid, owed.sinceMs], [1, 10]);
  owed.acked(1);
  assert.deepEqual([owed.zxid, owed.sinceMs], [5, 50]);
  owed.acked(4);
  assert.equal(owed.sinceMs, 50);
  owed.restart(70);
  assert.equal(owed.sinceMs, 70);
  owed.acked(5);
  assert.equal(owed.sinceMs, Number.POSITIVE_INFINITY);
  owed.restart(80);
  assert.equal(owed.sinceMs, Number.POSITIVE_INFINITY);
  owed.proposed(6, 90);
  assert.deepEqual([owed.zxid, owed.sinceMs], [6, 90]);
});
