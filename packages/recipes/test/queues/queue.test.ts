import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Queue } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { untilChildren, untilClean } from '../support/until.js';
import { Wire } from '../support/wire.js';

async function takeAll(queue: Queue): Promise<string[]> {
  const items: string[] = [];
  for (let item = await queue.poll(); item !== undefined; item = await queue.poll()) items.push(String(item));
  return items;
}

test('items come in the order in which they were put, with the names of the other library', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  for (const [naming, pattern] of [
    ['curator', /^qn-\d{10}$/],
    ['kazoo', /^entry-100-\d{10}$/],
  ] as const) {
    const path = `/queues/${naming}`;
    const queue = new Queue(zk, path, { naming });
    assert.equal(await queue.poll(), undefined);
    assert.equal(await queue.size(), 0);
    await queue.put('a');
    await queue.putAll(['b', Buffer.from('c'), null]);
    assert.equal(await queue.size(), 4);
    const { children } = await zk.children(path);
    for (const name of children) assert.match(name, pattern);
    assert.equal(String((await zk.get(`${path}/${children.sort()[0]}`)).data), 'a');
    assert.deepEqual(await takeAll(queue), ['a', 'b', 'c', '']);
    await untilClean(zk, `${path}-clients`);
  }
});

test('take waits for an item, and a put wakes one of many waiting clients', async (context) => {
  const bench = await recipeBench(context);
  const clients = await Promise.all(Array.from({ length: 10 }, () => bench.connect()));
  const producer = await bench.connect();
  const taken = clients.map((zk) => new Queue(zk, '/a').take());
  await untilChildren(producer, '/a-clients', 10);
  await untilChildren(producer, '/a', 0);
  const watching = () => clients.filter((zk) => zk.stats().watches.children > 0).length;
  while (watching() !== 1) await producer.exists('/');
  const before = clients.reduce((sum, zk) => sum + zk.stats().watchEvents, 0);
  await new Queue(producer, '/a').put('x');
  assert.equal(String(await Promise.race(taken)), 'x');
  while (watching() !== 1) await producer.exists('/');
  // the item wakes the first client, and the first client leaving the line wakes the second one
  const after = clients.reduce((sum, zk) => sum + zk.stats().watchEvents, 0);
  assert.ok(after - before <= 3, `${after - before} events`);
  await new Queue(producer, '/a').putAll(Array.from({ length: 9 }, () => 'y'));
  await Promise.all(taken);
  await untilClean(producer, '/a-clients');
});

test('many producers and consumers: every item is taken once', async (context) => {
  const bench = await recipeBench(context);
  const clients = await Promise.all(Array.from({ length: 4 }, () => bench.connect()));
  const queues = clients.map((zk) => new Queue(zk, '/a'));
  const puts = Array.from({ length: 80 }, (_, index) => queues[index % 4]!.put(`${index}`));
  const takes = Array.from({ length: 80 }, (_, index) => queues[index % 4]!.take());
  await Promise.all(puts);
  const items = (await Promise.all(takes)).map(Number).sort((one, other) => one - other);
  assert.deepEqual(
    items,
    Array.from({ length: 80 }, (_, index) => index),
  );
});

test('the list of items is read once, not once for each take', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new Queue(zk, '/a');
  await queue.putAll(Array.from({ length: 200 }, (_, index) => `${index}`));
  await untilClean(zk, '/a-clients');
  let lists = 0;
  const { children } = zk;
  zk.children = (...values) => {
    lists++;
    return children.apply(zk, values);
  };
  for (let index = 0; index < 200; index++) assert.equal(String(await queue.take()), `${index}`);
  assert.equal(lists, 1);
});

test('an item whose put has lost its reply is in the queue once', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const queue = new Queue(zk, '/a');
  await queue.put('first');
  wire.loseReplies();
  const put = queue.put('second');
  await untilChildren(other, '/a', 2);
  wire.cut();
  await put;
  assert.deepEqual(await takeAll(queue), ['first', 'second']);
});

test('a client whose take has lost its reply still gets the item', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const queue = new Queue(zk, '/a');
  await queue.putAll(['first', 'second']);
  wire.loseRepliesAfter(zk, 'get');
  const take = queue.take();
  await untilChildren(other, '/a', 1);
  wire.cut();
  assert.equal(String(await take), 'first');
  assert.equal(String(await queue.take()), 'second');
});

test('an item that was being taken when the caller stopped waiting is back at its place', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const queue = new Queue(zk, '/a');
  await queue.putAll(['first', 'second']);
  wire.loseRepliesAfter(zk, 'get');
  const controller = new AbortController();
  const take = queue.take({ signal: controller.signal });
  await untilChildren(other, '/a', 1);
  wire.down();
  controller.abort();
  const error = await refused(take, 'IN_DOUBT');
  assert.match(error.message, /may have been taken: .*aborted/);
  wire.up();
  await untilChildren(other, '/a', 2);
  assert.deepEqual(await takeAll(new Queue(other, '/a')), ['first', 'second']);
  await untilClean(other, '/a-clients');
});

