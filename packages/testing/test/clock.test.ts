import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { startEnsemble, startServer } from '../src/index.js';

test('a session expires exactly when the test has moved the clock past its timeout', async () => {
  await using server = await startServer({ transport: 'memory' });
  const [zk, witness] = [await server.connect({ sessionTimeoutMs: 10_000 }), await server.connect()];
  await zk.create('/a', '', { mode: 'EPHEMERAL' });
  server.partition(zk, 1);
  await server.clock.advance(9_000);
  assert.notEqual(await witness.exists('/a'), null);
  await server.clock.advance(2_000);
  assert.equal(await witness.exists('/a'), null);
});

test('a client stays connected however far the clock moves', async () => {
  await using ensemble = await startEnsemble(3, { transport: 'memory' });
  const zk = await ensemble.connect({ sessionTimeoutMs: 4000 });
  const events: string[] = [];
  zk.on('state', ({ event }) => events.push(event));
  await ensemble.clock.advance(60_000);
  assert.deepEqual(events, []);
  assert.equal((await zk.exists('/')) === null, false);
});

test('callbacks that a moved clock causes run before advance resolves', async () => {
  await using server = await startServer({ transport: 'memory' });
  const [zk, other] = [await server.connect(), await server.connect()];
  await zk.create('/a');
  const seen: string[] = [];
  await zk.exists('/a', { watch: async () => void seen.push(String(await zk.exists('/a'))) });
  const { scheduler } = other.ports;
  scheduler.after(5000, () => void other.delete('/a').then(() => seen.push('deleted')));
  await server.clock.advance(4999);
  assert.deepEqual(seen, []);
  await server.clock.advance(1);
  assert.deepEqual(seen.sort(), ['deleted', 'null']);
});

test('the same seed gives the same run', async () => {
  const run = async (seed: number) => {
    const lines: string[] = [];
    const log = (text: string) => void lines.push(text);
    const logger = { debug: log, info: log, warn: log, error: log };
    await using ensemble = await startEnsemble(3, { transport: 'memory', seed, logger });
    const clients = await Promise.all(Array.from({ length: 4 }, () => ensemble.connect()));
    ensemble.crash(ensemble.leader);
    await ensemble.clock.advance(5000);
    lines.push(...clients.map((zk) => `${zk.session.id} ${zk.server} ${ensemble.clock.nowMs}`));
    return lines;
  };
  assert.deepEqual(await run(7), await run(7));
  assert.notDeepEqual(await run(7), await run(8));
});

test('a program under test can make its own clients in memory', async () => {
  await using server = await startServer({ transport: 'memory' });
  await using zk = new ZooKeeper(server.connectString, { ports: server.ports() });
  await zk.create('/a', 'data');
  assert.equal(String((await zk.get('/a')).data), 'data');
});

test('a promise that is never settled is reported with its limit', async () => {
  await using server = await startServer({ transport: 'memory' });
  const never = new Promise(() => {});
  await assert.rejects(server.clock.until(never, 1000), { message: /not settled: not within 1000 ms/ });
  assert.ok(server.clock.nowMs >= 1000);
});

test('connect rejects in simulated time if no server answers', async () => {
  await using server = await startServer({ transport: 'memory' });
  server.crash();
  const connecting = server.connect({ connectTimeoutMs: 20_000 });
  await assert.rejects(connecting, (error) => ZooKeeperError.is(error, 'OPERATIONTIMEOUT'));
});
