import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type Held, Semaphore } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

test('at no moment do clients hold more permits than there are', async (context) => {
  const bench = await recipeBench(context);
  const clients = await Promise.all([1, 2, 3, 4].map(() => bench.connect()));
  const both = await Promise.all([0, 1].map((index) => new Semaphore(clients[index]!, '/s', { permits: 2 }).acquire()));
  for (const held of both) await held.release();
  let holders = 0;
  const work = async (index: number) => {
    for (let round = 0; round < 5; round++) {
      await using _ = await new Semaphore(clients[index]!, '/s', { permits: 2 }).acquire();
      assert.ok(++holders <= 2);
      assert.ok((await clients[index]!.exists('/s/leases'))!.numChildren <= 2);
      holders--;
    }
  };
  await Promise.all([work(0), work(1), work(2), work(3)]);
  assert.deepEqual(await namesIn(clients[0]!, '/s/leases'), []);
  assert.deepEqual(await namesIn(clients[0]!, '/s/locks'), []);
});

test('a call for several permits gets all of them or none, and later calls do not overtake it', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const semaphore = new Semaphore(zk, '/s', { permits: 3 });
  const [one, two] = [await semaphore.acquire(), await semaphore.acquire()];
  const order: string[] = [];
  const many = new Semaphore(other, '/s', { permits: 3 }).acquire({ permits: 3 });
  await untilCount(zk, '/s/locks', 1);
  const few = semaphore.acquire();
  many.then(() => order.push('many'));
  few.then(() => order.push('few'));
  await untilCount(zk, '/s/locks', 2);
  assert.equal(await semaphore.tryAcquire(), undefined);
  await one.release();
  assert.equal((await zk.exists('/s/leases'))!.numChildren, 1);
  await two.release();
  const all = await many;
  assert.equal((await zk.exists('/s/leases'))!.numChildren, 3);
  await all.release();
  await (await few).release();
  assert.deepEqual(order, ['many', 'few']);
});

test('an attempt gets free permits at once, or leaves nothing', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const semaphore = new Semaphore(zk, '/s', { permits: 2, data: 'mine' });
  const held = await semaphore.tryAcquire();
  assert.ok(held);
  assert.equal(await semaphore.tryAcquire({ permits: 2 }), undefined);
  assert.deepEqual(await namesIn(zk, '/s/locks'), []);
  const holders = await semaphore.holders();
  assert.deepEqual(
    holders.map(({ path, data, token }) => [path, String(data), token]),
    [[held.path, 'mine', held.token]],
  );
  await held.release();
  await refused(held.release(), 'NOT_HELD');
  await (await semaphore.tryAcquire({ permits: 2 }))!.release();
  await zk.exists('/');
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
});

test('a caller that stops waiting leaves no node and no watch', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect()];
  await using _ = await new Semaphore(first, '/s', { permits: 1 }).acquire();
  await refused(new Semaphore(second, '/s', { permits: 1 }).acquire({ timeoutMs: 30 }), 'TIMEOUT');
  await untilCount(first, '/s/locks', 0);
  assert.equal((await first.exists('/s/leases'))!.numChildren, 1);
  await second.sync('/');
  assert.deepEqual(Object.values(second.stats().watches), [0, 0, 0, 0, 0]);
});

test('a release wakes one waiting client, however many wait', async (context) => {
  const bench = await recipeBench(context);
  const [holder, zk] = [await bench.connect(), await bench.connect()];
  const held = await new Semaphore(holder, '/s', { permits: 1 }).acquire();
  const semaphore = new Semaphore(zk, '/s', { permits: 1 });
  const waiting = Array.from({ length: 20 }, () => semaphore.acquire());
  await untilCount(holder, '/s/locks', 20);
  while (zk.stats().watches.data < 19 || zk.stats().watches.children < 1) await zk.exists('/');
  const { watchEvents } = zk.stats();
  await held.release();
  const next = await waiting[0]!;
  while (zk.stats().watches.children < 1) await zk.exists('/');
  // the first one is woken by the release, and the second one by the node of the first one in the line
  assert.equal(zk.stats().watchEvents - watchEvents, 2);
  await next.release();
  for (const each of waiting.slice(1)) await (await each).release();
});

test('the number of permits can be in a node, and clients follow its changes', async (context) => {
  const bench = await recipeBench(context);
  const [zk, operator] = [await bench.connect(), await bench.connect()];
  await operator.create('/count', new Uint8Array([0, 0, 0, 1]));
  const semaphore = new Semaphore(zk, '/s', { permitsPath: '/count' });
  const first = await semaphore.acquire();
  const second = semaphore.acquire();
  await untilCount(operator, '/s/locks', 1);
  await operator.set('/count', new Uint8Array([0, 0, 0, 2]));
  const held: Held[] = [first, await second];
  await operator.set('/count', new Uint8Array([0, 0, 0, 1]));
  await held[0]!.release();
  assert.equal(await semaphore.tryAcquire(), undefined);
  assert.equal(held[1]!.signal.aborted, false);
  await held[1]!.release();
  await (await semaphore.tryAcquire())!.release();
  await operator.set('/count', 'garbage');
  const error = await refused(semaphore.acquire(), 'BAD_NODE');
  assert.match(error.message, /^Semaphore \/s: \/count must contain the number of permits/);
  await untilCount(operator, '/s/locks', 0);
});