test('a session that ends before the client knows if it has taken an item leaves the item in doubt', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports, renewSession: true });
  const queue = new Queue(zk, '/a');
  await queue.putAll(['first', 'second']);
  wire.loseRepliesAfter(zk, 'get');
  const take = queue.take();
  await untilChildren(other, '/a', 1);
  wire.down();
  await bench.expire(zk);
  wire.up();
  const error = await refused(take, 'IN_DOUBT');
  assert.match(error.message, /^Queue \/a: the item \/a\/qn-0000000000 may have been taken: /);
  assert.equal(String(await queue.take()), 'second');
});

test('a waiting client takes an item after its session was renewed', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const [zk, mortal] = [await bench.connect({ renewSession: true }), await bench.connect()];
  const take = new Queue(zk, '/a').take();
  await untilChildren(other, '/a-clients', 1);
  const dying = new Queue(mortal, '/a').take();
  await untilChildren(other, '/a-clients', 2);
  await bench.expire(zk);
  await zk.connected();
  // the second client is the first in the line now
  while (mortal.stats().watches.children === 0) await other.exists('/');
  await bench.expire(mortal);
  await refused(dying, 'SESSIONEXPIRED');
  await new Queue(other, '/a').put('x');
  assert.equal(String(await take), 'x');
});

test('a caller that stops waiting leaves no node and no watch', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new Queue(zk, '/a');
  await refused(queue.take({ timeoutMs: 50 }), 'TIMEOUT');
  const controller = new AbortController();
  const takes = [queue.take({ signal: controller.signal }), queue.take({ timeoutMs: 5000 })];
  await untilChildren(zk, '/a-clients', 1);
  controller.abort();
  await refused(takes[0]!, 'ABORTED');
  await queue.put('x');
  assert.equal(String(await takes[1]), 'x');
  await untilClean(zk, '/a-clients');
  while (Object.values(zk.stats().watches).some((watched) => watched > 0)) await zk.exists('/');
});

test('a queue that is deleted while a client waits works again', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const take = new Queue(zk, '/a').take();
  while (zk.stats().watches.children === 0) await other.exists('/');
  await other.delete('/a');
  await new Queue(other, '/a').put('x');
  assert.equal(String(await take), 'x');
});

test('foreign nodes in the directory stay, and are not offered', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new Queue(zk, '/a');
  await queue.put('x');
  for (const name of ['config', 'qn-12', 'qn-000000000x', 'entry-100-0000000000']) await zk.create(`/a/${name}`, 'y');
  assert.deepEqual(await takeAll(queue), ['x']);
  assert.equal((await zk.children('/a')).children.length, 4);
});

test('an item that the client may not read is an event, and does not block the queue', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new Queue(zk, '/a');
  await zk.create('/a');
  await zk.create('/a/qn-', 'secret', {
    mode: 'PERSISTENT_SEQUENTIAL',
    acl: [{ scheme: 'digest', id: 'x:y', perms: 31 }],
  });
  const invalid = once(queue, 'invalid');
  const take = queue.take();
  assert.match((await invalid)[0].message, /the ACL of \/a\/qn-0000000000 does not allow to read it \(NOAUTH\)/);
  await queue.put('x');
  assert.equal(String(await take), 'x');
  assert.equal(await queue.poll(), undefined);
});

test('with sizeMax, put waits for space', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const queue = new Queue(zk, '/a', { sizeMax: 2 });
  await queue.put('1');
  await queue.put('2');
  await refused(queue.put('no', { timeoutMs: 30 }), 'TIMEOUT');
  const puts = [queue.put('3'), queue.put('4')];
  await untilChildren(other, '/a-clients', 2);
  for (const item of ['1', '2', '3', '4']) assert.equal(String(await new Queue(other, '/a').take()), item);
  await Promise.all(puts);
});

test('for await takes items until its signal is aborted', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new Queue(zk, '/a');
  await queue.putAll(['a', 'b', 'c']);
  const controller = new AbortController();
  const items: string[] = [];
  const loop = async () => {
    for await (const item of queue.items({ signal: controller.signal })) {
      items.push(String(item));
      if (items.length === 3) controller.abort();
    }
  };
  await refused(loop(), 'ABORTED');
  assert.deepEqual(items, ['a', 'b', 'c']);
});

test('items after the wrap of the numbers at 2^31 come last (kazoo#730)', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/a');
  for (const name of ['qn--2147483648', 'qn-2147483646', 'qn--2147483647', 'qn-2147483647']) {
    await zk.create(`/a/${name}`, name);
  }
  const order = ['qn-2147483646', 'qn-2147483647', 'qn--2147483648', 'qn--2147483647'];
  assert.deepEqual(await takeAll(new Queue(zk, '/a')), order);
});

test('invalid arguments are refused', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  assert.throws(() => new Queue(zk, '/a', { sizeMax: 0 }), { code: 'BADARGUMENTS' });
  assert.throws(() => new Queue(zk, '/a', { clientsPath: 'x' }), /clientsPath must be an absolute path/);
  await refused(new Queue(zk, '/a').put(5 as unknown as string), 'BADARGUMENTS');
  assert.equal(await zk.exists('/a'), null);
});
