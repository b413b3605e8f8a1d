import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram, startTestServer } from './support/setup.js';

test('leader-handover: the next leader continues where the killed one stopped', async (context) => {
  const server = await startTestServer(context);
  const first = runProgram(context, 'leader-handover/leader', server, 'first');
  assert.match(await first.line(/leads/), /continues at 0, which first wrote/);
  await first.line(/^2$/);
  const second = runProgram(context, 'leader-handover/leader', server, 'second');
  await second.line(/is a candidate/);
  await first.end('SIGKILL');
  const [, count] = /continues at (\d+), which first wrote/.exec(await second.line(/leads/))!;
  assert.ok(Number(count) >= 2);
  await second.line(new RegExp(`^${Number(count) + 1}$`));
  assert.equal(await second.end('SIGINT'), 0);
});
