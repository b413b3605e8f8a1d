import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestEnsemble } from '../support/test-ensemble.js';

test('FIFO client order: a read between a sync and a write does not see the write, on any server', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  ensemble.untilServing();
  for (const id of [1, 2, 3]) {
    const client = ensemble.connect(id);
    const path = `/n${id}`;
    assert.equal(client.create(path, 'old').err, 0);
    const sync = client.send('sync', { path: '/' });
    const get = client.send('getData', { path, watch: false });
    const set = client.send('setData', { path, data: Buffer.from('new'), version: -1 });
    const last = client.send('getData', { path, watch: false });
    ensemble.settle();
    const replies = client.replies();
    assert.deepEqual(
      replies.map(({ xid }) => xid),
      [sync, get, set, last],
    );
    assert.equal(replies[1]!.body.data.toString(), 'old', `at server ${id}`);
    assert.equal(replies[3]!.body.data.toString(), 'new');
    const zxids = replies.map(({ zxid }) => zxid);
    assert.deepEqual(
      zxids,
      zxids.toSorted((a, b) => a - b),
    );
  }
});
