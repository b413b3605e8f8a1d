import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TaskClient } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, untilCount } from '../support/line.js';
import { base, Gate, namesBelow, startMaster, startWorker, until } from './support.js';

test('a task whose reply is lost is submitted once', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench);
  await observer.createWithParents('/jobs/tasks');
  const client = new TaskClient(zk, base);
  for (const options of [{}, { id: 'invoice-7' }]) {
    network.loseReplies();
    const submitted = client.submit('x', options);
    await untilCount(observer, '/jobs/tasks', 1);
    network.cut();
    const task = await submitted;
    assert.deepEqual(await namesBelow(observer, 'tasks'), [task.name]);
    await task.delete();
  }
});

test('a task whose reply is lost with its session is submitted once, if the client gets a new session', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench, { renewSession: true });
  await observer.createWithParents('/jobs/tasks');
  network.loseReplies();
  const submitted = new TaskClient(zk, base).submit('x');
  await untilCount(observer, '/jobs/tasks', 1);
  await network.giveSessionUp(zk);
  const task = await submitted;
  assert.deepEqual(await namesBelow(observer, 'tasks'), [task.name]);
});

test('two clients that submit a task with the same id create one task', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const [one, two] = await Promise.all([
    new TaskClient(zk, base).submit('x', { id: 'invoice-7' }),
    new TaskClient(other, base).submit('x', { id: 'invoice-7' }),
  ]);
  assert.equal(one.name, two.name);
  assert.deepEqual(await namesBelow(zk, 'tasks'), ['task-invoice-7']);
});

test('a caller that stops waiting for a submission leaves no task', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench);
  await observer.createWithParents('/jobs/tasks');
  network.loseReplies();
  const controller = new AbortController();
  const submitted = new TaskClient(zk, base).submit('x', { signal: controller.signal });
  await untilCount(observer, '/jobs/tasks', 1);
  controller.abort();
  await refused(submitted, 'ABORTED');
  network.cut();
  await untilCount(observer, '/jobs/tasks', 0);
});

test('a caller that stops waiting for a result leaves no watch, and run leaves no task', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const client = new TaskClient(zk, base);
  const task = await client.submit('x');
  await refused(task.result({ timeoutMs: 30 }), 'TIMEOUT');
  await refused(client.run('y', { timeoutMs: 30 }), 'TIMEOUT');
  await until(zk, async () => (await namesBelow(zk, 'tasks')).length === 1);
  await zk.sync('/');
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
});

test('a cancelled task does not run, and the signal of a running one is aborted', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await startMaster(context, zk);
  const gate = new Gate();
  const client = new TaskClient<string, string>(zk, base);
  const waiting = await client.submit('waiting');
  assert.equal(await waiting.cancel(), true);
  await startWorker(context, zk, gate.work, { name: 'w1' });
  const running = await client.submit('running');
  await until(zk, () => gate.begun.length === 1);
  assert.equal(await running.cancel(), true);
  await until(zk, () => gate.aborted.length === 1);
  assert.deepEqual(gate.begun, ['running']);
  assert.deepEqual(await running.outcome(), { state: 'cancelled' });
  const error = await refused(running.result(), 'TASK_FAILED');
  assert.match(error.message, /was cancelled/);
  const next = await client.submit('next');
  await until(zk, () => gate.begun.length === 2);
  gate.open('next');
  await next.result();
  assert.equal(await next.cancel(), false);
});

test('a deleted task rejects its result, and its work is told', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await startMaster(context, zk);
  const gate = new Gate();
  await startWorker(context, zk, gate.work);
  const client = new TaskClient<string, string>(zk, base);
  const task = await client.submit('x');
  const result = task.result();
  await until(zk, () => gate.begun.length === 1);
  await task.delete();
  const error = await refused(result, 'NONODE');
  assert.match(error.message, /^TaskClient \/jobs: the task task-.* does not exist \(NONODE\)$/);
  await until(zk, () => gate.aborted.length === 1);
  assert.deepEqual(await namesBelow(zk, 'status'), []);
  await task.delete();
});

test('a deleted directory is created again', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await startMaster(context, zk);
  await startWorker(context, zk, () => 1, { name: 'w1' });
  const client = new TaskClient(zk, base);
  assert.equal(await client.run('x'), 1);
  for (const directory of ['tasks', 'status', 'assign']) {
    await zk.deleteRecursive(`/jobs/${directory}`);
    assert.equal(await client.run(directory), 1, directory);
  }
});

test('a task is deleted although the session expires, if the client gets a new one', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench, { renewSession: true });
  for (const end of ['delete', 'cancel'] as const) {
    const task = await new TaskClient(zk, base).submit('x');
    network.loseReplies();
    const ended = task[end]();
    await until(
      observer,
      async () =>
        (await namesBelow(observer, end === 'delete' ? 'tasks' : 'status')).length !== Number(end === 'delete'),
    );
    await network.giveSessionUp(zk);
    assert.equal(await ended, end === 'delete' ? undefined : true);
  }
});
