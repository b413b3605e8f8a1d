import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestClient } from '../support/test-client.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

/** A session whose close is proposed but not committed, because the leader is cut off from its followers. */
function ending(): { ensemble: TestEnsemble; leader: TestMember; resume: (id: number) => TestClient } {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const client = ensemble.connect(leader.id, { timeoutMs: 4000 });
  assert.equal(client.create('/mine', '', { flags: 1 }).err, 0);
  const { sessionId, passwd } = client.response!;
  for (const { name } of ensemble.members) if (name !== leader.name) ensemble.peers.cut(leader.name, name);
  client.send('closeSession');
  ensemble.advance(20);
  client.disconnect();
  const resume = (id: number) => ensemble.connect(id, { sessionId, passwd, timeoutMs: 4000 });
  return { ensemble, leader, resume };
}

test('a session whose close is only proposed is not refused, and continues if the close is lost', () => {
  const { ensemble, leader, resume } = ending();
  const waiting = resume(leader.id);
  ensemble.advance(100);
  assert.deepEqual([waiting.response, waiting.isClosed], [undefined, false]);
  leader.crash(() => 0);
  ensemble.until('another server leads', () => ensemble.leader !== undefined);
  const next = ensemble.untilServing();
  const resumed = resume(next.id);
  assert.equal(resumed.response?.timeOut, 4000);
  assert.equal(resumed.exists('/mine').err, 0);
});

test('every server refuses a session as soon as its close is committed', () => {
  const { ensemble, leader, resume } = ending();
  const clients = ensemble.members.map(({ id }) => resume(id));
  const timeouts = () => clients.map((client) => client.takeConnected()?.response.timeOut);
  ensemble.advance(20);
  assert.deepEqual(timeouts(), [undefined, undefined, undefined]);
  ensemble.peers.heal();
  ensemble.advance(100);
  assert.deepEqual(timeouts(), [0, 0, 0]);
  assert.equal(ensemble.leader, leader);
});

test('a leader refuses an unknown session only when a quorum has confirmed the leader', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const ended = ensemble.connect(leader.id, { timeoutMs: 4000 });
  const { sessionId, passwd } = ended.response!;
  assert.equal(ended.close().err, 0);
  ensemble.peers.isolate(
    leader.name,
    ensemble.members.map(({ name }) => name),
  );
  const client = ensemble.connect(leader.id, { sessionId, passwd, timeoutMs: 4000 });
  ensemble.advance(100);
  assert.deepEqual([client.response, client.isClosed], [undefined, false]);
  ensemble.peers.heal();
  ensemble.advance(100);
  assert.equal(client.takeConnected()?.response.timeOut, 0);
  assert.equal(ensemble.leader, leader);
});