test('CURATOR-18: after a lost reply the client finds its permits, and takes no further ones', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  const semaphore = new Semaphore(zk, '/s', { permits: 4, policy: 'session' });
  await (await semaphore.acquire()).release();
  network.loseRepliesFrom(zk, 'transaction');
  const acquiring = semaphore.acquire({ permits: 2 });
  await untilCount(operator, '/s/leases', 2);
  network.cut();
  const held = await acquiring;
  assert.equal((await operator.exists('/s/leases'))!.numChildren, 2);
  await held.release();
  assert.deepEqual(await namesIn(operator, '/s/leases'), []);
  assert.deepEqual(await namesIn(operator, '/s/locks'), []);
});

test('a client that has lost its place in the line takes no permit', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  const held = await new Semaphore(operator, '/s', { permits: 1 }).acquire();
  const acquiring = new Semaphore(zk, '/s', { permits: 1 }).acquire();
  await untilCount(operator, '/s/locks', 1);
  const [own] = await namesIn(operator, '/s/locks');
  await operator.delete(`/s/locks/${own}`);
  await held.release();
  await (await acquiring).release();
  assert.deepEqual(await namesIn(operator, '/s/leases'), []);
});

test('a waiting client acquires with its new session when its session has expired', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect({ renewSession: true })];
  const held = await new Semaphore(operator, '/s', { permits: 1 }).acquire();
  const acquiring = new Semaphore(zk, '/s', { permits: 1 }).acquire();
  await untilCount(operator, '/s/locks', 1);
  await bench.expire(zk);
  await untilCount(operator, '/s/locks', 1);
  await held.release();
  const second = await acquiring;
  assert.equal((await zk.exists(second.path))?.ephemeralOwner, zk.session.id);
});

test('without renewSession, a waiting call rejects when its session expires', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  await using _ = await new Semaphore(operator, '/s', { permits: 1 }).acquire();
  const acquiring = new Semaphore(zk, '/s', { permits: 1 }).acquire();
  await untilCount(operator, '/s/locks', 1);
  await bench.expire(zk);
  await refused(acquiring, 'SESSIONEXPIRED');
});

test('permits are lost when one of their nodes is deleted', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  const held = await new Semaphore(zk, '/s', { permits: 3 }).acquire({ permits: 2 });
  const lost = once(held.signal, 'abort');
  const names = await namesIn(operator, '/s/leases');
  await operator.delete(`/s/leases/${names[1]}`);
  await lost;
  assert.equal(held.signal.reason.code, 'LOST');
  await held.release();
  assert.deepEqual(await namesIn(operator, '/s/leases'), []);
});

test('with the naming of kazoo, the number is in the node, and a client with another number is refused', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const semaphore = new Semaphore(zk, '/app/s', { permits: 2, naming: 'kazoo', data: 'me' });
  const held = await semaphore.acquire({ permits: 2 });
  assert.match(held.path, /^\/app\/s\/[0-9a-f]{32}$/);
  assert.equal(String((await zk.get('/app/s')).data), '2');
  assert.equal(await semaphore.tryAcquire(), undefined);
  const error = await refused(new Semaphore(zk, '/app/s', { permits: 3, naming: 'kazoo' }).acquire(), 'BAD_NODE');
  assert.match(error.message, /^Semaphore \/app\/s: the node has 2 permits, and not 3/);
  await held.release();
  assert.deepEqual(await namesIn(zk, '/app/s'), []);
  await untilCount(zk, '/app/s-__lock__', 0);
  await using stored = await new Semaphore(zk, '/app/s', { permitsPath: '/app/s', naming: 'kazoo' }).acquire();
  assert.ok(stored.token > held.token);
});

test('foreign nodes in the directory take no permit', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.createWithParents('/s/leases/config', 'x');
  await using _ = await new Semaphore(zk, '/s', { permits: 1 }).acquire({ timeoutMs: 5000 });
  assert.equal((await new Semaphore(zk, '/s', { permits: 1 }).holders()).length, 1);
});

test('the numbers are checked', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const bad = (options: object, message: RegExp) =>
    assert.throws(() => new Semaphore(zk, '/s', options), { code: 'BADARGUMENTS', message });
  bad({}, /Semaphore \/s: exactly one of permits and permitsPath is required/);
  bad({ permits: 1, permitsPath: '/x' }, /exactly one/);
  bad({ permits: 0 }, /permits must be an integer from 1/);
  bad({ permitsPath: 'x' }, /permitsPath must be an absolute path/);
  const semaphore = new Semaphore(zk, '/s', { permits: 2 });
  const error = await refused(semaphore.acquire({ permits: 3 }), 'BADARGUMENTS');
  assert.match(error.message, /permits must be an integer from 1 to 2/);
});
