import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram, startTestServer } from './support/setup.js';

test('http-service: a client spreads its requests, and none fails when an instance stops or dies', async (context) => {
  const server = await startTestServer(context);
  const start = async () => {
    const program = runProgram(context, 'http-service/service', server);
    const port = (await program.line(/registered on port/)).split(' ').at(-1)!;
    return { program, port };
  };
  const [one, two, three] = [await start(), await start(), await start()];
  const client = runProgram(context, 'http-service/client', server, '30');
  for (const { port } of [one, two, three]) await client.line(new RegExp(`hello from port ${port}`));
  assert.equal(await one.program.end('SIGINT'), 0);
  await two.program.end('SIGKILL');
  await client.line(/^30: hello from port/);
  assert.equal(await client.exited, 0);
});
