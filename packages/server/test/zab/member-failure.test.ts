import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRequest } from '../support/test-client.js';
import { TestEnsemble } from '../support/test-ensemble.js';

test('a member whose log cannot be written asks for its process to end, with exit code 1 and the reason', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const follower = ensemble.members.find((member) => member !== leader)!;
  const client = ensemble.connect(leader.id);
  assert.equal(client.create('/before').err, 0);
  follower.disk.fault = (step, path) => (step === 'write' && path.includes('/log.') ? 'ENOSPC' : undefined);
  client.send('create', createRequest('/after'));
  ensemble.settle();
  assert.match(follower.failure!, /^the transaction log cannot be written: .*log\.\w+.*ENOSPC/);
  assert.equal(follower.exitCode, undefined, 'which is 1');
  assert.equal(client.replies()[0]?.err, 0, 'the others are a quorum without it');
});

test("a member whose snapshot of the leader's tree cannot be written asks for its process to end, with exit code 10", () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const follower = ensemble.members.find((member) => member !== leader)!;
  follower.stop();
  const client = ensemble.connect(leader.id);
  for (let index = 0; index < 600; index++) client.send('create', createRequest(`/n${index}`));
  ensemble.settle();
  follower.start();
  follower.disk.fault = (step, path) => (step === 'write' && path.includes('snapshot') ? 'ENOSPC' : undefined);
  ensemble.until('the snapshot fails', () => follower.failure !== undefined);
  assert.match(follower.failure!, /^the snapshot of the leader cannot be written: .*ENOSPC/);
  assert.equal(follower.exitCode, 10);
});
