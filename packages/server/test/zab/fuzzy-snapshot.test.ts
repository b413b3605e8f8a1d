import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeaderLink } from '../../src/zab/replica.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

/** A leader, and a server of a different ensemble. The server looks for a leader without success. */
function leaderAndIdler(): { ensemble: TestEnsemble; leader: TestMember; idler: TestMember } {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const other = new TestEnsemble(3);
  const idler = other.member(1);
  idler.start();
  other.advance(100);
  return { ensemble, leader, idler };
}

/** Starts a snapshot of the leader's tree. The snapshot is encoded later, while `receive` reads it. */
function snapshotOf(leader: TestMember) {
  const { zxid: label, encoder } = leader.replica.snapshot();
  const receive = (replica: TestMember['replica']) => {
    const decoder = replica.receiveSnapshot();
    for (let slice = encoder.next(); slice !== undefined; slice = encoder.next()) decoder.push(slice);
    replica.finishSnapshot(label);
    const link: LeaderLink = {
      leaderId: leader.id,
      forward() {},
      revalidate() {},
      logged() {},
      diverged: (zxid: number) => assert.fail(`diverged at ${zxid}`),
    };
    replica.learn(link);
  };
  return { label, receive };
}

test("transactions that a leader's snapshot already holds are no divergence, and get no digest", () => {
  const { ensemble, leader, idler } = leaderAndIdler();
  const client = ensemble.connect(leader.id);
  for (let index = 0; index < 20; index++) assert.equal(client.create(`/before-${index}`).err, 0);
  const { receive } = snapshotOf(leader);
  for (let index = 0; index < 150; index++) assert.equal(client.create(`/during-${index}`).err, 0);

  const { replica } = idler;
  receive(replica);
  const commitNew = () => {
    const { history } = leader.replica;
    for (let index = 0; index < history.length; index++) {
      const { zxid, bytes } = history.at(index);
      if (zxid <= replica.lastZxid) continue;
      replica.event(() => {
        replica.append(zxid, bytes);
        replica.commit(zxid);
      });
    }
    idler.ensemble.advance(20);
  };
  commitNew();
  assert.deepEqual(
    [...idler.database.digests.entries()],
    [],
    'the tree holds later transactions, so its digest belongs to no zxid',
  );
  let isDurable = false;
  replica.makeDurable(() => {
    isDurable = true;
  });
  idler.ensemble.advance(100);
  assert(isDurable);
  for (let index = 0; index < 150; index++) assert.equal(client.create(`/after-${index}`).err, 0);
  commitNew();

  const text = (member: TestMember) => member.database.tree.digest.toBigInt();
  assert.equal(text(idler), text(leader));
  assert.deepEqual(
    idler.logged.filter((line) => line.includes('differs')),
    [],
  );
  const known = [...leader.database.digests.entries()];
  assert.deepEqual(
    [...idler.database.digests.entries()],
    known.slice(-1),
    'the digest is kept again after the last of them',
  );
});

test("a term that ends while the leader's snapshot is written leaves all of the snapshot or nothing", () => {
  const outcomes = new Set<boolean>();
  for (let step = 0; step < 12; step++) {
    const { leader, idler } = leaderAndIdler();
    const { label, receive } = snapshotOf(leader);
    const { disk, scheduler, replica } = idler;
    receive(replica);
    replica.makeDurable(() => {});
    for (let done = 0; done < step; done++) {
      scheduler.runTurn();
      disk.runPending(1);
    }
    let hasEnded = false;
    replica.endTerm(() => {
      hasEnded = true;
      const names = disk.list('/data/version-2').join(' ');
      assert.doesNotMatch(names, /\.tmp/);
      assert.equal(replica.lastZxid === label, names.includes(`snapshot.${label.toString(16)}`), names);
      outcomes.add(replica.lastZxid === label);
    });
    idler.ensemble.advance(100);
    assert(hasEnded, `after step ${step}`);
  }
  assert.equal(outcomes.size, 2, 'some of these terms ended before the snapshot had its name, some after');
});
