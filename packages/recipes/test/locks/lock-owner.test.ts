import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Lock } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { namesIn, untilCount } from '../support/line.js';

test('the holds of an owner share one node, which goes with the last release', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new Lock(zk, '/a');
  const owner = {};
  const [outer, inner] = [await lock.acquire({ owner }), await lock.acquire({ owner })];
  assert.equal(inner.token, outer.token);
  assert.equal((await namesIn(zk, '/a')).length, 1);
  await outer.release();
  await refused(outer.release(), 'NOT_HELD');
  assert.equal(await lock.tryAcquire({ owner: {} }), undefined);
  await inner.release();
  assert.deepEqual(await namesIn(zk, '/a'), []);
  await (await lock.acquire({ owner })).release();
});

test('two calls of one owner at the same time share the node', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new Lock(zk, '/a');
  const held = await lock.acquire({ owner: 'first' });
  const calls = [lock.acquire({ owner: 'second' }), lock.acquire({ owner: 'second' })];
  assert.equal(await lock.tryAcquire({ owner: 'second' }), undefined);
  await untilCount(zk, '/a', 2);
  await held.release();
  const [one, other] = await Promise.all(calls);
  assert.equal(one!.path, other!.path);
  await one!.release();
  assert.equal((await namesIn(zk, '/a')).length, 1);
  await other!.release();
});

test('when the first call of an owner fails, its second call waits in the line itself', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new Lock(zk, '/a');
  const held = await lock.acquire();
  const controller = new AbortController();
  const first = lock.acquire({ owner: 'x', signal: controller.signal });
  const second = lock.acquire({ owner: 'x' });
  const third = lock.acquire({ owner: 'x', timeoutMs: 10 });
  await refused(third, 'TIMEOUT');
  controller.abort();
  await refused(first, 'ABORTED');
  await held.release();
  await (await second).release();
  await untilCount(zk, '/a', 0);
});

test('an owner that has lost its hold gets no further hold of it', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new Lock(zk, '/a');
  const held = await lock.acquire({ owner: 'x' });
  const lost = once(held.signal, 'abort');
  await zk.delete(held.path);
  await lost;
  await refused(lock.acquire({ owner: 'x' }), 'LOST');
  await held.release();
  await (await lock.acquire({ owner: 'x' })).release();
});

test('without an owner, each call waits on its own', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new Lock(zk, '/a');
  await using _ = await lock.acquire();
  await refused(lock.acquire({ timeoutMs: 20 }), 'TIMEOUT');
});
