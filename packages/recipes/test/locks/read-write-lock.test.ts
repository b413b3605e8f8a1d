import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type Held, ReadWriteLock } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

test('readers share the lock, and a writer waits for all readers before it', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const lock = new ReadWriteLock(zk, '/a');
  const readers = [await lock.read.acquire(), await new ReadWriteLock(other, '/a').read.acquire()];
  const writing = lock.write.acquire();
  await untilCount(zk, '/a', 3);
  await readers[1]!.release();
  await refused(lock.write.acquire({ timeoutMs: 20 }), 'TIMEOUT');
  assert.equal(await lock.write.tryAcquire(), undefined);
  await readers[0]!.release();
  const writer = await writing;
  assert.equal(await lock.read.tryAcquire(), undefined);
  assert.ok(writer.token > readers[1]!.token);
  await writer.release();
  await (await lock.read.tryAcquire())!.release();
});

test('a reader waits for a writer that waits before it', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new ReadWriteLock(zk, '/a');
  const first = await lock.read.acquire();
  const writing = lock.write.acquire();
  await untilCount(zk, '/a', 2);
  assert.equal(await lock.read.tryAcquire(), undefined);
  await first.release();
  await (await writing).release();
});

test('kazoo#649: a reader between two writers gets its turn', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new ReadWriteLock(zk, '/a', { naming: 'kazoo' });
  const first = await lock.write.acquire();
  const reading = lock.read.acquire();
  const writing = lock.write.acquire();
  await untilCount(zk, '/a', 3);
  await first.release();
  await (await reading).release();
  await (await writing).release();
});

test('the release of a writer wakes only the readers directly after it', async (context) => {
  const bench = await recipeBench(context);
  const [zk, holder] = [await bench.connect(), await bench.connect()];
  const lock = new ReadWriteLock(zk, '/a');
  const writer = await new ReadWriteLock(holder, '/a').write.acquire();
  const readers = Array.from({ length: 3 }, () => lock.read.acquire());
  const writing = lock.write.acquire();
  const laterReaders = Array.from({ length: 10 }, () => lock.read.acquire());
  await untilCount(zk, '/a', 15);
  await zk.sync('/');
  while (zk.stats().watches.data < 3) await zk.exists('/');
  const { watchEvents } = zk.stats();
  await writer.release();
  const held = await Promise.all(readers);
  await zk.sync('/');
  // the three readers share one watch of the server
  assert.equal(zk.stats().watchEvents - watchEvents, 1);
  for (const reader of held) await reader.release();
  await (await writing).release();
  for (const reader of laterReaders) await (await reader).release();
});

test('CURATOR-621: after a downgrade, a writer that waits does not get the lock', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const lock = new ReadWriteLock(zk, '/a');
  const writer = await lock.write.acquire();
  let written: Held | undefined;
  const writing = new ReadWriteLock(other, '/a').write.acquire().then((held) => {
    written = held;
  });
  await untilCount(zk, '/a', 2);
  const reader = await writer.downgrade();
  assert.equal(reader.path.slice(-10), writer.path.slice(-10));
  await refused(writer.release(), 'NOT_HELD');
  await refused(writer.downgrade(), 'NOT_HELD');
  await other.sync('/');
  await other.exists('/');
  assert.equal(written, undefined);
  assert.equal((await namesIn(zk, '/a')).length, 2);
  await reader.release();
  await writing;
  await written!.release();
});

test('a downgrade lets the readers that wait directly after the writer in', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const writer = await new ReadWriteLock(zk, '/a').write.acquire();
  const reading = new ReadWriteLock(other, '/a').read.acquire();
  await untilCount(zk, '/a', 2);
  const reader = await writer.downgrade();
  await (await reading).release();
  await reader.release();
});

test('an owner that writes may read too, and keeps reading after the release of the writing side', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const lock = new ReadWriteLock(zk, '/a');
  const owner = Symbol('owner');
  const [writing, reading] = [lock.write.acquire({ owner }), lock.read.acquire({ owner })];
  const [writer, reader] = [await writing, await reading];
  await using again = await lock.write.acquire({ owner });
  assert.equal(again.token, writer.token);
  await writer.release();
  assert.equal(await new ReadWriteLock(other, '/a').read.tryAcquire(), undefined);
  await again.release();
  await (await new ReadWriteLock(other, '/a').read.tryAcquire())!.release();
  assert.equal(await new ReadWriteLock(other, '/a').write.tryAcquire(), undefined);
  await reader.release();
  assert.deepEqual(await namesIn(zk, '/a'), []);
});

test('an owner that reads may not write, because it would wait for itself', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new ReadWriteLock(zk, '/a');
  await using reader = await lock.read.acquire({ owner: 'x' });
  const error = await refused(lock.write.acquire({ owner: 'x' }), 'DEADLOCK');
  assert.match(error.message, /^ReadWriteLock \/a: the owner holds the lock for reading/);
  await refused(lock.write.tryAcquire({ owner: 'x' }), 'DEADLOCK');
  assert.equal(reader.signal.aborted, false);
});

test('a downgrade with a lost reply creates one node for reading', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  const writer = await new ReadWriteLock(zk, '/a', { policy: 'session' }).write.acquire();
  network.loseReplies();
  const downgrading = writer.downgrade();
  await untilCount(operator, '/a', 2);
  network.cut();
  const reader = await downgrading;
  assert.deepEqual(await namesIn(operator, '/a'), [reader.path.slice('/a/'.length)]);
});

test('a lost writer cannot downgrade', async (context) => {
  const bench = await recipeBench(context);
  const [zk, operator] = [await bench.connect(), await bench.connect()];
  const writer = await new ReadWriteLock(zk, '/a').write.acquire();
  const lost = once(writer.signal, 'abort');
  await operator.delete(writer.path);
  await refused(writer.downgrade(), 'LOST');
  await lost;
  await refused(writer.downgrade(), 'LOST');
  assert.deepEqual(await namesIn(zk, '/a'), []);
});

test('the nodes have the names of Curator or kazoo, and each side lists its contenders', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const forms = {
    curator: [/^\/a\/_c_[0-9a-f-]{36}-__READ__\d{10}$/, /^\/a\/_c_[0-9a-f-]{36}-__WRIT__\d{10}$/],
    kazoo: [/^\/a\/[0-9a-f]{32}__rlock__\d{10}$/, /^\/a\/[0-9a-f]{32}__lock__\d{10}$/],
  } as const;
  for (const naming of ['curator', 'kazoo'] as const) {
    const lock = new ReadWriteLock(zk, '/a', { naming });
    const reader = await lock.read.acquire();
    assert.match(reader.path, forms[naming][0]);
    assert.deepEqual([(await lock.read.contenders()).length, (await lock.write.contenders()).length], [1, 0]);
    await reader.release();
    const writer = await lock.write.acquire();
    assert.match(writer.path, forms[naming][1]);
    await writer.release();
  }
});
