import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrSet, ensurePath, ifExists, retry } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed } from '../support/line.js';

test('ensurePath creates the missing nodes, and accepts existing ones', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await Promise.all([ensurePath(zk, '/a/b/c'), ensurePath(zk, '/a/b/d'), ensurePath(zk, '/')]);
  await ensurePath(zk, '/a/b/c');
  assert.deepEqual((await zk.children('/a/b')).children.sort(), ['c', 'd']);
  await zk.create('/closed', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
  await ensurePath(zk, '/closed');
  const error = await refused(ensurePath(zk, '/closed/a'), 'NOAUTH');
  assert.match(error.message, /^ensurePath \/closed\/a: create \/closed\/a: .*\(NOAUTH\)$/);
});

test('createOrSet writes the data, whether the node exists or not', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  assert.equal((await createOrSet(zk, '/a/b', '1')).version, 0);
  assert.equal((await createOrSet(zk, '/a/b', '2')).version, 1);
  assert.equal(String((await zk.get('/a/b')).data), '2');
  await Promise.all(['3', '4', '5'].map((data) => createOrSet(zk, '/c/d', data)));
  assert.ok(['3', '4', '5'].includes(String((await zk.get('/c/d')).data)));
});

test('createOrSet writes the data also if replies are lost', async (context) => {
  const bench = await recipeBench(context);
  const [{ zk, network }, other] = [await disturbed(bench), await bench.connect()];
  const { create } = zk;
  zk.create = (...values: unknown[]) => {
    zk.create = create;
    network.loseReplies();
    return create.apply(zk, values as never);
  };
  const creating = createOrSet(zk, '/a', '1');
  while ((await other.exists('/a')) === null);
  network.cut();
  // after the lost reply the node exists, so the function sets its data
  assert.equal((await creating).version, 1);
  network.loseReplies();
  const setting = createOrSet(zk, '/a', '2');
  while ((await other.exists('/a'))?.version !== 2);
  network.cut();
  await setting;
  assert.equal(String((await other.get('/a')).data), '2');
});

test('ifExists returns undefined for a missing node, and passes other errors on', async (context) => {
  const bench = await recipeBench(context);
  const [{ zk, network }, other] = [await disturbed(bench), await bench.connect()];
  assert.equal(await ifExists(zk, '/a', (path, limits) => zk.get(path, limits)), undefined);
  await other.create('/a', '1');
  assert.equal(String((await ifExists(zk, '/a', (path) => zk.get(path)))?.data), '1');
  await refused(
    ifExists(zk, '/a', (path) => zk.set(path, '', { version: 7 })),
    'BADVERSION',
  );
  network.refuse();
  network.cut();
  const options = { timeoutMs: 20 };
  await refused(
    ifExists(zk, '/a', (path, limits) => zk.get(path, limits), options),
    'TIMEOUT',
  );
  network.accept();
  await zk.exists('/');
  const lost = ifExists(zk, '/a', (path, limits) => zk.get(path, limits), { retry: retry.none() });
  network.cut();
  await refused(lost, 'CONNECTIONLOSS');
});
