import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { test } from 'node:test';
import type { RequestDiagnostics } from '@nodekeeper/client';
import { SharedCount, SharedValue } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { untilClean, untilVersion } from '../support/until.js';
import { Wire } from '../support/wire.js';

test('the first client writes the initial value, and all clients see each change', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  await using first = new SharedCount(one, '/counts/a', 7);
  await using second = new SharedCount(two, '/counts/a', 8);
  await first.start();
  await second.start();
  assert.equal(second.current.value, 7);
  assert.equal((await one.get('/counts/a')).data?.toString('hex'), '00000007');
  const changed = once(second, 'change');
  await first.set(-1);
  assert.equal(first.current.value, -1);
  const [{ value, version, zxid }] = await changed;
  assert.deepEqual({ value, version }, { value: -1, version: 1 });
  assert.ok(zxid > 0);
  await untilClean(one, '/counts/a-clients');
});

test('trySet replaces only the value that the caller has seen', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  await using first = new SharedValue(one, '/a', 'x');
  await using second = new SharedValue(two, '/a');
  await first.start();
  await second.start();
  const seen = second.current;
  assert.equal(await first.trySet(first.current, 'y'), true);
  assert.equal(await second.trySet(seen, 'z'), false);
  assert.equal(String(second.current.value), 'y');
  assert.equal(await second.trySet(second.current, 'z'), true);
  assert.equal(String((await one.get('/a')).data), 'z');
});

test('a value that was deleted and created again is not the one that the caller has seen', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using shared = new SharedValue(zk, '/a', 'x');
  await shared.start();
  const seen = shared.current;
  const deleted = once(shared, 'deleted');
  await zk.delete('/a');
  await deleted;
  assert.equal(String(shared.current.value), 'x');
  const changed = once(shared, 'change');
  await zk.create('/a', 'x');
  await changed;
  assert.equal(shared.current.version, seen.version);
  assert.equal(await shared.trySet(seen, 'y'), false);
  await shared.set('y');
  assert.equal(String(shared.current.value), 'y');
});

test('set creates the node again after it was deleted', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using shared = new SharedValue(zk, '/dir/a', 'x');
  await shared.start();
  await zk.deleteRecursive('/dir');
  await shared.set('y');
  assert.equal(String((await zk.get('/dir/a')).data), 'y');
});

test('a set whose reply is lost does not overwrite a later value', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  await using shared = new SharedValue(zk, '/a', 'x');
  await shared.start();
  wire.loseReplies();
  const setting = shared.set('mine');
  await untilVersion(other, '/a', 1);
  await other.set('/a', 'later');
  wire.cut();
  await setting;
  assert.equal(String((await other.get('/a')).data), 'later');
  assert.equal(String(shared.current.value), 'later');
  await untilClean(other, '/a-clients');
});

test('for await yields the current value and each newer one, until close', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const count = new SharedCount(zk, '/a');
  await count.start();
  const values: number[] = [];
  for await (const { value } of count) {
    values.push(value);
    if (value === 3) setImmediate(() => void count.close());
    else await count.set(value + 1);
  }
  assert.deepEqual(values, [0, 1, 2, 3]);
  while (Object.values(zk.stats().watches).some((watched) => watched > 0)) await zk.exists('/');
  assert.throws(() => count.current, { code: 'CLOSED' });
  await refused(count.set(1), 'CLOSED');
});

test('changes during a disconnection are seen after it', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  await using count = new SharedCount(zk, '/a');
  await count.start();
  const changed = once(count, 'change');
  wire.down();
  await other.set('/a', Buffer.from('00000009', 'hex'));
  wire.up();
  assert.equal((await changed)[0].value, 9);
});

test('a session that expires ends the recipe, unless the client renews it', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const [mortal, renewing] = [await bench.connect(), await bench.connect({ renewSession: true })];
  const ending = new SharedCount(mortal, '/a');
  await using lasting = new SharedCount(renewing, '/a');
  await ending.start();
  await lasting.start();
  const failed = once(ending, 'error');
  await bench.expire(mortal);
  assert.equal((await failed)[0].code, 'SESSIONEXPIRED');
  await refused(ending.set(1), 'CLOSED');
  await bench.expire(renewing);
  const changed = once(lasting, 'change');
  await other.set('/a', Buffer.from('00000009', 'hex'));
  assert.equal((await changed)[0].value, 9);
});

test('foreign data is an event, and the last value stays', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using count = new SharedCount(zk, '/a', 5);
  await count.start();
  const invalid = once(count, 'invalid');
  await zk.set('/a', 'garbage');
  assert.equal((await invalid)[0].code, 'BAD_NODE');
  assert.equal(count.current.value, 5);
  const changed = once(count, 'change');
  await count.set(6);
  await changed;
  await zk.set('/a', 'garbage');
  await refused(new SharedCount(zk, '/a').start(), 'BAD_NODE');
});

test('a listener that throws does not stop the recipe', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using count = new SharedCount(zk, '/a');
  await count.start();
  const [listener] = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  context.after(() => void (listener && process.on('uncaughtException', listener)));
  const thrown = new Promise((resolve) => process.once('uncaughtException', resolve));
  count.once('change', () => {
    throw new Error('by the listener');
  });
  await count.set(1);
  assert.match(String(await thrown), /by the listener/);
  await count.set(2);
  assert.equal(count.current.value, 2);
});

test('an initial value that does not fit is refused', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  assert.throws(() => new SharedCount(zk, '/a', 2 ** 31), { code: 'BADARGUMENTS' });
  assert.throws(() => new SharedValue(zk, '/a', 5 as unknown as string), { code: 'BADARGUMENTS' });
});

test('a value that was replaced counts as replaced, also if the caller stops waiting during the read after it', async (context) => {
  const bench = await recipeBench(context);
  await using count = new SharedCount(await bench.connect(), '/a');
  await count.start();
  const channel = 'nodekeeper:client:request:end';
  const controller = new AbortController();
  const onEnd = (message: unknown) => (message as RequestDiagnostics).op === 'multi' && controller.abort();
  subscribe(channel, onEnd);
  context.after(() => unsubscribe(channel, onEnd));
  const changed = once(count, 'change');
  assert.equal(await count.trySet(count.current, 1, { signal: controller.signal }), true);
  await changed;
  assert.equal(count.current.value, 1);
});
