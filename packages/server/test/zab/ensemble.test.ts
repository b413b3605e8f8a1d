import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRequest } from '../support/test-client.js';
import { TestEnsemble } from '../support/test-ensemble.js';

function sameTrees(ensemble: TestEnsemble): void {
  const digests = ensemble.members.filter(({ isUp }) => isUp).map(({ core }) => core.tree.digest.toBigInt());
  assert.equal(new Set(digests).size, 1, `digests differ: ${digests.join(', ')}\n${ensemble.story()}`);
}

test('three servers elect a leader, and what is written at one is read at all', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  for (const id of [1, 2, 3]) {
    const client = ensemble.connect(id);
    assert.equal(client.create(`/from-${id}`, `by ${id}`).err, 0);
    assert.equal(client.text(`/from-${id}`), `by ${id}`);
  }
  for (const id of [1, 2, 3]) {
    const client = ensemble.connect(id);
    assert.deepEqual(client.children('/'), ['from-1', 'from-2', 'from-3', 'zookeeper']);
    assert.equal(client.call('sync', { path: '/' }).err, 0);
  }
  assert.equal(leader.epochs.current, 1);
  sameTrees(ensemble);
});

test('a leader that crashes is replaced, and nothing acknowledged is lost', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const client = ensemble.connect(leader.id);
  for (let index = 0; index < 20; index++) assert.equal(client.create(`/n${index}`).err, 0);
  leader.crash(() => 0.5);
  ensemble.until('another leads', () => ensemble.leader !== undefined && ensemble.leader !== leader);
  const next = ensemble.untilServing();
  const other = ensemble.connect(next.id);
  assert.equal(other.children('/')!.length, 21);
  assert.equal(other.create('/after').err, 0);
  leader.start();
  ensemble.untilServing();
  const back = ensemble.connect(leader.id);
  assert.equal(back.children('/')!.length, 22);
  sameTrees(ensemble);
});

test('more requests than are let in at once get through at a follower', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const follower = ensemble.members.find((member) => member !== leader)!;
  const client = ensemble.connect(follower.id);
  for (let index = 0; index < 3000; index++) client.send('create', createRequest(`/n${index}`));
  ensemble.advance(1000);
  const replies = client.replies();
  assert.equal(replies.length, 3000);
  assert(replies.every(({ err }) => err === 0));
  assert.equal(follower.core.outstanding, 0);
  sameTrees(ensemble);
});
