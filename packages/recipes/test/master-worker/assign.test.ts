import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { utf8 } from '@nodekeeper/client';
import { type AssignmentStrategy, TaskClient, type WorkerInfo } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { base, Gate, namesBelow, recorder, startMaster, startWorker, until } from './support.js';

test('a task runs on a worker, and its client gets the typed result', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await startMaster(context, zk, { name: 'm1' });
  await startWorker(context, zk, ({ a, b }: { a: number; b: number }) => ({ sum: a + b }), { name: 'w1' });
  const client = new TaskClient<{ a: number; b: number }, { sum: number }>(zk, base);
  assert.equal((await client.run({ a: 1, b: 2 })).sum, 3);
  const task = await client.submit({ a: 3, b: 4 });
  assert.deepEqual(await task.outcome(), { state: 'done', worker: 'w1', result: { sum: 7 } });
  assert.deepEqual(await client.task(task.name).result(), { sum: 7 });
  assert.match(task.name, /^task-[0-9a-f]{16}-000000000\d$/);
  assert.equal(String((await zk.get('/jobs/master')).data), 'm1');
  assert.equal(String((await zk.get(`/jobs/status/${task.name}`)).data), 'done w1\n{"sum":7}');
  await task.delete();
  assert.deepEqual(await namesBelow(zk, 'tasks'), []);
  assert.deepEqual(await namesBelow(zk, 'status'), []);
});

test('the master gives no worker more tasks than it runs at the same time, and the oldest task goes first', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const master = await startMaster(context, zk);
  const gate = new Gate();
  await startWorker(context, zk, gate.work, { name: 'w1', parallel: 2 });
  const client = new TaskClient<string, string>(zk, base);
  const tasks = [];
  for (const payload of ['a', 'b', 'c', 'd']) tasks.push(await client.submit(payload));
  await until(zk, () => gate.begun.length === 2);
  assert.deepEqual([...gate.begun].sort(), ['a', 'b']);
  assert.deepEqual(await namesBelow(zk, 'assign/w1'), [tasks[0]!.name, tasks[1]!.name].sort());
  gate.open('b');
  await until(zk, () => gate.begun.length === 3);
  assert.equal(gate.begun[2], 'c');
  gate.open('a');
  gate.open('c');
  await until(zk, () => gate.begun.length === 4);
  gate.open('d');
  assert.equal(await tasks[3]!.result(), `d by ${tasks[3]!.name}`);
  assert.equal(master.leadership?.signal.aborted, false);
});

test('a task goes to the worker with the lowest load', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const gate = new Gate();
  const master = await startMaster(context, zk);
  const events = recorder(master);
  await startWorker(context, zk, gate.work, { name: 'small', parallel: 2 });
  await startWorker(context, zk, gate.work, { name: 'big', parallel: 4 });
  await until(zk, () => events.all.filter(({ type }) => type === 'worker-joined').length === 2);
  // the capacities are read before any task exists
  await zk.exists('/');
  const client = new TaskClient<string>(zk, base);
  const chosen = [];
  for (const payload of ['1', '2', '3', '4', '5', '6']) {
    await client.submit(payload);
    chosen.push((await events.next('assigned')).worker);
  }
  assert.equal(chosen.filter((worker) => worker === 'big').length, 4);
  assert.ok(chosen.indexOf('big') < 2 && chosen.indexOf('small') < 2, chosen.join());
});

test('a strategy chooses the worker, and sees what the workers tell', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const seen: WorkerInfo[] = [];
  const strategy: AssignmentStrategy = (task, workers) => {
    if (task.includes('bad')) throw new Error('no idea');
    seen.push(...workers);
    return workers.find(({ info }) => (info as { gpu: boolean }).gpu)?.name;
  };
  const master = await startMaster(context, zk, { strategy });
  const events = recorder(master);
  const work = (_payload: unknown, { name }: { name: string }) => name;
  await startWorker(context, zk, work, { name: 'plain', info: { gpu: false }, parallel: 3 });
  const client = new TaskClient(zk, base);
  const task = await client.submit('x');
  await client.submit('y', { id: 'bad' });
  const invalid = await events.next('invalid');
  assert.equal(invalid.path, '/jobs/tasks/task-bad');
  assert.equal((invalid.error as Error).message, 'no idea');
  await startWorker(context, zk, work, { name: 'graphics', info: { gpu: true } });
  assert.equal((await task.outcome()).state, 'done');
  assert.deepEqual(await task.outcome(), { state: 'done', worker: 'graphics', result: task.name });
  assert.deepEqual(seen[0], { name: 'plain', parallel: 3, info: { gpu: false }, assigned: 0 });
});

