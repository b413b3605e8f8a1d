import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Lock } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

test('CURATOR-18: after a lost reply the client finds its node, and creates no second one', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  await operator.create('/a');
  network.loseReplies();
  const acquiring = new Lock(zk, '/a').acquire();
  await untilCount(operator, '/a', 1);
  network.cut();
  const held = await acquiring;
  assert.deepEqual(await namesIn(operator, '/a'), [held.path.slice('/a/'.length)]);
  await held.release();
  assert.deepEqual(await namesIn(operator, '/a'), []);
});

test('CURATOR-79: a caller that gives up after a lost reply leaves no node', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  await operator.create('/a');
  network.loseReplies();
  const controller = new AbortController();
  const acquiring = new Lock(zk, '/a').acquire({ signal: controller.signal });
  await untilCount(operator, '/a', 1);
  controller.abort();
  await refused(acquiring, 'ABORTED');
  network.cut();
  await untilCount(operator, '/a', 0);
});

test('CURATOR-498: a node of an expired session is not taken for the own node', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench, { renewSession: true })];
  await operator.create('/a');
  network.loseReplies();
  // the delay is long enough for the client to notice the expiry before it looks for its node
  const acquiring = new Lock(zk, '/a', { retry: () => 100 }).acquire();
  await untilCount(operator, '/a', 1);
  const [old] = await namesIn(operator, '/a');
  // the client gives its session up, but the server keeps the session and its node
  await network.giveSessionUp(zk);
  const held = await acquiring;
  assert.notEqual(held.path, `/a/${old}`);
  assert.equal((await zk.exists(held.path))?.ephemeralOwner, zk.session.id);
  assert.equal(held.signal.aborted, false);
  assert.deepEqual(await namesIn(operator, '/a'), [held.path.slice('/a/'.length)]);
});

test('a refused list after the creation of the node leaves no node', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  const permsWithoutRead = 4 | 8 | 16;
  await operator.create('/a', '', { acl: [{ scheme: 'world', id: 'anyone', perms: permsWithoutRead }] });
  await refused(new Lock(zk, '/a').acquire(), 'NOAUTH');
  await zk.sync('/');
  assert.deepEqual(await zk.getEphemerals(), []);
});

test('a waiting client whose node was deleted joins again at the end', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  const held = await new Lock(operator, '/a').acquire();
  const acquiring = new Lock(zk, '/a').acquire();
  await untilCount(operator, '/a', 2);
  const own = (await namesIn(operator, '/a'))[1]!;
  await operator.delete(`/a/${own}`);
  await held.release();
  const second = await acquiring;
  assert.notEqual(second.path, `/a/${own}`);
  await second.release();
  assert.deepEqual(await namesIn(operator, '/a'), []);
});

test('a waiting client creates the directory again when an operator has deleted it', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  const held = await new Lock(operator, '/a/b').acquire();
  const acquiring = new Lock(zk, '/a/b').acquire();
  await untilCount(operator, '/a/b', 2);
  const lost = once(held.signal, 'abort');
  await operator.deleteRecursive('/a');
  await lost;
  const second = await acquiring;
  assert.match(second.path, /^\/a\/b\//);
  await second.release();
});

test('CURATOR-644: a client that misses the deletion of its predecessor while it is disconnected gets its turn', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  const held = await new Lock(operator, '/a').acquire();
  const acquiring = new Lock(zk, '/a').acquire();
  await untilCount(operator, '/a', 2);
  const own = (await namesIn(operator, '/a'))[1]!;
  network.refuse();
  network.cut();
  await held.release();
  network.accept();
  assert.equal((await acquiring).path, `/a/${own}`);
});

test('CURATOR-645: a predecessor that vanishes before it is watched costs no client its place', async (context) => {
  const bench = await recipeBench(context);
  const clients = await Promise.all([1, 2, 3].map(() => bench.connect()));
  const created = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const calls = clients.map((zk) => new Lock(zk, '/a').acquire());
    for (const call of calls) {
      call.then(async (held) => {
        created.add(held.path.slice(-10));
        await held.release();
      });
    }
    await Promise.all(calls);
    await untilCount(clients[0]!, '/a', 0);
  }
  // each acquire has created one node: no number is missing
  assert.deepEqual(created.size, 60);
  assert.equal([...created].sort().at(-1), '0000000059');
});

test('a waiting client joins again with its new session when its session has expired', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect({ renewSession: true })];
  const held = await new Lock(operator, '/a').acquire();
  const acquiring = new Lock(zk, '/a').acquire();
  await untilCount(operator, '/a', 2);
  const old = (await namesIn(operator, '/a'))[1]!;
  await bench.expire(zk);
  while ((await namesIn(operator, '/a'))[1] === old || (await namesIn(operator, '/a')).length < 2);
  await held.release();
  const second = await acquiring;
  assert.equal((await zk.exists(second.path))?.ephemeralOwner, zk.session.id);
  assert.equal(second.signal.aborted, false);
});

test('a waiting client that gives its session up joins again, also if the servers keep its node', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  const { zk, network } = await disturbed(bench, { renewSession: true, sessionTimeoutMs: 20_000 });
  const held = await new Lock(operator, '/a').acquire();
  const acquiring = new Lock(zk, '/a').acquire();
  await untilCount(operator, '/a', 2);
  const old = (await namesIn(operator, '/a'))[1]!;
  await network.giveSessionUp(zk);
  while ((await namesIn(operator, '/a')).includes(old));
  await untilCount(operator, '/a', 2);
  await held.release();
  assert.equal((await zk.exists((await acquiring).path))?.ephemeralOwner, zk.session.id);
});

test('without renewSession, a waiting call rejects when its session expires', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  await using held = await new Lock(operator, '/a').acquire();
  const acquiring = new Lock(zk, '/a').acquire();
  await untilCount(operator, '/a', 2);
  await bench.expire(zk);
  await refused(acquiring, 'SESSIONEXPIRED');
  assert.equal(held.signal.aborted, false);
});

test('a waiting call rejects when its client is closed', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  await using _ = await new Lock(operator, '/a').acquire();
  const acquiring = new Lock(zk, '/a').acquire();
  await untilCount(operator, '/a', 2);
  await zk.close();
  await refused(acquiring, 'CLOSED');
});
