import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Config, run } from '../../by-hand/config.js';
import { connectTo, runExample, startLossyProxy, startTestServer, Told } from '../support/setup.js';

const path = '/examples/config';

test('config: a running process adopts changes, ignores invalid ones, and ends at ctrl-C', async (context) => {
  const server = await startTestServer(context);
  const zk = await connectTo(context, server);
  const program = runExample(context, 'by-hand/config', server);
  assert.equal(await program.line(/every/), 'every 1000 ms: hello');

  await zk.set(path, '{"greeting":"hi","everyMs":100}');
  assert.equal(await program.line(/every/), 'every 100 ms: hi');
  assert.equal(await program.line(/^hi$/), 'hi');

  await zk.set(path, 'nonsense');
  await zk.set(path, '{"greeting":"too often","everyMs":5}');
  await zk.set(path, '{"greeting":"still here","everyMs":200}');
  assert.equal(await program.line(/every/), 'every 200 ms: still here');
  assert.equal(await program.end('SIGINT'), 0);
});

test('config: a change made while the connection is lost is seen after the reconnect', async (context) => {
  const server = await startTestServer(context);
  const proxy = await startLossyProxy(context, server);
  const writer = await connectTo(context, server);
  const stop = new AbortController();
  const applied = new Told<Config>();
  const running = run(`127.0.0.1:${proxy.port}`, applied.tell, stop.signal);
  await applied.next();
  proxy.cut();
  const changed = { greeting: 'changed', everyMs: 300 };
  await writer.set(path, JSON.stringify(changed));
  // if the client reconnects before the write, it reads the unchanged configuration once more
  let seen: Config;
  do seen = await applied.next();
  while (seen.greeting !== 'changed');
  assert.deepEqual(seen, changed);
  stop.abort();
  await running;
});
