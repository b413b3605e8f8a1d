import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nodekeeper/client';
import { serverPort } from './support/server.js';

const program = join(import.meta.dirname, '../../bin/zkcli.js');
const data = 'x'.repeat(1_000_000);
const options = { timeout: 30_000 };

/**
 * Starts a server that has a node /big with 1 MB of data. Then starts `zkcli <words>` as a child process that connects
 * to this server.
 */
async function start(context: TestContext, ...words: string[]): Promise<ChildProcess & { stdout: Readable }> {
  const port = await serverPort(context);
  await using zk = await connect(`127.0.0.1:${port}`);
  await zk.create('/big', data);
  const child = spawn(process.execPath, [program, '-server', `127.0.0.1:${port}`, ...words]);
  context.after(() => child.kill());
  return child;
}

test('a slow reader gets the complete output of a command, of any size', options, async (context) => {
  const child = await start(context, 'get', '/big');
  const exited = once(child, 'exit');
  let received = 0;
  for await (const chunk of child.stdout) {
    received += chunk.length;
    await sleep(5); // read slowly
  }
  assert.ok(received > data.length, `${received} bytes`);
  assert.deepEqual(await exited, [0, null]);
});

test('a reader that closes the pipe ends the command without an error', options, async (context) => {
  const child = await start(context, 'get', '/big');
  let complaints = '';
  child.stderr!.on('data', (chunk) => {
    complaints += chunk;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.equal(complaints, '');
});
