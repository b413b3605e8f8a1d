import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Lock } from '../../src/index.js';
import { recipeBench } from '../support/bench.js';
import { FencedStore } from '../support/fenced-store.js';

const sessionTimeoutMs = 1000;
// for the ticks of the server and for a busy machine
const limits = { timeoutMs: 5 * sessionTimeoutMs };

interface Message {
  readonly token?: number;
  readonly lost?: string;
  readonly write?: number;
}

/** Starts a process that holds the lock `/a`. */
async function startHolder(context: TestContext, servers: string): Promise<{ child: ChildProcess; token: number }> {
  const file = fileURLToPath(new URL('holder-process.js', import.meta.url));
  const child = fork(file, [servers, String(sessionTimeoutMs)]);
  context.after(() => child.kill('SIGKILL'));
  const [{ token }] = (await once(child, 'message')) as [Message];
  return { child, token: token! };
}

test('after kill -9 of the holder, the next client gets the lock when the session expires', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const { child, token } = await startHolder(context, bench.server.connectString);
  assert.equal(await new Lock(zk, '/a').tryAcquire(), undefined);
  const acquiring = new Lock(zk, '/a').acquire(limits);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const held = await acquiring;
  assert.ok(held.token > token);
});

test('a holder that was stopped longer than its session lasts cannot write any more', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const store = new FencedStore();
  const { child, token } = await startHolder(context, bench.server.connectString);
  assert.ok(store.write(token, 'first holder'));
  child.kill('SIGSTOP');
  const held = await new Lock(zk, '/a').acquire(limits);
  assert.ok(store.write(held.token, 'second holder'));
  // the process writes as soon as it continues, before it can know that it has lost the lock
  child.send('write');
  const messages = on(child, 'message') as AsyncIterableIterator<[Message]>;
  child.kill('SIGCONT');
  const seen: { write?: boolean; lost?: string } = {};
  for await (const [message] of messages) {
    if (message.write !== undefined) seen.write = store.write(message.write, 'late');
    if (message.lost !== undefined) seen.lost = message.lost;
    if (Object.keys(seen).length === 2) break;
  }
  assert.deepEqual(seen, { write: false, lost: 'IN_DOUBT' });
  assert.deepEqual(store.values, ['first holder', 'second holder']);
  assert.equal(held.signal.aborted, false);
});
