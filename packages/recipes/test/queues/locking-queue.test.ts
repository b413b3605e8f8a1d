import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { LockingQueue } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { untilChildren, untilClean } from '../support/until.js';
import { Wire } from '../support/wire.js';

test('an item stays in the directories of kazoo until it is consumed', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new LockingQueue(zk, '/q');
  await queue.put('b');
  await queue.put('a', { priority: 5 });
  const held = await queue.take();
  assert.equal(String(held.data), 'a');
  assert.equal(held.path, '/q/taken/entry-005-0000000001');
  assert.ok(held.token > 0);
  assert.match(String((await zk.get(held.path)).data), /^[0-9a-f]{32}$/);
  assert.equal(await queue.size(), 2);
  await held.consume();
  assert.deepEqual((await zk.children('/q/entries')).children, ['entry-100-0000000000']);
  assert.deepEqual((await zk.children('/q/taken')).children, []);
  assert.equal(held.signal.aborted, false);
  await refused(held.consume(), 'NOT_HELD');
  await refused(held.release(), 'NOT_HELD');
  await untilClean(zk, '/q-clients');
});

test('a reserved item is not offered, until it is released', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  await new LockingQueue(one, '/q').putAll(['a', 'b']);
  const held = await new LockingQueue(one, '/q').take();
  const other = new LockingQueue(two, '/q');
  const second = await other.take();
  assert.equal(String(second.data), 'b');
  assert.equal(await other.poll(), undefined);
  const waiting = other.take();
  await untilChildren(one, '/q-clients', 1);
  await held.release();
  const again = await waiting;
  assert.equal(String(again.data), 'a');
  assert.ok(again.token > held.token);
  await again.consume();
  await second.consume();
  assert.equal(await other.size(), 0);
});

test('the item of a consumer that dies is delivered again', async (context) => {
  const bench = await recipeBench(context);
  const [dying, zk] = [await bench.connect(), await bench.connect()];
  await new LockingQueue(dying, '/q').put('a');
  const held = await new LockingQueue(dying, '/q').take();
  const lost = once(held.signal, 'abort');
  const waiting = new LockingQueue(zk, '/q').take();
  await bench.expire(dying);
  await lost;
  const again = await waiting;
  assert.equal(String(again.data), 'a');
  await refused(held.consume(), 'LOST');
  await again.consume();
});

test('a consumer with a renewed session touches neither the item nor the reservation of the next one', async (context) => {
  const bench = await recipeBench(context);
  const [renewing, zk] = [await bench.connect({ renewSession: true }), await bench.connect()];
  await new LockingQueue(zk, '/q').putAll(['a', 'b']);
  const queue = new LockingQueue(renewing, '/q');
  const [first, second] = [await queue.take(), await queue.take()];
  await bench.expire(renewing);
  await renewing.connected();
  const next = new LockingQueue(zk, '/q');
  const [third, fourth] = [await next.take(), await next.take()];
  await refused(first.consume(), 'LOST');
  await second.release();
  assert.equal(third.signal.aborted || fourth.signal.aborted, false);
  assert.equal((await zk.children('/q/taken')).children.length, 2);
  await third.consume();
  await fourth.consume();
});

test('a reservation that another client gets at once is lost', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const queue = new LockingQueue(zk, '/q');
  await queue.put('a');
  const held = await queue.take();
  const lost = once(held.signal, 'abort');
  await Promise.all([other.delete(held.path), other.create(held.path, 'theirs', { mode: 'EPHEMERAL' })]);
  await lost;
  await refused(held.consume(), 'LOST');
  assert.equal(String((await zk.get(held.path)).data), 'theirs');
});

test('consume after a lost reply succeeds, and the item is gone once', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const queue = new LockingQueue(zk, '/q');
  await queue.putAll(['a', 'b']);
  const held = await queue.take();
  wire.loseRepliesAfter(zk, 'exists');
  const consumed = held.consume();
  await untilChildren(other, '/q/entries', 1);
  wire.cut();
  await consumed;
  assert.equal(String((await new LockingQueue(other, '/q').take()).data), 'b');
});

test('a reservation whose reply is lost belongs to the client that made it', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const queue = new LockingQueue(zk, '/q');
  await queue.put('a');
  wire.loseRepliesAfter(zk, 'children');
  wire.loseRepliesAfter(zk, 'children');
  const { transaction } = zk;
  zk.transaction = () => {
    wire.loseReplies();
    return transaction.call(zk);
  };
  const take = queue.take();
  wire.cut();
  await untilChildren(other, '/q/taken', 1);
  Reflect.deleteProperty(zk, 'transaction');
  wire.cut();
  const held = await take;
  assert.equal(String(held.data), 'a');
  await held.consume();
});

test('a caller that stops waiting leaves no reservation', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const queue = new LockingQueue(zk, '/q');
  await queue.put('a');
  const { transaction } = zk;
  zk.transaction = () => {
    wire.loseReplies();
    return transaction.call(zk);
  };
  const controller = new AbortController();
  const take = queue.take({ signal: controller.signal });
  await untilChildren(other, '/q/taken', 1);
  controller.abort();
  await refused(take, 'ABORTED');
  wire.cut();
  Reflect.deleteProperty(zk, 'transaction');
  await untilClean(other, '/q/taken');
  assert.equal(String((await new LockingQueue(other, '/q').take()).data), 'a');
});

test('await using gives back an item that was not consumed', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new LockingQueue(zk, '/q');
  await queue.put('a');
  {
    await using held = await queue.take();
    assert.equal(String(held.data), 'a');
  }
  let count = 0;
  for await (const held of queue) {
    if (++count === 3) {
      await held.consume();
      break;
    }
  }
  assert.equal(await queue.size(), 0);
  assert.deepEqual((await zk.children('/q/taken')).children, []);
});

test('an item that another program deletes during the work counts as consumed', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const queue = new LockingQueue(zk, '/q');
  await queue.put('a');
  const held = await queue.take();
  await zk.delete('/q/entries/entry-100-0000000000');
  await held.consume();
  await untilClean(zk, '/q/taken');
});

test('many consumers: every item is consumed once if no session ends', async (context) => {
  const bench = await recipeBench(context);
  const clients = await Promise.all(Array.from({ length: 4 }, () => bench.connect()));
  const queues = clients.map((zk) => new LockingQueue(zk, '/q'));
  await queues[0]!.putAll(Array.from({ length: 40 }, (_, index) => `${index}`));
  const seen: number[] = [];
  const work = async (queue: LockingQueue) => {
    for (let held = await queue.poll(); held !== undefined; held = await queue.poll()) {
      seen.push(Number(String(held.data)));
      await held.consume();
    }
  };
  await Promise.all([...queues, ...queues].map(work));
  assert.deepEqual(
    seen.sort((one, other) => one - other),
    Array.from({ length: 40 }, (_, index) => index),
  );
});
