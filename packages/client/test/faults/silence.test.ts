import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ZooKeeper } from '../../src/index.js';
import { failsWith, faultBench, sessionEvents, until } from '../support/fault-bench.js';
import type { FaultProxy } from '../support/fault-proxy.js';

const sessionTimeoutMs = 2400;
/** The delay that a busy machine may add, in milliseconds. */
const slackMs = 600;

function disconnected(client: ZooKeeper): Promise<{ reason: string; afterMs: number }> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    client.once('Disconnected', ({ reason }) => resolve({ reason, afterMs: performance.now() - startMs }));
  });
}

const silences: Record<string, (proxy: FaultProxy) => void> = {
  'a half-open link': (proxy) => proxy.halfOpen(),
  'a link that is stalled towards the client': (proxy) => proxy.stall('toClient'),
  'a link that is stalled towards the server': (proxy) => proxy.stall('toServer'),
};
suite('a connection that is silent', { concurrency: true }, () => {
  for (const [what, silence] of Object.entries(silences)) {
    test(`the client closes ${what} within two thirds of the timeout, and continues its session on another`, async (context) => {
      const { proxy, witness, connect } = await faultBench(context);
      const client = await connect({ sessionTimeoutMs });
      await client.create('/mine', '', { mode: 'EPHEMERAL' });
      const { id } = client.session;
      const events = sessionEvents(client);
      const loss = disconnected(client);
      silence(proxy);
      const pending = client.set('/mine', 'x');
      await failsWith(pending, 'CONNECTIONLOSS', 'unknown', /the server sent nothing for \d+ ms/);
      const { afterMs, reason } = await loss;
      proxy.resume();
      assert.ok(afterMs <= (sessionTimeoutMs * 2) / 3 + slackMs, `${afterMs} ms`);
      assert.ok(afterMs >= sessionTimeoutMs / 3 - 50, `${afterMs} ms`);
      assert.match(reason, /the server sent nothing for \d+ ms/);
      await client.connected();
      assert.equal((await witness.exists('/mine'))?.ephemeralOwner, id);
      assert.equal(client.session.id, id);
      assert.deepEqual(events, ['Disconnected', 'SyncConnected']);
    });
  }

  test('an idle client detects a dead link by its unanswered pings', async (context) => {
    const { proxy, connect } = await faultBench(context);
    const client = await connect({ sessionTimeoutMs });
    await until('the client has pinged', () => client.stats().pings >= 2);
    const loss = disconnected(client);
    proxy.halfOpen();
    const { afterMs } = await loss;
    assert.ok(afterMs <= (sessionTimeoutMs * 2) / 3 + slackMs, `${afterMs} ms`);
    await client.connected();
  });

  test('a shorter pause loses nothing, and causes no event', async (context) => {
    const { proxy, connect } = await faultBench(context);
    const client = await connect({ sessionTimeoutMs: 3000 });
    const events = sessionEvents(client);
    proxy.stall();
    const paths = Array.from({ length: 20 }, (_, index) => `/n${index}`);
    const created = Promise.all(paths.map((path) => client.create(path)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(client.stats().pending, 20);
    proxy.resume();
    assert.deepEqual(
      (await created).map(({ path }) => path),
      paths,
    );
    assert.deepEqual(events, []);
  });

  test('a request without a reply in time is REQUESTTIMEOUT, and its late reply is ignored', async (context) => {
    const { proxy, connect } = await faultBench(context);
    const client = await connect({ requestTimeoutMs: 40 });
    await client.create('/a', 'x', { timeoutMs: 5000 });
    const events = sessionEvents(client);
    proxy.stall('toClient');
    await failsWith(client.set('/a', 'y'), 'REQUESTTIMEOUT', 'unknown', /no reply in 40 ms/);
    const patient = client.get('/a', { timeoutMs: 5000 });
    const controller = new AbortController();
    const aborted = client.delete('/a', { signal: controller.signal, version: 7, timeoutMs: 0 });
    setImmediate(() => controller.abort());
    await failsWith(aborted, 'ABORTED', 'unknown');
    proxy.resume();
    assert.equal((await patient).data?.toString(), 'y');
    assert.deepEqual(events, []);
  });

  test('close waits for a dead link no longer than the read timeout', async (context) => {
    const { proxy, connect } = await faultBench(context);
    const client = await connect({ sessionTimeoutMs });
    const events = sessionEvents(client);
    proxy.stall();
    const startMs = performance.now();
    const pending = failsWith(client.exists('/'), 'CLOSED', 'unknown');
    await client.close();
    await pending;
    assert.ok(performance.now() - startMs <= (sessionTimeoutMs * 2) / 3 + slackMs);
    assert.deepEqual(events, ['Closed']);
  });

  test('close ends at once without a connection', async (context) => {
    const { proxy, connect } = await faultBench(context);
    const client = await connect();
    await proxy.refuse();
    proxy.cut();
    await until('the client is disconnected', () => client.state === 'CONNECTING');
    const queued = failsWith(client.create('/a'), 'CLOSED', 'not-sent');
    const events = sessionEvents(client);
    await client.close();
    await queued;
    assert.deepEqual(events, ['Closed']);
  });
});