test('work that throws is a failed task, and its client gets the message', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await startMaster(context, zk);
  const worker = await startWorker(context, zk, () => assert.fail('no disk'), { name: 'w1' });
  const failed = once(worker, 'failed');
  const task = await new TaskClient(zk, base).submit('x', { id: '1' });
  const error = await refused(task.result(), 'TASK_FAILED');
  assert.equal(error.message, 'TaskClient /jobs: task-1 failed on w1: no disk (TASK_FAILED)');
  assert.equal((await failed)[0].task, 'task-1');
});

test('a result that is too large for a request is a failed task', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await startMaster(context, zk);
  await startWorker(context, zk, () => 'x'.repeat(2_000_000));
  const error = await refused(new TaskClient(zk, base).run('x'), 'TASK_FAILED');
  assert.match(error.message, /too large|at most|bytes/);
});

test('the session of the book works by hand: master node, worker, task, assignment, status', async (context) => {
  const bench = await recipeBench(context);
  const [zk, hand] = [await bench.connect(), await bench.connect()];
  await startMaster(context, zk, { name: 'master1.example.com:2223' });
  await until(hand, async () => (await hand.exists('/jobs/master')) !== null);
  assert.equal(String((await hand.get('/jobs/master')).data), 'master1.example.com:2223');
  await hand.create('/jobs/workers/worker1.example.com', 'worker1.example.com:2224', { mode: 'EPHEMERAL' });
  await hand.create('/jobs/assign/worker1.example.com').catch(() => {});
  const { path } = await hand.create('/jobs/tasks/task-', 'cmd', { mode: 'PERSISTENT_SEQUENTIAL' });
  assert.equal(path, '/jobs/tasks/task-0000000000');
  await until(hand, async () => (await namesBelow(hand, 'assign/worker1.example.com')).length === 1);
  assert.deepEqual(await namesBelow(hand, 'assign/worker1.example.com'), ['task-0000000000']);
  await hand.create('/jobs/status/task-0000000000', 'done');
  // the person may forget the assignment: the master deletes it
  await until(hand, async () => (await namesBelow(hand, 'assign/worker1.example.com')).length === 0);
  const task = new TaskClient(zk, base).task('task-0000000000');
  assert.deepEqual(await task.outcome(), { state: 'done', result: undefined });
});

test('a worker reads tasks that a person has created, with the codec of the text', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await startMaster(context, zk);
  await startWorker(context, zk, (command) => command.toUpperCase(), { codec: utf8, resultCodec: utf8, name: 'w' });
  await zk.create('/jobs/tasks/task-1', 'run cmd');
  const client = new TaskClient(zk, base, { resultCodec: utf8 });
  assert.equal(await client.task('task-1').result(), 'RUN CMD');
  assert.equal(String((await zk.get('/jobs/status/task-1')).data), 'done w\nRUN CMD');
});

test('nodes that do not belong to the group disturb nothing', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.createWithParents('/jobs/assign/ghost/nothing', 'x');
  await zk.create('/jobs/status', '');
  await zk.create('/jobs/status/orphan', 'garbage');
  await zk.create('/jobs/notes', 'x');
  await startMaster(context, zk);
  await startWorker(context, zk, () => 1);
  assert.equal(await new TaskClient(zk, base).run('x'), 1);
  // the assignment of a worker that does not exist is taken back
  await until(zk, async () => (await namesBelow(zk, 'assign')).length === 1);
  const orphan = new TaskClient(zk, base).task('orphan');
  const error = await refused(orphan.result(), 'BAD_NODE');
  assert.match(error.message, /^TaskClient \/jobs: \/jobs\/status\/orphan must start with done/);
});

test('the master deletes results that nobody has fetched for too long', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await startMaster(context, zk, { resultTtlMs: 40 });
  await startWorker(context, zk, () => 1);
  const task = await new TaskClient(zk, base).submit('x');
  await until(zk, async () => (await zk.exists(task.path)) === null);
  assert.deepEqual(await namesBelow(zk, 'status'), []);
  await refused(task.result(), 'NONODE');
});

test('a constructor refuses invalid arguments, and names the recipe, the path and the option', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const { Master, Worker } = await import('../../src/index.js');
  const bad = (build: () => unknown, message: RegExp) => assert.throws(build, { code: 'BADARGUMENTS', message });
  bad(() => new Master(zk, 'jobs'), /Master jobs: .*absolute/);
  bad(() => new Master(zk, base, { name: 'a/b' }), /Master \/jobs: name must be a text without a slash/);
  bad(() => new Master(zk, base, { strategy: 'random' as never }), /strategy must be a function/);
  bad(() => new Worker(zk, base, undefined as never), /Worker \/jobs: work must be a function/);
  bad(() => new Worker(zk, base, () => 1, { parallel: 0 }), /parallel must be an integer from 1/);
  bad(() => new TaskClient(zk, base, { codec: {} as never }), /codec must be a codec/);
  await refused(new TaskClient(zk, base).submit(1, { delivery: 'sometimes' as never }), 'BADARGUMENTS');
  await refused(new TaskClient(zk, base).submit(undefined), 'INVALID_DATA');
});
