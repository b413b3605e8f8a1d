import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { DelayQueue, IdQueue, PriorityQueue } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { untilChildren } from '../support/until.js';
import { Wire } from '../support/wire.js';

/** The data of a node with these items, as Curator writes it. */
function multi(...items: string[]): Buffer {
  const parts = items.map(
    (item) => `01${item.length.toString(16).padStart(8, '0')}${Buffer.from(item).toString('hex')}`,
  );
  return Buffer.from(`00010001${parts.join('')}02`, 'hex');
}

async function takeAll(queue: PriorityQueue | DelayQueue | IdQueue): Promise<string[]> {
  const items: string[] = [];
  for (let item = await queue.poll(); item !== undefined; item = await queue.poll()) items.push(String(item));
  return items;
}

test('a priority queue has the names and the data of Curator, and negative priorities come first', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new PriorityQueue(zk, '/a');
  for (const priority of [5, -1, 0, 2 ** 31 - 1, -(2 ** 31)]) await queue.put(`${priority}`, { priority });
  await queue.put('5 again', { priority: 5 });
  const { children } = await zk.children('/a');
  assert.deepEqual(children.sort(), [
    'queue-0800000000000000004',
    'queue-0FFFFFFFF0000000001',
    'queue-1000000000000000002',
    'queue-1000000050000000000',
    'queue-1000000050000000005',
    'queue-17FFFFFFF0000000003',
  ]);
  assert.deepEqual((await zk.get('/a/queue-1000000050000000005')).data, multi('5 again'));
  assert.deepEqual(await takeAll(queue), ['-2147483648', '-1', '0', '5', '5 again', '2147483647']);
  await refused(queue.put('x', { priority: 0.5 }), 'BADARGUMENTS');
});

test('a priority queue with the names of kazoo has priorities from 0 to 999', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new PriorityQueue(zk, '/a', { naming: 'kazoo' });
  await queue.put('late', { priority: 999 });
  await queue.put('early', { priority: 7 });
  assert.deepEqual((await zk.children('/a')).children.sort(), ['entry-007-0000000001', 'entry-999-0000000000']);
  assert.deepEqual(await takeAll(queue), ['early', 'late']);
  await refused(queue.put('x', { priority: 1000 }), 'BADARGUMENTS');
});

test('an urgent item is taken before the rest of a list that was read earlier', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new PriorityQueue(zk, '/a');
  await queue.putAll(['1', '2', '3', '4'], { priority: 5 });
  assert.equal(String(await queue.take()), '1');
  await queue.put('urgent', { priority: 0 });
  assert.equal(String(await queue.take()), 'urgent');
});

test('items of a producer that puts several into one node are taken one by one, and none is lost', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  await other.create('/a');
  await other.create('/a/queue-1000000050000000000', multi('a', '', 'c'));
  await other.create('/a/queue-1000000050000000001', multi());
  const queue = new PriorityQueue(zk, '/a');
  assert.equal(String(await queue.take()), 'a');
  assert.deepEqual((await other.get('/a/queue-1000000050000000000')).data, multi('', 'c'));
  wire.loseRepliesAfter(zk, 'get');
  const take = queue.take();
  while ((await other.exists('/a/queue-1000000050000000000'))?.version !== 2);
  wire.cut();
  assert.equal(String(await take), '');
  assert.deepEqual(await takeAll(new PriorityQueue(other, '/a')), ['c']);
});

test('an item with invalid data is an event, stays, and does not block the queue', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/a');
  const garbage = ['garbage', '', Buffer.from('0001000101ffffffff', 'hex'), Buffer.from('000100010100000001', 'hex')];
  for (const data of garbage) await zk.create('/a/queue-100000005', data, { mode: 'PERSISTENT_SEQUENTIAL' });
  const queue = new PriorityQueue(zk, '/a');
  const errors: string[] = [];
  queue.on('invalid', ({ code, message }) => errors.push(`${code} ${message}`));
  assert.equal(await queue.poll(), undefined);
  assert.equal(errors.length, 4);
  assert.match(errors[0]!, /^BAD_NODE PriorityQueue \/a: \/a\/queue-\w+ does not have the data of an item/);
  await queue.put('x', { priority: 9 });
  assert.equal(String(await queue.take({ timeoutMs: 5000 })), 'x');
  assert.equal(errors.length, 4);
  assert.equal(await queue.size(), 4);
});

test('a delay queue has the names of Curator, and offers an item when it is due', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  let nowMs = 0x18bcfe56800;
  const queue = new DelayQueue(zk, '/a', { nowMs: () => nowMs });
  await queue.put('later', { delayMs: 100 });
  await queue.put('soon', { delayMs: 10 });
  const { children } = await zk.children('/a');
  assert.deepEqual(children.sort(), ['queue-|18BCFE5680A|0000000001', 'queue-|18BCFE56864|0000000000']);
  assert.equal(await queue.poll(), undefined);
  nowMs += 10;
  assert.equal(String(await queue.poll()), 'soon');
  assert.equal(await queue.poll(), undefined);
  nowMs += 90;
  assert.equal(String(await queue.poll()), 'later');
});

test('take waits until an item is due, also if an earlier one is put meanwhile', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const queue = new DelayQueue(zk, '/a');
  await queue.put('second', { delayMs: 400 });
  const takes = [queue.take(), queue.take()];
  const invalid = once(queue, 'invalid').then(() => assert.fail('invalid'));
  invalid.catch(() => {});
  await untilChildren(other, '/a-clients', 1);
  await new DelayQueue(other, '/a').put('first', { delayMs: 20 });
  assert.deepEqual((await Promise.all(takes)).map(String), ['first', 'second']);
  await refused(queue.put('x', { delayMs: -1 }), 'BADARGUMENTS');
});

test('items are removed by id, whatever their number', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new IdQueue(zk, '/a');
  await queue.put('one', { id: 'x/y|z' });
  await queue.putAll(['two', 'three'], { id: 'other' });
  await queue.put('four', { id: 'x/y|z' });
  assert.ok((await zk.children('/a')).children.includes('queue-|x_y_z|0000000000'));
  assert.equal(await queue.remove('nothing'), 0);
  assert.equal(await queue.remove('x/y|z'), 2);
  assert.deepEqual(await takeAll(queue), ['two', 'three']);
  await refused(queue.put('x', { id: '' }), 'BADARGUMENTS');
});
