import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Lock } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';

test('one client at a time holds a lock, in the order of asking, with growing tokens', async (context) => {
  const bench = await recipeBench(context);
  const clients = [await bench.connect(), await bench.connect(), await bench.connect()];
  let holders = 0;
  const order: number[] = [];
  const tokens: number[] = [];
  const enter = async (index: number) => {
    await using held = await new Lock(clients[index]!, '/locks/a').acquire();
    assert.equal(++holders, 1);
    order.push(index);
    tokens.push(held.token);
    await clients[index]!.exists('/');
    holders--;
  };
  for (let round = 0; round < 4; round++) await Promise.all([enter(0), enter(1), enter(2)]);
  assert.equal(order.length, 12);
  assert.deepEqual(
    tokens,
    [...tokens].sort((one, other) => one - other),
  );
});

test('a caller that stops waiting leaves no node and no watch', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect()];
  await using held = await new Lock(first, '/a').acquire();
  const error = await refused(new Lock(second, '/a').acquire({ timeoutMs: 30 }), 'TIMEOUT');
  assert.equal(error.message, 'Lock /a: not done within 30 ms (TIMEOUT)');
  const controller = new AbortController();
  const waiting = new Lock(second, '/a').acquire({ signal: controller.signal });
  while ((await first.children('/a')).children.length < 2);
  controller.abort();
  await refused(waiting, 'ABORTED');
  // the node may be deleted in the background, if its creation had no reply yet
  while ((await first.children('/a')).children.length > 1);
  assert.notEqual(await first.exists(held.path), null);
  await second.sync('/');
  assert.deepEqual(Object.values(second.stats().watches), [0, 0, 0, 0, 0]);
});

test('a release wakes one waiting client, however many wait', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const held = await new Lock(zk, '/a').acquire();
  const waiting = Array.from({ length: 20 }, () => new Lock(zk, '/a').acquire());
  while (zk.stats().watches.exists + zk.stats().watches.data < 20) await zk.exists('/');
  const { watchEvents, requestsSent } = zk.stats();
  await held.release();
  const next = await waiting[0]!;
  await zk.exists(next.path);
  assert.equal(zk.stats().watchEvents - watchEvents, 1);
  assert.ok(zk.stats().requestsSent - requestsSent <= 5);
  for (const each of waiting) await (await each).release();
});

test('a hold ends once, and a deleted node is a lost hold', async (context) => {
  const bench = await recipeBench(context);
  const [zk, operator] = [await bench.connect(), await bench.connect()];
  const lock = new Lock(zk, '/a');
  const held = await lock.acquire();
  await held.release();
  await refused(held.release(), 'NOT_HELD');
  const second = await lock.acquire();
  const lost = once(second.signal, 'abort');
  await operator.delete(second.path);
  await lost;
  assert.equal(second.signal.reason.code, 'LOST');
  assert.match(second.signal.reason.message, /^Lock \/a: \/a\/_c_.*-lock-\d{10} was deleted \(LOST\)$/);
  await zk.exists('/');
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
});

test('many calls can share a signal without a warning of Node', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  context.after(() => process.off('warning', note));
  const { signal } = new AbortController();
  const calls = Array.from({ length: 20 }, () => new Lock(zk, '/a').acquire({ signal }));
  for (const call of calls) await (await call).release();
  assert.deepEqual(warnings, []);
});

test('nodes with foreign names are not in the line', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.createWithParents('/a/config', 'x');
  await zk.create('/a/x__lock__0000000000', 'x');
  await using held = await new Lock(zk, '/a').acquire({ timeoutMs: 5000 });
  assert.ok(held.token > 0);
});

test('a refused creation names the recipe and its path', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/closed', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
  const error = await refused(new Lock(zk, '/closed').acquire(), 'NOAUTH');
  assert.match(
    error.message,
    /^Lock \/closed: create \/closed\/_c_.*-lock-: the ACL of .* does not allow it \(NOAUTH\)$/,
  );
});

test('a constructor refuses invalid arguments, and names the recipe, the path and the option', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const bad = (build: () => unknown, message: RegExp) => assert.throws(build, { code: 'BADARGUMENTS', message });
  bad(() => new Lock(zk, 'relative'), /Lock relative: the path must be an absolute path/);
  bad(() => new Lock(zk, '/a//b'), /empty parts/);
  bad(() => new Lock(zk, '/a', { naming: 'other' as 'kazoo' }), /Lock \/a: naming must be one of curator, kazoo/);
  bad(() => new Lock(zk, '/a', { polcy: 'session' } as object), /there is no option polcy/);
  bad(() => new Lock({} as never, '/a'), /must be a ZooKeeper client/);
});
