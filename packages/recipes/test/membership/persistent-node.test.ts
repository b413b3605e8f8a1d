import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import { PersistentNode, type RecipeError } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

async function textAt(zk: ZooKeeper, path: string): Promise<string> {
  return String((await zk.get(path)).data);
}

async function untilText(zk: ZooKeeper, path: string, text: string): Promise<void> {
  while ((await textAt(zk, path)) !== text);
}

test('the node exists from start to close, in each mode', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  for (const mode of ['EPHEMERAL', 'EPHEMERAL_SEQUENTIAL', 'PERSISTENT', 'PERSISTENT_SEQUENTIAL'] as const) {
    const node = new PersistentNode(zk, '/deep/nodes/a', { mode, data: mode });
    assert.equal(node.nodePath, undefined);
    const path = await node.start();
    const pattern = mode.endsWith('SEQUENTIAL') ? /^\/deep\/nodes\/_c_[-0-9a-f]{36}-a\d{10}$/ : /^\/deep\/nodes\/a$/;
    assert.match(path, pattern);
    assert.equal(await textAt(zk, path), mode);
    const stat = await zk.exists(path);
    assert.equal(stat!.ephemeralOwner, mode.startsWith('EPHEMERAL') ? zk.session.id : 0n);
    assert.equal(node.nodePath, path);
    assert.equal(await node.waitForCreation(), path);
    await node.close();
    await node.close();
    assert.equal(await zk.exists(path), null);
    await refused(node.waitForCreation(), 'CLOSED');
    await refused(node.setData(''), 'CLOSED');
  }
  await zk.sync();
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
});

test('a deleted node is created again at the same path with the newest data', async (context) => {
  const bench = await recipeBench(context);
  const [zk, operator] = [await bench.connect(), await bench.connect()];
  for (const mode of ['EPHEMERAL', 'EPHEMERAL_SEQUENTIAL'] as const) {
    await using node = new PersistentNode(zk, '/deep/a', { mode });
    const path = await node.start();
    await node.setData('new');
    for (let round = 0; round < 3; round++) {
      const created = once(node, 'created');
      await (round < 2 ? operator.delete(path) : operator.deleteRecursive('/deep'));
      assert.deepEqual(await created, [path]);
      assert.equal(await textAt(operator, path), 'new');
    }
  }
});

test('a node comes back with a new session, also while the server keeps the old session', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  const { zk, network } = await disturbed(bench, { renewSession: true, sessionTimeoutMs: 4000 });
  await using node = new PersistentNode(zk, '/a', { data: 'x' });
  await node.start();
  for (const lose of [() => bench.expire(zk), () => network.giveSessionUp(zk)]) {
    const created = once(node, 'created');
    await lose();
    await created;
    assert.equal((await operator.exists('/a'))?.ephemeralOwner, zk.session.id);
    assert.equal(await textAt(operator, '/a'), 'x');
  }
});

test('without a new session, the node ends with an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const node = new PersistentNode(zk, '/a');
  await node.start();
  const failed = new Promise<RecipeError>((resolve) => node.once('error', resolve));
  await bench.expire(zk);
  assert.equal((await failed).code, 'SESSIONEXPIRED');
  await refused(node.waitForCreation(), 'SESSIONEXPIRED');
  await node.close();
});

test('a closed client ends the node without an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const node = new PersistentNode(zk, '/a');
  await node.start();
  await zk.close();
  await refused(node.setData('x'), 'CLOSED');
  await node.close();
});

test('a persistent node that exists is adopted', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/a', 'old');
  await using node = new PersistentNode(zk, '/a', { mode: 'PERSISTENT', data: 'new' });
  await node.start();
  await untilText(zk, '/a', 'new');
});

test('a start that ends before the adoption does not delete the persistent node of another program', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench);
  const operator = await bench.connect();
  await operator.create('/a', 'theirs');
  network.refuse();
  network.cut();
  const node = new PersistentNode(zk, '/a', { mode: 'PERSISTENT' });
  await refused(node.start({ timeoutMs: 10 }), 'TIMEOUT');
  network.accept();
  await node.close();
  assert.equal(await textAt(operator, '/a'), 'theirs');
});

