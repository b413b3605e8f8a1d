import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { connect, ZooKeeper } from '../../src/index.js';
import { failsWith, faultBench, startServerWithShortTicks } from '../support/fault-bench.js';
import { FaultProxy } from '../support/fault-proxy.js';

const limits = { connectTimeoutMs: 1200, reconnectDelayMs: { base: 5, max: 20 } };

suite('a server that cannot be reached', { concurrency: true }, () => {
  test('connect fails in time if the port refuses, and names it', async () => {
    const startMs = performance.now();
    const message = /no session within 1200 ms; the last attempt: 127\.0\.0\.1:1: .*ECONNREFUSED/;
    await failsWith(connect('127.0.0.1:1', limits), 'OPERATIONTIMEOUT', 'not-sent', message);
    assert.ok(performance.now() - startMs < 4000);
  });

  test('connect fails in time if the name does not resolve, and names it', async () => {
    const startMs = performance.now();
    const message = /the last attempt: no-such-host\.invalid:2181: .*(ENOTFOUND|EAI_AGAIN|no answer)/;
    await failsWith(connect('no-such-host.invalid', limits), 'OPERATIONTIMEOUT', 'not-sent', message);
    assert.ok(performance.now() - startMs < 4000);
  });

  test('connect fails in time if the server never answers, and names it', async (context) => {
    const proxy = await FaultProxy.start(await startServerWithShortTicks(context));
    context.after(() => proxy.stop());
    proxy.stall();
    const startMs = performance.now();
    const message = new RegExp(`the last attempt: 127\\.0\\.0\\.1:${proxy.port}: no answer yet`);
    await failsWith(connect(`127.0.0.1:${proxy.port}`, limits), 'OPERATIONTIMEOUT', 'not-sent', message);
    assert.ok(performance.now() - startMs < 4000);
  });

  test('the client skips all these servers and connects to the working one', async (context) => {
    const { serverPort, proxy } = await faultBench(context);
    proxy.stall();
    const list = `127.0.0.1:1,no-such-host.invalid:2181,127.0.0.1:${proxy.port},127.0.0.1:${serverPort}`;
    await using client = await connect(list, { sessionTimeoutMs: 1000, connectTimeoutMs: 9000, shuffle: false });
    assert.equal(client.server, `127.0.0.1:${serverPort}`);
    await client.sync();
  });

  test('connected, requests and close end in time if no server ever answers', async () => {
    const client = new ZooKeeper('127.0.0.1:1', { reconnectDelayMs: { base: 1, max: 2 } });
    const controller = new AbortController();
    const waiting = client.connected({ signal: controller.signal });
    const queued = client.get('/a');
    setImmediate(() => controller.abort(new Error('enough')));
    const error = await failsWith(waiting, 'ABORTED', 'not-sent');
    assert.equal((error.cause as Error).message, 'enough');
    const failed = failsWith(queued, 'CLOSED', 'not-sent');
    await client.close();
    await failed;
    assert.equal(client.state, 'CLOSED');
  });
});
