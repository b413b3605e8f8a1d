import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { StandardSchema, ZooKeeper } from '@nodekeeper/client';
import { ConfigCenter } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { until, watchCount } from '../support/cached.js';
import { disturbed } from '../support/line.js';

function schema<Value>(isValid: (value: unknown) => boolean, expected: string): StandardSchema<Value> {
  const validate = (value: unknown) =>
    isValid(value) ? { value: value as Value } : { issues: [{ message: `must be ${expected}` }] };
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

const aNumber = schema<number>((value) => typeof value === 'number', 'a number');
const aText = schema<string>((value) => typeof value === 'string', 'a text');

const keys = {
  limit: { schema: aNumber, default: 10 },
  other: { schema: aNumber, default: 10 },
  banner: { schema: aText, default: '' },
};

function open(zk: ZooKeeper) {
  return new ConfigCenter(zk, '/config', { keys, historyMax: 3 });
}

test('a key has its default value until it is written, and every reader sees the change', async (context) => {
  const bench = await recipeBench(context);
  const [one, other] = [open(await bench.connect()), open(await bench.connect())];
  await one.start();
  await other.start();
  const first = other.current;
  assert.deepEqual({ ...first }, { limit: 10, other: 10, banner: '' });
  const changing = once(other, 'change');
  await one.set({ limit: 20, banner: 'hello' });
  const limit: number = one.get('limit');
  assert.equal(limit, 20);
  const [change] = await changing;
  assert.deepEqual(change.keys, ['limit', 'banner']);
  assert.deepEqual({ ...change.current }, { limit: 20, other: 10, banner: 'hello' });
  assert.equal(change.previous, first);
  assert.equal(other.current, change.current);
  assert.throws(() => Object.assign(other.current, { limit: 1 }), TypeError);
  await one.close();
  await other.close();
});

test('a reader never sees a part of a change, also over lost connections', async (context) => {
  const bench = await recipeBench(context);
  const [{ zk, network }, writer] = [await disturbed(bench), open(await bench.connect())];
  const reader = open(zk);
  await reader.start();
  const seen: number[] = [];
  const check = () => {
    const { limit, other } = reader.current;
    assert.equal(limit, other);
    seen.push(limit);
  };
  reader.on('change', check);
  for (let round = 11; round <= 110; round++) {
    const writing = writer.set({ limit: round, other: round });
    if (round % 20 === 0) network.cut();
    if (round % 3 === 0) await writing;
    check();
  }
  await until(zk, () => reader.get('limit') === 110);
  assert.deepEqual(
    seen,
    seen.toSorted((one, other) => one - other),
  );
  await reader.close();
});

test('an invalid value is reported, and the last good value is kept', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const config = open(zk);
  await config.start();
  await config.set({ limit: 20, other: 20 });
  const reporting = once(config, 'invalid');
  await zk.set('/config/limit', '"many"');
  const [{ key, path, version, error }] = await reporting;
  assert.deepEqual([key, path, version], ['limit', '/config/limit', 1]);
  assert.equal(error.message, 'ConfigCenter /config: /config/limit, version 1: must be a number (INVALID_DATA)');
  assert.equal(config.get('limit'), 20);
  const reports: string[] = [];
  config.on('invalid', (node) => reports.push(node.key));
  // another key changes while this one is invalid
  await config.set({ banner: 'hello' });
  assert.equal(config.get('banner'), 'hello');
  // a transaction of which a part is invalid
  await zk.transaction().set('/config/other', '30').set('/config/limit', 'no JSON').commit();
  await until(zk, () => reports.length === 1);
  assert.deepEqual({ ...config.current }, { limit: 20, other: 20, banner: 'hello' });
  await zk.set('/config/limit', '30');
  await until(zk, () => config.get('limit') === 30);
  assert.equal(config.get('other'), 30);
  assert.deepEqual(reports, ['limit']);
  // a new reader takes each valid value, and defaults for the others
  await zk.set('/config/limit', '{}');
  const later = open(zk);
  await later.start();
  assert.deepEqual({ ...later.current }, { limit: 10, other: 30, banner: 'hello' });
  await zk.delete('/config/banner');
  await until(zk, () => later.get('banner') === '');
});

test('a value that a schema refuses is not written, and no part of the change is', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const config = open(zk);
  const error = await refused(config.set({ banner: 'x', limit: 'many' as never }), 'INVALID_DATA');
  assert.equal(error.message, 'ConfigCenter /config: /config/limit, the new value: must be a number (INVALID_DATA)');
  assert.equal(await zk.exists('/config'), null);
  await refused(config.set({ unknown: 1 } as never), 'BADARGUMENTS');
  await config.set({});
});

