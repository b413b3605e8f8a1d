import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { NonBlockingLease } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn } from '../support/line.js';

const path = '/jobs/clean/lease_holder';

test('one holder has the lease, renews it, and keeps it after the end of its session', async (context) => {
  const bench = await recipeBench(context);
  const [first, second, third] = [await bench.connect(), await bench.connect(), await bench.connect()];
  const mine = { durationMs: 60_000, holder: 'one' };
  const held = await new NonBlockingLease(first, '/jobs/clean', mine).tryAcquire();
  assert.equal(held!.path, path);
  const other = new NonBlockingLease(second, '/jobs/clean', { durationMs: 60_000, holder: 'two' });
  assert.equal(await other.tryAcquire(), undefined);
  await first.close();
  assert.equal(held!.signal.reason.code, 'IN_DOUBT');
  assert.equal(await other.tryAcquire(), undefined);
  const renewed = await new NonBlockingLease(third, '/jobs/clean', { ...mine, durationMs: 120_000 }).tryAcquire();
  assert.ok(renewed!.token > held!.token);
  await renewed!.release();
  await refused(renewed!.release(), 'NOT_HELD');
  assert.ok(await other.tryAcquire());
  await second.sync('/');
  assert.deepEqual(await namesIn(second, '/jobs/clean'), ['lease_holder']);
});

test('the data on the wire is that of kazoo', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await new NonBlockingLease(zk, '/jobs/clean', { durationMs: 60_000, holder: 'one' }).tryAcquire();
  const { data, stat } = await zk.get(path);
  const record = JSON.parse(String(data));
  assert.deepEqual(Object.keys(record), ['version', 'holder', 'end']);
  assert.deepEqual([record.version, record.holder], [1, 'one']);
  assert.match(record.end, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  const lengthMs = Date.parse(`${record.end}Z`) - Number(stat.ctime);
  assert.ok(lengthMs > 58_000 && lengthMs <= 60_000, String(lengthMs));
});

test('a lease of kazoo is respected until its end, and taken over afterwards', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lease = new NonBlockingLease(zk, '/jobs/clean', { durationMs: 60_000, holder: 'one' });
  await zk.createWithParents(path, '{"version": 1, "holder": "two", "end": "2999-01-01T00:00:00"}');
  assert.equal(await lease.tryAcquire(), undefined);
  await zk.set(path, '{"version": 1, "holder": "two", "end": "2001-01-01T00:00:00"}');
  const held = await lease.tryAcquire();
  // another holder takes the lease over
  const lost = once(held!.signal, 'abort');
  await zk.set(path, '{"version": 1, "holder": "two", "end": "2999-01-01T00:00:00"}');
  await lost;
  assert.equal(held!.signal.reason.code, 'LOST');
  // so the release must not delete it
  await held!.release();
  assert.match(String((await zk.get(path)).data), /"two"/);
  await zk.set(path, '{"version": 2}');
  assert.equal(await lease.tryAcquire(), undefined);
});

test('the signal is aborted at the end of the lease', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const held = await new NonBlockingLease(zk, '/jobs/clean', { durationMs: 1000, holder: 'one' }).tryAcquire();
  if (!held!.signal.aborted) await once(held!.signal, 'abort');
  assert.match(held!.signal.reason.message, /the lease has ended \(LOST\)/);
  await held!.release();
  assert.equal(await zk.exists(path), null);
});

test('the client counts the time of its lease so that it ends before the clock of the leader shows the end', async (context) => {
  const bench = await recipeBench(context);
  const { ports } = await bench.connect();
  const delays: number[] = [];
  const after = (delayMs: number, work: () => void) => {
    delays.push(delayMs);
    return ports.scheduler.after(delayMs, work);
  };
  const { monotonicMs, nextTurn } = ports.scheduler;
  const scheduler = { after, monotonicMs: monotonicMs.bind(ports.scheduler), nextTurn: nextTurn.bind(ports.scheduler) };
  const zk = await bench.connect({ ports: { ...ports, scheduler } });
  const held = await new NonBlockingLease(zk, '/jobs/clean', { durationMs: 90_000, holder: 'one' }).tryAcquire();
  const { data, stat } = await zk.get(held!.path);
  const endMs = Date.parse(`${JSON.parse(String(data)).end}Z`);
  // all other timers are shorter
  const leaseMs = Math.max(...delays);
  assert.ok(leaseMs <= endMs - Number(stat.ctime) && leaseMs > 80_000, `${leaseMs}`);
});

test('with a count, as many holders have a lease', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const leaseOf = (holder: string) => new NonBlockingLease(zk, '/jobs/clean', { durationMs: 60_000, holder, count: 2 });
  const one = await leaseOf('one').tryAcquire();
  const two = await leaseOf('two').tryAcquire();
  assert.deepEqual([one!.path, two!.path], ['/jobs/clean/0/lease_holder', '/jobs/clean/1/lease_holder']);
  assert.equal(await leaseOf('three').tryAcquire(), undefined);
  await one!.release();
  assert.equal((await leaseOf('three').tryAcquire())!.path, one!.path);
});

test('after a lost reply the client finds that it has the lease', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  const acquiring = new NonBlockingLease(zk, '/jobs/clean', { durationMs: 60_000, holder: 'one' }).tryAcquire();
  network.loseRepliesFrom(zk, 'transaction');
  while ((await operator.exists(path)) === null);
  network.cut();
  const held = await acquiring;
  assert.equal(held!.token, (await operator.exists(path))!.mzxid);
  network.loseRepliesFrom(zk, 'transaction');
  const released = held!.release();
  while ((await operator.exists(path)) !== null);
  network.cut();
  await released;
});

test('other content of the node is an error that names it', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lease = new NonBlockingLease(zk, '/jobs/clean', { durationMs: 60_000, holder: 'one' });
  await zk.createWithParents(path, 'garbage');
  for (const data of ['garbage', 'null', '[]', '{"version":1}', '{"version":1,"holder":"x","end":"soon"}']) {
    await zk.set(path, data);
    const error = await refused(lease.tryAcquire(), 'BAD_NODE');
    assert.match(
      error.message,
      /^NonBlockingLease \/jobs\/clean: \/jobs\/clean\/lease_holder does not contain a lease/,
    );
  }
  await zk.sync('/');
  assert.deepEqual(await namesIn(zk, '/jobs/clean'), ['lease_holder']);
});

test('durationMs and holder are required', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const bad = (options: object, message: RegExp) =>
    assert.throws(() => new NonBlockingLease(zk, '/a', options as never), { code: 'BADARGUMENTS', message });
  bad({ holder: 'x' }, /durationMs and holder are required/);
  bad({ durationMs: 5000 }, /durationMs and holder are required/);
  bad({ durationMs: 5, holder: 'x' }, /durationMs must be an integer from 1000/);
});