test("another client's ephemeral node stays untouched, and the node is created after it", async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  await other.create('/a', 'theirs', { mode: 'EPHEMERAL' });
  const node = new PersistentNode(zk, '/a', { data: 'mine' });
  const blocked = once(node, 'blocked');
  const started = node.start();
  assert.deepEqual(await blocked, ['/a']);
  assert.equal(await textAt(zk, '/a'), 'theirs');
  await other.close();
  assert.equal(await started, '/a');
  assert.equal(await textAt(zk, '/a'), 'mine');
  await node.close();
});

test('a start that ends early leaves the node of another client, and no own node', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  await other.create('/a', 'theirs', { mode: 'EPHEMERAL' });
  await refused(new PersistentNode(zk, '/a').start({ timeoutMs: 30 }), 'TIMEOUT');
  assert.equal(await textAt(zk, '/a'), 'theirs');
  const controller = new AbortController();
  const aborted = new PersistentNode(zk, '/b').start({ signal: controller.signal });
  controller.abort();
  await refused(aborted, 'ABORTED');
  while ((await other.exists('/b')) !== null);
  await zk.create('/closed', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
  const error = await refused(new PersistentNode(zk, '/closed/a').start(), 'NOAUTH');
  assert.match(error.message, /^PersistentNode \/closed\/a: create \/closed\/a: /);
  await refused(new PersistentNode(zk, '/a/b').start(), 'NOCHILDRENFOREPHEMERALS');
});

test('a lost reply to the creation leaves one node, in each mode', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 10_000 });
  const operator = await bench.connect();
  await operator.create('/p');
  for (const mode of ['EPHEMERAL', 'EPHEMERAL_SEQUENTIAL', 'PERSISTENT', 'PERSISTENT_SEQUENTIAL'] as const) {
    await zk.sync();
    network.loseReplies();
    const node = new PersistentNode(zk, '/p/a', { mode, data: 'x' });
    const started = node.start();
    // a fixed name is looked for before its creation, and this read has no reply either
    if (mode.endsWith('SEQUENTIAL')) await untilCount(operator, '/p', 1);
    network.cut();
    const path = await started;
    assert.deepEqual(await namesIn(operator, '/p'), [path.slice('/p/'.length)]);
    await node.close();
    assert.deepEqual(await namesIn(operator, '/p'), []);
  }
});

test('a sequential node whose creation had no reply is deleted by close', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 10_000 });
  const operator = await bench.connect();
  await operator.create('/p');
  network.loseReplies();
  const node = new PersistentNode(zk, '/p/a', { mode: 'PERSISTENT_SEQUENTIAL' });
  const started = node.start();
  await untilCount(operator, '/p', 1);
  const closed = node.close();
  network.cut();
  await refused(started, 'CLOSED');
  await closed;
  assert.deepEqual(await namesIn(operator, '/p'), []);
});

test('the last data wins, and a lost reply does not lose it', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 10_000 });
  await using node = new PersistentNode(zk, '/a');
  await node.start();
  await Promise.all([node.setData('1'), node.setData('2'), node.setData('3')]);
  assert.equal(await textAt(zk, '/a'), '3');
  network.loseReplies();
  const set = node.setData('4');
  network.cut();
  await set;
  assert.equal(await textAt(zk, '/a'), '4');
});

test('data that the server refuses rejects its call, and the node keeps its earlier data', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using node = new PersistentNode(zk, '/a', { data: 'first' });
  await node.start();
  const event = once(node, 'refused');
  const error = await refused(node.setData('x'.repeat(2_000_000)), 'BADARGUMENTS');
  assert.deepEqual(await event, [error]);
  await node.setData('second');
  assert.equal(await textAt(zk, '/a'), 'second');
  await refused(node.setData(7 as never), 'BADARGUMENTS');
});
