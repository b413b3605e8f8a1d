import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectTo, runProgram, startTestServer } from './support/setup.js';

test('work-queue: another consumer gets the item of a killed consumer', async (context) => {
  const server = await startTestServer(context);
  const doomed = runProgram(context, 'work-queue/consumer', server, '60000');
  await doomed.line(/waits for items/);
  const producer = runProgram(context, 'work-queue/producer', server, 'a');
  await producer.line(/the queue has \d items/);
  await doomed.line(/works on a/);
  const consumer = runProgram(context, 'work-queue/consumer', server, '1');
  await consumer.line(/waits for items/);
  await doomed.end('SIGKILL');
  await consumer.line(/works on a/);
  await consumer.line(/has done a/);
  assert.equal(await consumer.end('SIGINT'), 0);
  const zk = await connectTo(context, server);
  assert.deepEqual((await zk.children('/examples/work-queue/entries')).children, []);
});
