import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram, startTestServer } from './support/setup.js';

test('master-worker: in five terminals, the work continues after the death of the master and of a worker', async (context) => {
  const server = await startTestServer(context);
  const master = runProgram(context, 'master-worker/master', server, 'master-1');
  await master.line(/is the master/);
  const backup = runProgram(context, 'master-worker/master', server, 'master-2');
  await backup.line(/stands in line/);
  const worker = runProgram(context, 'master-worker/worker', server, 'worker-1');
  await worker.line(/is ready/);
  const other = runProgram(context, 'master-worker/worker', server, 'worker-2');
  await other.line(/is ready/);
  const client = runProgram(context, 'master-worker/client', server, '12', '97', '1001', '123456', '2310', '30030');
  await worker.line(/begins/);
  await master.end('SIGKILL');
  await backup.line(/is the master/);
  await worker.line(/begins/);
  await worker.end('SIGKILL');
  await backup.line(/takes task-\d+ back from worker-1/);
  await client.line(/has all results/);
  assert.equal(await client.exited, 0);
  assert.equal(await other.end('SIGINT'), 0);
  assert.equal(await backup.end('SIGINT'), 0);
});

test('master-worker: a worker that is told to stop ends its tasks first', async (context) => {
  const server = await startTestServer(context);
  await runProgram(context, 'master-worker/master', server).line(/is the master/);
  const worker = runProgram(context, 'master-worker/worker', server);
  await worker.line(/is ready/);
  const client = runProgram(context, 'master-worker/client', server, '12');
  await worker.line(/begins task-12/);
  const ended = worker.end('SIGINT');
  await client.line(/^12 = 2 × 2 × 3$/);
  assert.equal(await ended, 0);
});

test('master-worker: the demonstration shows all of this in one terminal', async (context) => {
  const server = await startTestServer(context);
  const demo = runProgram(context, 'master-worker/demo', server);
  for (const expected of [
    /master-1 {2}is the master/,
    /master-2 {2}stands in line/,
    /demo {6}kills master-1/,
    /master-2 {2}is the master/,
    /demo {6}kills worker-1/,
    /master-2 {2}takes task-\d+ back from worker-1/,
    /client {4}has all results/,
    /demo {6}all results are there, although a master and a worker were killed/,
  ]) {
    await demo.line(expected);
  }
  assert.equal(await demo.exited, 0);
});
