import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import { AtomicDouble, AtomicLong } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { untilClean, untilVersion } from '../support/until.js';
import { Wire } from '../support/wire.js';

test('a missing or empty node counts as 0, and the first change creates it as Curator does', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const counter = new AtomicLong(zk, '/numbers/a');
  assert.equal(await counter.get(), 0n);
  assert.deepEqual(await counter.add(5n), { preValue: 0n, postValue: 5n });
  assert.deepEqual(await counter.decrement(), { preValue: 5n, postValue: 4n });
  const { data, stat } = await zk.get('/numbers/a');
  assert.equal(data?.toString('hex'), '0000000000000004');
  assert.equal(stat.ephemeralOwner, 0n);
  await zk.create('/empty');
  assert.deepEqual(await new AtomicLong(zk, '/empty').increment(), { preValue: 0n, postValue: 1n });
  await untilClean(zk, '/numbers/a-clients');
});

test('no increment of many clients at the same time is lost, and each sees another value', async (context) => {
  const bench = await recipeBench(context);
  const clients = [await bench.connect(), await bench.connect(), await bench.connect()];
  const counters = clients.map((zk) => new AtomicLong(zk, '/a', { optimisticAttempts: 2 }));
  const changes = await Promise.all(
    Array.from({ length: 60 }, (_, index) => counters[index % 3]!.increment({ timeoutMs: 60_000 })),
  );
  assert.deepEqual(new Set(changes.map(({ postValue }) => Number(postValue))).size, 60);
  assert.equal(await counters[0]!.get(), 60n);
  await untilClean(clients[0]!, '/a-clients');
});

test('a change under the lock works without optimistic attempts', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const counter = new AtomicLong(zk, '/a', { optimisticAttempts: 0, lockPath: '/lock' });
  await Promise.all([counter.increment(), counter.increment(), counter.increment()]);
  assert.equal(await counter.get(), 3n);
  await untilClean(zk, '/lock');
});

test('an increment whose reply is lost is applied once and reported right', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const counter = new AtomicLong(zk, '/a');
  await counter.increment();
  wire.loseReplies();
  const change = counter.add(10n);
  // `add` reads first, and the reply to that is lost as well
  await other.exists('/');
  wire.cut();
  assert.deepEqual(await change, { preValue: 1n, postValue: 11n });
  assert.equal(await counter.get(), 11n);
});

test('after a lost reply, the marker decides, although another client has changed the value since', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  await new AtomicLong(other, '/a').increment();
  const counter = new AtomicLong(zk, '/a');
  wire.loseRepliesAfter(zk, 'get');
  const change = counter.add(10n);
  await untilVersion(other, '/a', 1);
  assert.deepEqual(await new AtomicLong(other, '/a').add(-10n), { preValue: 11n, postValue: 1n });
  wire.cut();
  assert.deepEqual(await change, { preValue: 1n, postValue: 11n });
  assert.equal(await new AtomicLong(other, '/a').get(), 1n);
  await untilClean(other, '/a-clients');
});

test('an increment that the server never got is made after the reconnection', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const counter = new AtomicLong(zk, '/a');
  await counter.increment();
  wire.loseRequests();
  const change = counter.increment();
  wire.cut();
  assert.deepEqual(await change, { preValue: 1n, postValue: 2n });
});

test('a session that ends before the client knows the outcome leaves the change in doubt', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  for (const renewSession of [false, true]) {
    const path = `/renew-${renewSession}`;
    const wire = new Wire(other);
    const zk = await bench.connect({ ports: wire.ports, renewSession });
    const counter = new AtomicLong(zk, path);
    await counter.increment();
    wire.loseRepliesAfter(zk, 'get');
    const change = counter.increment();
    await untilVersion(other, path, 1);
    wire.down();
    await bench.expire(zk);
    wire.up();
    const error = await refused(change, 'IN_DOUBT');
    assert.match(error.message, /^AtomicLong \/renew-\w+: the value may have been changed: /);
    if (renewSession) assert.equal((await counter.increment()).preValue, 2n);
  }
});

test('a caller that stops waiting gets the result if the server can still give it', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const counter = new AtomicLong(zk, '/a');
  await counter.increment();
  const controller = new AbortController();
  const { transaction } = zk;
  zk.transaction = () => {
    queueMicrotask(() => controller.abort());
    return transaction.call(zk);
  };
  assert.deepEqual(await counter.increment({ signal: controller.signal }), { preValue: 1n, postValue: 2n });
  await refused(counter.increment({ signal: controller.signal }), 'ABORTED');
  assert.equal(await counter.get(), 2n);
});

