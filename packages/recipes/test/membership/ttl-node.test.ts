import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type RecipeError, TtlNode } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';

const withTtl = { extendedTypesEnabled: true, containerCheckIntervalMs: 20 };

test('a TTL node lives as long as it is touched, and expires after that', async (context) => {
  const bench = await recipeBench(context, withTtl);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const node = new TtlNode(zk, '/deep/a', 200, { data: 'x' });
  await node.start();
  // four touches are twice the time to live
  while (((await other.exists('/deep/a/touch'))?.version ?? 0) < 4);
  assert.equal(String((await other.get('/deep/a')).data), 'x');
  await node.setData('y');
  await node.close();
  assert.equal(String((await other.get('/deep/a')).data), 'y');
  while ((await other.exists('/deep/a')) !== null);
});

test('a TTL node that was deleted is created again, and touched again', async (context) => {
  const bench = await recipeBench(context, withTtl);
  const [zk, operator] = [await bench.connect(), await bench.connect()];
  await using node = new TtlNode(zk, '/a', 200);
  await node.start();
  while ((await operator.exists('/a/touch')) === null);
  const created = once(node, 'created');
  await operator.deleteRecursive('/a');
  await created;
  while (((await operator.exists('/a/touch'))?.version ?? 0) < 2);
});

test('a TTL node outlives a session, and is touched with the next one', async (context) => {
  const bench = await recipeBench(context, withTtl);
  const [zk, operator] = [await bench.connect({ renewSession: true }), await bench.connect()];
  await using node = new TtlNode(zk, '/a', 1000);
  await node.start();
  const czxid = (await operator.exists('/a'))?.czxid;
  while ((await operator.exists('/a/touch')) === null);
  await bench.expire(zk);
  while (((await operator.exists('/a/touch'))?.version ?? 0) < 2);
  assert.equal((await operator.exists('/a'))?.czxid, czxid);
});

test('without a new session, the touches end with one error', async (context) => {
  const bench = await recipeBench(context, withTtl);
  const zk = await bench.connect();
  const node = new TtlNode(zk, '/a', 200);
  const errors: RecipeError[] = [];
  const failed = new Promise<void>((resolve) => {
    node.on('error', (error) => {
      errors.push(error);
      resolve();
    });
  });
  await node.start();
  await bench.expire(zk);
  await failed;
  await node.close();
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['SESSIONEXPIRED'],
  );
});

test('servers without TTL nodes, and invalid times, are refused', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await refused(new TtlNode(zk, '/a', 100).start(), 'UNIMPLEMENTED');
  for (const ttlMs of [0, -1, 0.5, 2 ** 40]) {
    assert.throws(() => new TtlNode(zk, '/a', ttlMs), { code: 'BADARGUMENTS', message: /TtlNode \/a: ttlMs must be/ });
  }
});
