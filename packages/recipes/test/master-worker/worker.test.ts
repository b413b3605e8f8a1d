import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type AssignmentStrategy, TaskClient, Worker } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed } from '../support/line.js';
import { base, Gate, namesBelow, recorder, startMaster, startWorker, until } from './support.js';

test('the work is told before the session can have expired', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench);
  await startMaster(context, observer);
  let reason: unknown;
  const signals: AbortSignal[] = [];
  const worker = await startWorker(context, zk, async (_: unknown, { signal }) => {
    signals.push(signal);
    await once(signal, 'abort');
    reason = signal.reason;
    throw signal.reason;
  });
  worker.on('error', () => {});
  await new TaskClient(observer, base).submit('x');
  await until(observer, () => signals.length === 1);
  network.refuse();
  network.cut();
  await once(signals[0]!, 'abort');
  assert.match(String(reason), /Worker \/jobs: its tasks may be assigned to another worker: .*\(IN_DOUBT\)/);
  // the server still has the session
  assert.equal((await namesBelow(observer, 'workers')).length, 1);
  network.accept();
});

test('with the policy suspend, a lost connection aborts the work, and the worker registers again', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench);
  await startMaster(context, observer);
  const gate = new Gate();
  const worker = await startWorker(context, zk, gate.work, { name: 'w1', policy: 'suspend' });
  const events = recorder(worker);
  const task = await new TaskClient<string, string>(observer, base).submit('x');
  await until(observer, () => gate.begun.length === 1);
  network.cut();
  await events.next('refused');
  await events.next('unregistered');
  await events.next('registered');
  await until(observer, () => gate.begun.length === 2);
  gate.open('x');
  assert.equal((await task.outcome()).state, 'done');
});

test('with the policy session, a short disconnection disturbs no work', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench);
  await startMaster(context, observer);
  const gate = new Gate();
  await startWorker(context, zk, gate.work, { name: 'w1' });
  const task = await new TaskClient<string, string>(observer, base).submit('x');
  await until(observer, () => gate.begun.length === 1);
  network.cut();
  gate.open('x');
  assert.equal((await task.outcome()).state, 'done');
  assert.deepEqual([gate.begun, gate.aborted], [['x'], []]);
});

test('a status whose reply is lost counts once', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench);
  await startMaster(context, observer);
  const gate = new Gate();
  const worker = await startWorker(context, zk, gate.work, { name: 'w1' });
  const events = recorder(worker);
  const task = await new TaskClient<string, string>(observer, base).submit('x');
  await until(observer, () => gate.begun.length === 1);
  network.loseReplies();
  gate.open('x');
  assert.equal((await task.outcome()).state, 'done');
  network.cut();
  assert.equal((await events.next('done')).task, task.name);
});

test('a result is refused after the task was assigned to another worker', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const strategy: AssignmentStrategy = (_task, workers) => workers.at(-1)?.name;
  const joined = recorder(await startMaster(context, zk, { strategy }));
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = 0;
  const stubborn = await startWorker(context, zk, async () => {
    begun++;
    await released;
    return 'late';
  });
  const events = recorder(stubborn);
  const task = await new TaskClient(zk, base).submit('x');
  await until(zk, () => begun === 1);
  const taken = await startWorker(context, zk, () => 'in time', { name: 'w2' });
  await until(zk, () => joined.all.some((event) => event.type === 'worker-joined' && event.worker === 'w2'));
  await zk.exists('/');
  await zk.delete(`/jobs/assign/${stubborn.name}/${task.name}`);
  assert.deepEqual(await task.outcome(), { state: 'done', worker: taken.name, result: 'in time' });
  release();
  await events.next('refused');
  assert.deepEqual(await task.outcome(), { state: 'done', worker: taken.name, result: 'in time' });
});

test('a worker waits while another has its name, and does not run the tasks of its predecessor twice', async (context) => {
  const bench = await recipeBench(context);
  const [zk, doomed] = [await bench.connect(), await bench.connect()];
  const gate = new Gate();
  const first = await startWorker(context, doomed, gate.work, { name: 'w1', parallel: 2 });
  first.on('error', () => {});
  const master = await startMaster(context, zk);
  const client = new TaskClient<string, string>(zk, base);
  const once1 = await client.submit('once', { delivery: 'at-most-once' });
  const again = await client.submit('again');
  await until(zk, () => gate.begun.length === 2);
  const second = new Worker(zk, base, (payload: string) => payload, { name: 'w1' });
  context.after(() => second.close());
  await refused(second.start({ timeoutMs: 20 }), 'TIMEOUT');
  const third = new Worker(zk, base, (payload: string) => payload, { name: 'w1' });
  context.after(() => third.close());
  const started = third.start();
  // without a master, the new worker itself gives back what its predecessor had
  await master.close();
  await bench.expire(doomed);
  await started;
  assert.deepEqual(await once1.outcome(), { state: 'lost', worker: 'w1' });
  await startMaster(context, zk);
  assert.deepEqual(await again.outcome(), { state: 'done', worker: 'w1', result: 'again' });
});