test('a caller that stops waiting without a connection is told that the change is in doubt', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const counter = new AtomicLong(zk, '/a');
  await counter.increment();
  wire.loseRepliesAfter(zk, 'get');
  const controller = new AbortController();
  const change = counter.increment({ signal: controller.signal });
  await untilVersion(other, '/a', 1);
  wire.down();
  controller.abort();
  const error = await refused(change, 'IN_DOUBT');
  assert.match(error.message, /the value may have been changed: AtomicLong \/a: aborted/);
  await refused(counter.get({ timeoutMs: 10 }), 'TIMEOUT');
  wire.up();
  assert.equal(await counter.get(), 2n);
  await untilClean(other, '/a-clients');
});

test('compareAndSet and set change the value as they say', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const counter = new AtomicLong(zk, '/a');
  assert.deepEqual(await counter.compareAndSet(1n, 2n), { succeeded: false, preValue: 0n, postValue: 0n });
  assert.deepEqual(await counter.compareAndSet(0n, 2n), { succeeded: true, preValue: 0n, postValue: 2n });
  assert.deepEqual(await counter.set(-7n), { preValue: 2n, postValue: -7n });
  assert.equal((await zk.get('/a')).data?.toString('hex'), 'fffffffffffffff9');
});

test('a value that does not fit is refused, and changes nothing', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const counter = new AtomicLong(zk, '/a');
  await counter.set(2n ** 63n - 1n);
  const error = await refused(counter.increment(), 'BADARGUMENTS');
  assert.match(error.message, /the value must be a bigint of at most 64 bits, got 9223372036854775808/);
  await refused(counter.add(1 as unknown as bigint), 'BADARGUMENTS');
  assert.equal(await counter.get(), 2n ** 63n - 1n);
});

test('foreign data is refused with the path, and stays', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/a', 'twelve');
  const error = await refused(new AtomicLong(zk, '/a').increment(), 'BAD_NODE');
  assert.equal(
    error.message,
    'AtomicLong /a: the data of the node is not a bigint of at most 64 bits (6 bytes) (BAD_NODE)',
  );
  await refused(new AtomicLong(zk, '/a', { naming: 'kazoo' }).get(), 'BAD_NODE');
  assert.equal(String((await zk.get('/a')).data), 'twelve');
});

test('the text of kazoo: integers without a limit, and floats', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const counter = new AtomicLong(zk, '/int', { naming: 'kazoo' });
  await counter.add(2n ** 70n);
  assert.equal(String((await zk.get('/int')).data), '1180591620717411303424');
  await counter.set(-3n);
  assert.equal(String((await zk.get('/int')).data), '-3');
  const float = new AtomicDouble(zk, '/float');
  await float.add(1.5);
  await float.add(1.5);
  assert.equal(String((await zk.get('/float')).data), '3.0');
  await zk.set('/float', '1e+16');
  assert.deepEqual(await float.add(1), { preValue: 1e16, postValue: 1e16 + 1 });
  await refused(float.add(Number.NaN), 'BADARGUMENTS');
});

test('a server that refuses the change is named, and the marker is gone', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/a', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
  const error = await refused(new AtomicLong(zk, '/a').increment(), 'NOAUTH');
  assert.match(error.message, /^AtomicLong \/a: set \/a: /);
  assert.equal((await zk.children('/a-clients')).children.length, 0);
});

/** A client that reads the version -1, as after 2^32 - 1 changes. */
function withWrappedVersion(zk: ZooKeeper): ZooKeeper {
  return new Proxy(zk, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== 'get') return typeof value === 'function' ? value.bind(target) : value;
      return async (...values: Parameters<ZooKeeper['get']>) => {
        const read = await target.get(...values);
        return { ...read, stat: { ...read.stat, version: read.stat.version === 0 ? -1 : read.stat.version } };
      };
    },
  });
}

test('kazoo#730: at the version -1, which compares nothing, only one client can replace the value', async (context) => {
  const bench = await recipeBench(context);
  const clients = [await bench.connect(), await bench.connect(), await bench.connect()];
  await clients[0]!.create('/a');
  const counters = clients.map((zk) => new AtomicLong(withWrappedVersion(zk), '/a'));
  await Promise.all(counters.map((counter) => counter.increment()));
  assert.equal(await counters[0]!.get(), 3n);
});
