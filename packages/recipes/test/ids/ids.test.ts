import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Data, ZooKeeper } from '@nodekeeper/client';
import { AtomicLong, IdBlocks, SequentialNames, WorkerIds, WorkerNumbers } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { untilClean, untilVersion } from '../support/until.js';
import { Wire } from '../support/wire.js';

test('sequential names count up over all clients, and leave no nodes', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  const first = new SequentialNames(one, '/names/job', { prefix: 'job-' });
  const second = new SequentialNames(two, '/names/job', { prefix: 'job-' });
  assert.deepEqual([await first.next(), await second.next()], ['job-0000000000', 'job-0000000001']);
  await untilClean(one, '/names/job');
  assert.equal(await second.next(), 'job-0000000002');
  const many = await Promise.all(Array.from({ length: 30 }, (_, index) => (index % 2 ? first : second).next()));
  assert.equal(new Set(many).size, 30);
});

test('a name whose reply is lost is neither given twice nor left out', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const names = new SequentialNames(zk, '/names');
  assert.equal(await names.next(), '0000000000');
  await untilClean(other, '/names');
  wire.loseReplies();
  const next = names.next();
  while ((await other.exists('/names'))?.numChildren !== 1);
  wire.cut();
  assert.equal(await next, '0000000001');
  await untilClean(other, '/names');
});

test('kazoo#730: names continue to grow when the number of the server wraps at 2^31', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const numbers = ['2147483646', '2147483647', '-2147483648', '-2147483647', '-000000001'];
  const { create } = zk;
  zk.create = async (path: string, data: Data = '', options: object = {}) => {
    const created = await create.call(zk, path, data as never, options as never);
    return path.endsWith('-') ? { ...created, path: created.path.slice(0, -10) + numbers.shift() } : created;
  };
  const names = new SequentialNames(zk, '/names');
  const given: string[] = [];
  while (numbers.length > 0) given.push(await names.next());
  assert.deepEqual(given, ['2147483646', '2147483647', '2147483648', '2147483649', '4294967295']);
  assert.deepEqual([...given].sort(), given);
});

test('ids from blocks are unique, and a block costs one change of the counter', async (context) => {
  const bench = await recipeBench(context);
  const clients = [await bench.connect(), await bench.connect()];
  const sources = clients.map((zk) => new IdBlocks(zk, '/ids/a', { blockSize: 10 }));
  const ids = await Promise.all(Array.from({ length: 40 }, (_, index) => sources[index % 2]!.next()));
  assert.equal(new Set(ids).size, 40);
  assert.equal(await new AtomicLong(clients[0]!, '/ids/a').get(), 40n);
  assert.equal((await clients[0]!.exists('/ids/a'))?.version, 3);
  assert.equal(await sources[0]!.next(), 40n);
});

test('a block whose reply is lost is used, and one in doubt is left out', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports, renewSession: true });
  const ids = new IdBlocks(zk, '/ids', { blockSize: 1 });
  assert.equal(await ids.next(), 0n);
  wire.loseRepliesAfter(zk, 'get');
  const second = ids.next();
  await untilVersion(other, '/ids', 1);
  wire.cut();
  assert.equal(await second, 1n);
  wire.loseRepliesAfter(zk, 'get');
  const third = ids.next();
  await untilVersion(other, '/ids', 2);
  wire.down();
  await bench.expire(zk);
  wire.up();
  assert.equal(await third, 3n);
});

test('a caller that stops waiting for a block does not disturb the others', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const ids = new IdBlocks(zk, '/ids');
  const controller = new AbortController();
  const [first, second] = [ids.next({ signal: controller.signal }), ids.next()];
  controller.abort();
  await refused(first, 'ABORTED');
  assert.equal(await second, 0n);
  await zk.set('/ids', 'garbage');
  await refused(new IdBlocks(zk, '/ids').next(), 'BAD_NODE');
  await zk.set('/ids', Buffer.from('7fffffffffffffff', 'hex'));
  await refused(new IdBlocks(zk, '/ids').next(), 'BADARGUMENTS');
});

test('each client gets the smallest free worker number, and waits if all are taken', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  const numbers = [one, two].map((zk) => new WorkerNumbers(zk, '/workers', { count: 2 }));
  const held = await Promise.all(numbers.map((each) => each.claim()));
  assert.deepEqual(held.map(({ number }) => number).sort(), [0, 1]);
  assert.ok(held[0]!.path.startsWith('/workers/'));
  await refused(numbers[0]!.claim({ timeoutMs: 30 }), 'TIMEOUT');
  const waiting = numbers[0]!.claim();
  while (one.stats().watches.children === 0) await two.exists('/');
  await held[1]!.release();
  const next = await waiting;
  assert.equal(next.number, held[1]!.number);
  assert.ok(next.token > held[1]!.token);
  await refused(held[1]!.release(), 'NOT_HELD');
  const lost = once(next.signal, 'abort');
  await two.delete(next.path);
  await lost;
  assert.equal(next.signal.reason.code, 'LOST');
});

