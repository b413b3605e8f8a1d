import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { startServerWithShortTicks } from '../support/fault-bench.js';

const library = new URL('../../src/index.js', import.meta.url).href;

/**
 * Runs a script in its own process. The script can use `connect`, `ZooKeeper`, `say` and `server`. Returns the output
 * and the exit code.
 */
async function run(port: number, script: string): Promise<{ said: string[]; errors: string; exitCode: number }> {
  const source = `
    import { connect, ZooKeeper } from ${JSON.stringify(library)};
    const say = (text) => console.log(text);
    const server = '127.0.0.1:${port}';
    ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { timeout: 20_000 });
  const said: string[] = [];
  const errors: string[] = [];
  child.stdout.on('data', (chunk) => said.push(String(chunk)));
  child.stderr.on('data', (chunk) => errors.push(String(chunk)));
  const exitCode = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  return { said: said.join('').trimEnd().split('\n'), errors: errors.join(''), exitCode };
}

const goOn = "process.on('uncaughtException', (error) => say('uncaught ' + error.message));";

test('an exception of a watch callback is an uncaught exception of the process, and the client continues', async (context) => {
  const port = await startServerWithShortTicks(context);
  const { said, errors, exitCode } = await run(
    port,
    `${goOn}
    const zk = await connect(server);
    await zk.create('/a');
    await zk.addWatch('/a', () => { throw new Error('one') });
    await zk.addWatch('/a', ({ type }) => say(type));
    await zk.get('/a', { watch: () => { throw new Error('two') } });
    say('version ' + (await zk.set('/a', 'x')).version);
    say('version ' + (await zk.set('/a', 'y')).version);
    await zk.close();
    say('closed');`,
  );
  assert.deepEqual([errors, exitCode], ['', 0]);
  const kinds = ['NodeDataChanged', 'NodeDataChanged', 'closed', 'uncaught one', 'uncaught one', 'uncaught two'];
  assert.deepEqual(said.sort(), [...kinds, 'version 1', 'version 2'].sort());
});

test('without a handler the process ends, with the stack of the exception', async (context) => {
  const port = await startServerWithShortTicks(context);
  const { said, errors, exitCode } = await run(
    port,
    `const zk = await connect(server);
    await zk.create('/b');
    await zk.get('/b', { watch: function mine() { throw new Error('told you') } });
    await zk.set('/b', 'x').then(() => new Promise((resolve) => setTimeout(resolve, 1000)));
    say('still here');`,
  );
  assert.deepEqual(said, ['']);
  assert.equal(exitCode, 1);
  assert.match(errors, /Error: told you\n\s+at mine/);
});

test('an exception of a session listener does not stop the other listeners, the callers or the client', async (context) => {
  const port = await startServerWithShortTicks(context);
  const { said, errors, exitCode } = await run(
    port,
    `${goOn}
    const zk = new ZooKeeper(server);
    zk.on('state', ({ event }) => { throw new Error('state ' + event) });
    zk.on('state', ({ event }) => say('second ' + event));
    zk.once('SyncConnected', () => { throw new Error('once') });
    zk.on('SyncConnected', () => say('by name'));
    await zk.connected();
    say(zk.state);
    say('listeners ' + zk.listenerCount('SyncConnected'));
    say((await zk.create('/c')).path);
    await zk.close();
    say(zk.state);`,
  );
  assert.deepEqual([errors, exitCode], ['', 0]);
  const thrown = ['uncaught state SyncConnected', 'uncaught once', 'uncaught state Closed'];
  const told = ['second SyncConnected', 'by name', 'CONNECTED', 'listeners 1', '/c', 'second Closed', 'CLOSED'];
  assert.deepEqual(said.sort(), [...thrown, ...told].sort());
});

test('an otherwise idle process ends when its client is closed, and not before', async (context) => {
  const port = await startServerWithShortTicks(context);
  const { said, errors, exitCode } = await run(
    port,
    `const zk = await connect(server, { sessionTimeoutMs: 300 });
    setTimeout(() => { say(zk.state); void zk.close().then(() => say('closed')) }, 700).unref();`,
  );
  assert.deepEqual([said, errors, exitCode], [['CONNECTED', 'closed'], '', 0]);
});

test('a rejected call that is not awaited is one unhandled rejection, and there is no other', async (context) => {
  const port = await startServerWithShortTicks(context);
  const { said, errors, exitCode } = await run(
    port,
    `process.on('unhandledRejection', (error) => say('unhandled ' + error.code));
    const zk = await connect(server);
    void zk.get('/none');
    const stream = zk.watch('/none', { once: 'data' });
    const { ready } = zk.watch('/none', { once: 'children' });
    await zk.sync();
    const late = new ZooKeeper('127.0.0.1:1');
    void late.connected({ timeoutMs: 1 }).catch(() => {});
    for (const each of [zk, late]) await each.close();
    say('closed');`,
  );
  assert.deepEqual([errors, exitCode], ['', 0]);
  assert.deepEqual(said, ['unhandled NONODE', 'closed']);
});

test('one signal for many requests, streams and waits causes no leak warning of Node.js', async (context) => {
  const port = await startServerWithShortTicks(context);
  const { said, errors, exitCode } = await run(
    port,
    `const zk = new ZooKeeper(server);
    const controller = new AbortController();
    const { signal } = controller;
    const thirty = (make) => Array.from({ length: 30 }, make);
    await Promise.all(thirty(() => zk.connected({ signal })));
    await Promise.all(thirty(() => zk.exists('/a', { signal })));
    const streams = thirty(() => zk.watch('/a', { signal }));
    await Promise.all(streams.map(({ ready }) => ready));
    const ends = streams.map((stream) => stream.next().catch(({ code }) => code));
    controller.abort();
    say(new Set(await Promise.all(ends)).size + ' ' + (await ends[0]));
    await zk.sync();
    say(zk.stats().watches.persistent);
    await zk.close();`,
  );
  assert.deepEqual([said, errors, exitCode], [['1 ABORTED', '0'], '', 0]);
});
