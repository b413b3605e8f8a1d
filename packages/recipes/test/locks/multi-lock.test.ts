import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Lock, MultiLock, ReadWriteLock, Semaphore } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

test('all locks are held, and released in the reverse order', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const parts = [new Lock(zk, '/a'), new ReadWriteLock(zk, '/b').write, new Semaphore(zk, '/c', { permits: 1 })];
  const held = await new MultiLock(zk, parts).acquire();
  const tokens = held.holds.map(({ token }) => token);
  assert.deepEqual(
    tokens,
    [...tokens].sort((one, other) => one - other),
  );
  assert.equal(held.token, tokens.at(-1));
  for (const part of parts) assert.equal(await part.tryAcquire(), undefined);
  const deleted: string[] = [];
  const original = zk.delete.bind(zk);
  zk.delete = (path, options) => {
    deleted.push(path);
    return original(path, options);
  };
  await held.release();
  await refused(held.release(), 'NOT_HELD');
  assert.deepEqual(deleted, held.holds.map(({ path }) => path).reverse());
});

test('if one lock cannot be acquired, the others are released', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  await using _ = await new Lock(other, '/b').acquire();
  const both = new MultiLock(zk, [new Lock(zk, '/a'), new Lock(zk, '/b')]);
  const error = await refused(both.acquire({ timeoutMs: 50 }), 'TIMEOUT');
  assert.equal(error.message, 'MultiLock /a, /b: not done within 50 ms (TIMEOUT)');
  await untilCount(zk, '/a', 0);
  await untilCount(zk, '/b', 1);
  assert.equal(await both.tryAcquire(), undefined);
  assert.deepEqual(await namesIn(zk, '/a'), []);
});

test('the loss of one lock aborts the signal of all', async (context) => {
  const bench = await recipeBench(context);
  const [zk, operator] = [await bench.connect(), await bench.connect()];
  await using held = await new MultiLock(zk, [new Lock(zk, '/a'), new Lock(zk, '/b')]).acquire();
  const lost = once(held.signal, 'abort');
  await operator.delete(held.holds[0]!.path);
  await lost;
  assert.equal(held.signal.reason.code, 'LOST');
});

test('a lock that is in doubt while the client waits for the next one is not part of a hold', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  const blocking = await new Lock(operator, '/b').acquire();
  const acquiring = new MultiLock(zk, [new Lock(zk, '/a'), new Lock(zk, '/b')]).acquire();
  await untilCount(operator, '/b', 2);
  network.cut();
  await once(zk, 'SyncConnected');
  await blocking.release();
  await refused(acquiring, 'IN_DOUBT');
  await untilCount(operator, '/a', 0);
  await untilCount(operator, '/b', 0);
});

test('the locks are checked', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new Lock(zk, '/a');
  for (const locks of [[], [lock, lock], undefined as never]) {
    assert.throws(() => new MultiLock(zk, locks), { code: 'BADARGUMENTS', message: /an array of different locks/ });
  }
});