test('a worker that drains takes no new tasks, ends its own, and leaves no node', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  await startMaster(context, other);
  const gate = new Gate();
  const worker = await startWorker(context, zk, gate.work, { name: 'w1', parallel: 2 });
  const client = new TaskClient<string, string>(other, base);
  const task = await client.submit('x');
  await until(zk, () => gate.begun.length === 1);
  await refused(worker.drain({ timeoutMs: 20 }), 'TIMEOUT');
  const drained = worker.drain();
  const late = await client.submit('late');
  for (let look = 0; look < 20; look++) await other.sync('/');
  assert.deepEqual(gate.begun, ['x']);
  gate.open('x');
  await drained;
  assert.equal(worker.running, 0);
  assert.equal((await task.outcome()).state, 'done');
  assert.deepEqual(await namesBelow(other, 'workers'), []);
  await until(other, async () => (await namesBelow(other, 'assign')).length === 0);
  await startWorker(context, zk, (payload: string) => payload);
  assert.equal(await late.result(), 'late');
  assert.deepEqual(Object.values(zk.stats().watches).slice(0, 3), [0, 0, 0]);
});

test('a worker that closes aborts its work, gives the tasks back, and refuses to start again', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  await startMaster(context, other);
  const gate = new Gate();
  const worker = await startWorker(context, zk, gate.work, { name: 'w1', parallel: 2 });
  const client = new TaskClient<string, string>(other, base);
  const [again, once1] = [await client.submit('again'), await client.submit('1', { delivery: 'at-most-once' })];
  await until(zk, () => gate.begun.length === 2);
  const closed = once(worker, 'close');
  await Promise.all([worker.close(), worker.close()]);
  await closed;
  assert.equal(gate.aborted.length, 2);
  assert.deepEqual(await namesBelow(other, 'workers'), []);
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
  await startWorker(context, other, (payload: string) => payload, { name: 'w2' });
  assert.equal(await again.result(), 'again');
  assert.equal((await once1.outcome()).state, 'lost');
  await refused(worker.start(), 'CLOSED');
});

test('a worker whose node an operator deletes registers again', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const worker = await startWorker(context, zk, () => 1, { name: 'w1' });
  const events = recorder(worker);
  await zk.delete('/jobs/workers/w1');
  assert.match((await events.next('unregistered')).reason, /\/jobs\/workers\/w1 was deleted/);
  await events.next('registered');
  assert.notEqual(await zk.exists('/jobs/workers/w1'), null);
});

test('a registration whose reply is lost is found', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench);
  await observer.createWithParents('/jobs/assign/w1');
  await observer.create('/jobs/workers');
  network.loseReplies();
  const worker = new Worker(zk, base, () => 1, { name: 'w1' });
  context.after(() => worker.close());
  const started = worker.start();
  await until(observer, async () => (await observer.exists('/jobs/workers/w1')) !== null);
  network.cut();
  await started;
  assert.equal((await namesBelow(observer, 'workers')).length, 1);
});

test('events are an async iterator that ends when the worker closes', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await startMaster(context, zk);
  const worker = new Worker(zk, base, () => 1, { name: 'w1' });
  const events = worker.events();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { type } of events) {
      seen.push(type);
      if (type === 'done') void worker.close();
    }
  })();
  await worker.start();
  await new TaskClient(zk, base).run('x');
  await reading;
  assert.deepEqual(seen, ['registered', 'started', 'done', 'unregistered']);
});

test('a worker without the right to register ends with an error that names it', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create(base);
  await zk.create('/jobs/workers', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
  const error = await refused(new Worker(zk, base, () => 1, { name: 'w1' }).start(), 'NOAUTH');
  assert.equal(
    error.message,
    'Worker /jobs: create /jobs/workers/w1: the ACL of the parent /jobs/workers does not allow it (NOAUTH)',
  );
});
