import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid, zxidEpoch } from '@nodekeeper/protocol';
import type { Leading } from '../../src/roles/leading.js';
import { requestFrame } from '../../src/testing/wire.js';
import { createRequest, type TestClient } from '../support/test-client.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

/**
 * The zxid at which a leader resigns. It is far below the last zxid of the epoch, because the leader still proposes all
 * requests of the current turn.
 */
const resignsAt = makeZxid(1, 0xff00_0000);

/** Starts three servers in epoch 1. The leader continues as if all zxids up to this one were used. */
function servingAt(zxid: number): { ensemble: TestEnsemble; leader: TestMember } {
  // force snapshots, because a snapshot can bring a learner to any zxid
  const ensemble = new TestEnsemble(3, { sync: { forcesSnapshots: true } });
  ensemble.start();
  const leader = ensemble.untilServing();
  const { database, history, parts } = leader.replica;
  (parts.role as Leading).writePath.skipTo(zxid);
  history.startBehind(zxid);
  // without this snapshot, the next start of the leader would find a gap between the zxids in its files
  database.snapshots.take((error) => assert.equal(error, undefined));
  ensemble.settle();
  for (const follower of ensemble.members.filter((member) => member !== leader)) {
    follower.stop();
    follower.start();
    ensemble.untilServing();
    assert.equal(follower.replica.lastZxid, zxid);
  }
  return { ensemble, leader };
}

/** Sends many creates in one chunk, so that the server handles all of them in one turn. */
function sendAtOnce(client: TestClient, paths: readonly string[]): void {
  const frames = paths.map((path, index) => {
    const xid = 10_000 + index;
    client.wire.asked(xid, 'create');
    return requestFrame(xid, 'create', createRequest(path));
  });
  client.raw(Buffer.concat(frames));
}

for (const role of ['leader', 'follower'] as const) {
  test(`4.7.6 L-9 a new epoch begins before the zxid counter is used up, and no write through a ${role} is lost`, () => {
    const { ensemble, leader } = servingAt(resignsAt - 20);
    const at = role === 'leader' ? leader : ensemble.members.find((member) => member !== leader)!;
    const client = ensemble.connect(at.id, { timeoutMs: 4000 });
    const single = Array.from({ length: 10 }, (_, index) => `/single${index}`);
    for (const path of single) assert.equal(client.create(path).err, 0);
    assert.equal(ensemble.leader, leader);
    const burst = Array.from({ length: 800 }, (_, index) => `/burst${index}`);
    sendAtOnce(client, burst);
    const resigned = 'WARN The term is over: the zxids of this epoch are used up';
    ensemble.until('the leader resigns', () => leader.logged.includes(resigned));
    const answered = client.replies().filter(({ err }) => err === 0).length;
    let next = ensemble.untilServing();
    assert.equal(next.epochs.current, 2, ensemble.story());
    const later = ensemble.connect(next.id);
    assert.equal(later.create('/later').err, 0);
    assert.equal(zxidEpoch(later.exists('/later').body.stat.czxid), 2);
    // Restart all members. The files of every member must also hold the writes.
    for (const member of ensemble.members) member.crash(() => 0.5);
    ensemble.start();
    next = ensemble.untilServing();
    for (const { id } of ensemble.members) {
      const reader = ensemble.connect(id);
      reader.call('sync', { path: '/' });
      const there = new Set(reader.children('/'));
      for (const path of [...single, ...burst.slice(0, answered), '/later']) assert(there.has(path.slice(1)), path);
      for (const path of burst.filter((each) => there.has(each.slice(1)))) {
        assert.equal(
          zxidEpoch(reader.exists(path).body.stat.czxid),
          1,
          'a zxid of an epoch that no leader had started',
        );
      }
    }
    assert.equal(ensemble.connect(next.id).create('/last').err, 0);
  });
}
