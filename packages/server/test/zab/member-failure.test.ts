import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRequest } from '../support/test-client.js';
import { TestEnsemble } from '../support/test-ensemble.js';

test('a member that cannot write its log ends its process with exit code 1 and the reason', () => {
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
  assert.equal(follower.exitCode, undefined, 'the default is 1');
  assert.equal(client.replies()[0]?.err, 0, 'the other two members are a quorum');
});

test("a member that cannot write the leader's snapshot ends its process with exit code 10", () => {
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
