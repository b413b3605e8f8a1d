import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { json, utf8 } from '@nodekeeper/client';
import { ChildrenWatch, DataWatch, PatientChildrenWatch } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { until, watchCount } from '../support/cached.js';
import { caughtLater } from '../support/caught-later.js';
import { disturbed } from '../support/line.js';

test('a data watch tells each state of a node, also over lost connections', async (context) => {
  const bench = await recipeBench(context);
  const [{ zk, network }, writer] = [await disturbed(bench), await bench.connect()];
  const states: (string | null | undefined)[] = [];
  await using watch = new DataWatch(zk, '/a', (state) => states.push(state?.data), { codec: utf8 });
  await watch.start();
  assert.deepEqual(states, [undefined]);
  await writer.create('/a', '1');
  await until(zk, () => states.length === 2);
  network.refuse();
  network.cut();
  await writer.set('/a', '2');
  network.accept();
  await until(zk, () => states.length === 3);
  await writer.delete('/a');
  await until(zk, () => states.length === 4);
  await writer.create('/a', null);
  await until(zk, () => states.length === 5);
  assert.deepEqual(states, [undefined, '1', '2', undefined, null]);
});

test('a data watch calls a slow listener once at a time, and then with the newest state', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/a', '0');
  const states: string[] = [];
  const releases: (() => void)[] = [];
  const listener = async (state?: { data: string | null }) => {
    states.push(state!.data!);
    await new Promise<void>((resolve) => releases.push(resolve));
  };
  await using watch = new DataWatch(zk, '/a', listener, { codec: utf8 });
  const starting = watch.start();
  await until(zk, () => states.length === 1);
  for (const value of ['1', '2', '3']) await zk.set('/a', value);
  releases[0]!();
  await starting;
  await until(zk, () => states.length === 2);
  assert.deepEqual(states, ['0', '3']);
});

test('a listener that returns false ends its watch', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/a', '0');
  let calls = 0;
  const watch = new DataWatch(zk, '/a', async () => ++calls < 2);
  await watch.start();
  await zk.set('/a', '1');
  await until(zk, () => calls === 2);
  await zk.set('/a', '2');
  await until(zk, () => watchCount(zk) === 0);
  assert.equal(calls, 2);
  await refused(watch.start(), 'CLOSED');
  await new ChildrenWatch(zk, '/', () => false).start();
  await until(zk, () => watchCount(zk) === 0);
});

test('a listener that throws does not end its watch', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const errors = caughtLater(context);
  let calls = 0;
  await using watch = new DataWatch(zk, '/a', () => {
    calls++;
    throw new Error('broken listener');
  });
  await watch.start();
  await zk.create('/a');
  await until(zk, () => calls === 2 && errors.length === 2);
});

test('a data watch reports invalid data and continues', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/a', 'no JSON');
  const states: unknown[] = [];
  await using watch = new DataWatch(zk, '/a', (state) => states.push(state?.data), { codec: json() });
  const invalid = once(watch, 'invalid');
  await watch.start();
  const [error] = await invalid;
  assert.match(error.message, /^DataWatch \/a: get \/a: .*\(INVALID_DATA\)$/);
  await zk.set('/a', '1');
  await until(zk, () => states.length === 1);
  assert.deepEqual(states, [1]);
});

test('a data watch that may not read its node does not start, and follows a node that becomes readable', async (context) => {
  const bench = await recipeBench(context);
  const [zk, owner] = [await bench.connect(), await bench.connect({ auth: [{ scheme: 'digest', auth: 'u:p' }] })];
  const closed = [{ scheme: 'auth', id: '', perms: 31 }];
  await owner.create('/secret', '', { acl: closed });
  await refused(new DataWatch(zk, '/secret', () => {}).start(), 'NOAUTH');
  assert.equal(watchCount(zk), 0);
  await owner.create('/a', '0');
  const states: (string | null | undefined)[] = [];
  await using watch = new DataWatch(zk, '/a', (state) => states.push(state?.data), { codec: utf8 });
  await watch.start();
  await owner.setAcl('/a', closed);
  await owner.setAcl('/a', [{ scheme: 'world', id: 'anyone', perms: 31 }], {});
  await owner.set('/a', '1');
  await until(zk, () => states.length === 2);
});

test('a children watch tells each list in order, and nothing if only the data changes', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect({ renewSession: true });
  const writer = await bench.connect();
  const lists: (string | undefined)[] = [];
  await using watch = new ChildrenWatch(zk, '/a', (state) => lists.push(state?.children.join()));
  await watch.start();
  await writer.create('/a');
  await until(zk, () => lists.length === 2);
  await writer.create('/a/c');
  await until(zk, () => lists.length === 3);
  await writer.set('/a', 'x');
  const expired = once(zk, 'Expired');
  await bench.expire(zk);
  await writer.create('/a/b');
  await expired;
  await until(zk, () => lists.at(-1) === 'b,c');
  assert.deepEqual(lists, [undefined, '', 'c', 'b,c']);
});

test('a watch whose session expires for good ends with an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const watch = new ChildrenWatch(zk, '/', () => {});
  await watch.start();
  const ended = once(watch, 'error');
  await bench.expire(zk);
  const [error] = await ended;
  assert.equal(error.code, 'SESSIONEXPIRED');
});

test('a start that takes too long closes the watch', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench);
  network.refuse();
  network.cut();
  const watch = new ChildrenWatch(zk, '/', () => assert.fail('called after the end'));
  await refused(watch.start({ timeoutMs: 20 }), 'TIMEOUT');
  network.accept();
  await zk.create('/a');
  await until(zk, () => watchCount(zk) === 0);
});

test('a patient watch waits until the list is stable, and tells the next change', async (context) => {
  const bench = await recipeBench(context);
  const [zk, writer] = [await bench.connect(), await bench.connect()];
  await refused(new PatientChildrenWatch(zk, '/a', { stableMs: 10 }).wait(), 'NONODE');
  await writer.create('/a');
  const waiting = new PatientChildrenWatch(zk, '/a', { stableMs: 200 }).wait();
  for (const name of ['c', 'b']) {
    await until(zk, () => watchCount(zk) === 1);
    await writer.create(`/a/${name}`);
  }
  const list = await waiting;
  assert.deepEqual(list.children, ['b', 'c']);
  assert.equal(list.changed.aborted, false);
  const changed = once(list.changed, 'abort');
  await writer.create('/a/d');
  await changed;
  const again = await new PatientChildrenWatch(zk, '/a', { stableMs: 10 }).wait();
  assert.equal(again.children.length, 3);
  await again.close();
  assert.equal(watchCount(zk), 0);
  const patient = new PatientChildrenWatch(zk, '/a', { stableMs: 60_000 });
  await refused(patient.wait({ timeoutMs: 10 }), 'TIMEOUT');
  await until(zk, () => watchCount(zk) === 0);
});

test('a watch refuses invalid arguments', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const bad = { code: 'BADARGUMENTS' };
  assert.throws(() => new DataWatch(zk, '/a', undefined as never), bad);
  assert.throws(() => new ChildrenWatch(zk, 'a', () => {}), bad);
  assert.throws(() => new PatientChildrenWatch(zk, '/a', { stableMs: -1 }), bad);
});