test('concurrent updates are all carried out, also if replies are lost', async (context) => {
  const bench = await recipeBench(context);
  const [{ zk, network }, other] = [await disturbed(bench), await bench.connect()];
  const configs = [open(zk), open(other)];
  const updates = Array.from({ length: 20 }, (_, index) => configs[index % 2]!.update('limit', (value) => value + 1));
  for (let cut = 0; cut < 3; cut++) {
    network.loseReplies();
    await other.sync('/');
    network.cut();
    await zk.exists('/');
  }
  await Promise.all(updates);
  assert.equal(String((await other.get('/config/limit')).data), '30');
});

test('the history has the newest versions, and a rollback writes an earlier value again', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const config = open(zk);
  await config.start();
  assert.deepEqual(await config.history('limit'), []);
  for (const limit of [20, 30, 40, 50]) await config.set({ limit, other: limit });
  const versions = async () => (await config.history('limit')).map(({ version, value }) => [version, value]);
  const before = [
    [3, 50],
    [2, 40],
    [1, 30],
  ];
  assert.deepEqual(await versions(), before);
  const [newest] = await config.history('limit');
  const [alsoNewest] = await config.history('other');
  assert.equal(newest!.zxid, alsoNewest!.zxid);
  assert.ok(newest!.timeMs > 0);
  await config.rollback('limit', 1);
  assert.equal(config.get('limit'), 30);
  assert.deepEqual(await versions(), [[4, 30], ...before.slice(0, 2)]);
  const error = await refused(config.rollback('limit', 0), 'NONODE');
  assert.equal(error.message, 'ConfigCenter /config: limit has no version 0 in its history (NONODE)');
  // a write of another program, and a node that is deleted and created again
  await zk.set('/config/limit', '"many"');
  assert.deepEqual((await versions())[0], [5, undefined]);
  await zk.delete('/config/limit');
  await config.set({ limit: 60 });
  assert.deepEqual(await versions(), [[0, 60]]);
});

test('a configuration continues with the next session of a client that renews it', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect({ renewSession: true, reconnectDelayMs: { base: 5, max: 10 } });
  const [config, writer] = [open(zk), open(await bench.connect())];
  await config.start();
  const changing = once(config, 'change');
  await bench.expire(zk);
  await writer.set({ limit: 20 });
  await changing;
  assert.equal(config.get('limit'), 20);
  await config.set({ limit: 30 });
  assert.equal(config.get('limit'), 30);
});

test('a configuration whose session expires for good ends with an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const config = open(zk);
  await config.start();
  const ended = once(config, 'error');
  await bench.expire(zk);
  const [error] = await ended;
  assert.equal(error.code, 'SESSIONEXPIRED');
  assert.throws(() => config.current, { code: 'SESSIONEXPIRED' });
});

test('a start that takes too long leaves no watch, and so does close', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench);
  const config = open(zk);
  assert.throws(() => config.current, { code: 'CLOSED' });
  network.refuse();
  network.cut();
  await refused(config.start({ timeoutMs: 20 }), 'TIMEOUT');
  network.accept();
  await zk.sync('/');
  assert.equal(watchCount(zk), 0);
  await config.start();
  assert.equal(watchCount(zk), 1);
  await config.close();
  assert.equal(watchCount(zk), 0);
  assert.throws(() => config.get('limit'), { code: 'CLOSED' });
  await refused(config.set({ limit: 1 }), 'CLOSED');
});

test('a key that the client may not read is reported, and the others work', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.createWithParents('/config/limit', '20', { acl: [{ scheme: 'digest', id: 'u:hash', perms: 31 }] });
  await zk.create('/config/other', '20');
  const config = open(zk);
  const reporting = once(config, 'invalid');
  await config.start();
  const [{ key, version, error }] = await reporting;
  assert.deepEqual([key, version, error.code], ['limit', -1, 'NOAUTH']);
  assert.deepEqual({ ...config.current }, { limit: 10, other: 20, banner: '' });
});

test('invalid keys are refused', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const bad = (wrong: object, message: RegExp) =>
    assert.throws(() => new ConfigCenter(zk, '/config', { keys: wrong as typeof keys }), {
      code: 'BADARGUMENTS',
      message,
    });
  bad({ 'a/b': keys.limit }, /a\/b must be/);
  bad({ _history: keys.limit }, /must not be called _history/);
  bad({ a: { schema: {}, default: 1 } }, /the schema of a must be a Standard Schema/);
  bad(undefined as never, /keys must be an object/);
});
