import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram, startTestServer } from './support/setup.js';

test('chat: every member sees who is there, what they say, and who is gone', async (context) => {
  const server = await startTestServer(context);
  const anna = runProgram(context, 'chat/chat', server, 'Anna');
  await anna.line(/you are Anna; here are Anna/);
  const ben = runProgram(context, 'chat/chat', server, 'Ben');
  await ben.line(/you are Ben; here are Anna, Ben/);
  await anna.line(/\* Ben is here/);
  ben.type('good morning');
  await anna.line(/^Ben: good morning$/);
  await ben.end('SIGKILL');
  await anna.line(/\* Ben is gone/);
  anna.type();
  assert.equal(await anna.exited, 0);
});