test('a worker number whose reply is lost is claimed once', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const numbers = new WorkerNumbers(zk, '/workers');
  await (await numbers.claim()).release();
  wire.loseRepliesAfter(zk, 'children');
  const claim = numbers.claim();
  while ((await other.exists('/workers'))?.numChildren !== 1);
  wire.cut();
  assert.equal((await claim).number, 0);
  assert.deepEqual((await other.children('/workers')).children, ['0']);
});

const startMs = Date.UTC(2026, 0, 1);

function partsOf(id: bigint) {
  return {
    timeMs: Number(id >> 22n) + Date.UTC(2020, 0, 1),
    worker: Number((id >> 12n) & 1023n),
    sequence: Number(id & 4095n),
  };
}

test('an id has the time, the worker number and a sequence number, and ids of a client grow', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  let nowMs = startMs;
  const wallMs = () => nowMs;
  await using first = new WorkerIds(one, '/ids', { nowMs: wallMs });
  await using second = new WorkerIds(two, '/ids', { nowMs: wallMs });
  assert.deepEqual(partsOf(await first.next()), { timeMs: startMs, worker: 0, sequence: 0 });
  assert.deepEqual(partsOf(await first.next()), { timeMs: startMs, worker: 0, sequence: 1 });
  assert.deepEqual(partsOf(await second.next()), { timeMs: startMs, worker: 1, sequence: 0 });
  nowMs++;
  assert.deepEqual(partsOf(await first.next()), { timeMs: startMs + 1, worker: 0, sequence: 0 });
  let last = 0n;
  for (let index = 0; index < 10_000; index++) {
    const id = await first.next();
    assert.ok(id > last);
    last = id;
  }
  assert.equal(partsOf(last).timeMs, startMs + 3);
});

test('ids never go back when the clock does, and a large step back is an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  let nowMs = startMs;
  await using ids = new WorkerIds(zk, '/ids', { nowMs: () => nowMs });
  const first = await ids.next();
  nowMs -= 500;
  assert.ok((await ids.next()) > first);
  nowMs -= 3_600_000;
  const error = await refused(ids.next(), 'CLOCK_BACK');
  assert.equal(error.message, 'WorkerIds /ids: the clock went back by 3600500 ms (CLOCK_BACK)');
  nowMs += 3_600_501;
  assert.ok((await ids.next()) > first);
});

test('the next owner of a worker number begins after the last one, although its clock is slow', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  const first = new WorkerIds(one, '/ids', { nowMs: () => startMs });
  const id = await first.next();
  await first.close();
  await refused(first.next(), 'CLOSED');
  assert.deepEqual((await two.children('/ids/workers')).children, []);
  await using second = new WorkerIds(two, '/ids', { nowMs: () => startMs - 1000 });
  const next = await second.next();
  assert.equal(partsOf(next).worker, 0);
  assert.ok(next > id);
  // a clock that is hours behind cannot use the number
  await second.close();
  await using third = new WorkerIds(two, '/ids', { nowMs: () => startMs - 3_600_000 });
  assert.equal(partsOf(await third.next()).worker, 1);
});

test('ids stop when the worker number is in doubt, and continue with a number of the new session', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports, renewSession: true });
  await using ids = new WorkerIds(zk, '/ids', { nowMs: () => startMs });
  const first = await ids.next();
  wire.down();
  while (zk.state === 'CONNECTED') await other.exists('/');
  await refused(ids.next({ timeoutMs: 30 }), 'TIMEOUT');
  await bench.expire(zk);
  await using thief = new WorkerIds(other, '/ids', { nowMs: () => startMs });
  const theirs = await thief.next();
  wire.up();
  const mine = await ids.next();
  assert.equal(new Set([first, theirs, mine]).size, 3);
  assert.ok(theirs > first);
});

test('a client whose number was given to another one cannot reserve more time', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  let nowMs = startMs;
  const wallMs = () => nowMs;
  await using ids = new WorkerIds(zk, '/ids', { nowMs: wallMs });
  const seen = new Set([await ids.next()]);
  await other.set('/ids/reserved/0', String(startMs + 3000));
  nowMs += 3001;
  seen.add(await ids.next());
  assert.equal(seen.size, 2);
  assert.ok(Number((await other.get('/ids/reserved/0')).data) > startMs + 5000);
});

test('garbage in the node of a reserved time is named', async (context) => {
  const bench = await recipeBench(context);
  const zk: ZooKeeper = await bench.connect();
  await zk.createWithParents('/ids/reserved/0', 'soon');
  const error = await refused(new WorkerIds(zk, '/ids').next(), 'BAD_NODE');
  assert.match(error.message, /\/ids\/reserved\/0 must have a time in milliseconds/);
  await untilClean(zk, '/ids/workers');
});
