import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram, startTestServer, temporaryDirectory } from './support/setup.js';

test('lock-fencing: the store refuses the late write of a writer that was paused', async (context) => {
  const server = await startTestServer(context);
  const file = join(temporaryDirectory(context), 'file.json');
  const store = runProgram(context, 'lock-fencing/store', server, '0', file);
  const url = (await store.line(/listens on/)).replace('listens on ', '');
  const first = runProgram(context, 'lock-fencing/writer', server, 'first', url);
  await first.line(/first 1: written/);
  const second = runProgram(context, 'lock-fencing/writer', server, 'second', url);
  await second.line(/waits for the lock/);
  first.signal('SIGSTOP');
  await second.line(/second 1: written/);
  first.signal('SIGCONT');
  await store.line(/refuses token \d+, because it has seen \d+: first/);
  await first.line(/token \d+ is older than \d+/);
  assert.match(JSON.parse(readFileSync(file, 'utf8')).text, /^second/);
});
