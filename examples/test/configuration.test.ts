import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectTo, runProgram, startTestServer } from './support/setup.js';

test('configuration: a service follows both keys of a change, and keeps the last good value', async (context) => {
  const server = await startTestServer(context);
  const service = runProgram(context, 'configuration/service', server);
  await service.line(/^hello$/);
  const setter = runProgram(context, 'configuration/set', server, 'greeting="good morning"', 'intervalMs=100');
  await setter.line(/"greeting":"good morning"/);
  assert.equal(await setter.exited, 0);
  await service.line(/changed: greeting = good morning, intervalMs = 100/);
  await service.line(/^good morning$/);
  const refused = runProgram(context, 'configuration/set', server, 'intervalMs=1');
  assert.notEqual(await refused.exited, 0);
  const zk = await connectTo(context, server);
  await zk.set('/examples/configuration/intervalMs', '1');
  await service.line(/keeps the last good value of \/examples\/configuration\/intervalMs/);
  await service.line(/^good morning$/);
  assert.equal(await service.end('SIGINT'), 0);
});
