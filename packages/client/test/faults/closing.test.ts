import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../src/index.js';
import { fakeServer, greeting, reply } from '../support/fake-server.js';
import { faultBench } from '../support/fault-bench.js';

test('a kept session continues in another client, after all requests of the first client', async (context) => {
  const { serverPort, witness } = await faultBench(context);
  const first = await connect(`127.0.0.1:${serverPort}`, { sessionTimeoutMs: 4000 });
  const created = first.create('/mine', '', { mode: 'EPHEMERAL' });
  const { id, password } = first.session;
  await first.close({ keepSession: true });
  assert.equal((await created).path, '/mine');
  assert.equal(first.state, 'CLOSED');
  const second = await connect(`127.0.0.1:${serverPort}`, { session: { id, password }, sessionTimeoutMs: 4000 });
  assert.equal(second.session.id, id);
  assert.equal((await witness.exists('/mine'))?.ephemeralOwner, id);
  await second.close();
  assert.equal(await witness.exists('/mine'), null);
});

test('a client that takes a session over uses other xids than the previous client', async (context) => {
  const xids: number[] = [];
  const port = await fakeServer(context, (socket, chunk, nth) => {
    if (nth === 0) {
      socket.write(greeting);
      return;
    }
    const xid = chunk.readInt32BE(4);
    if (nth === 1) xids.push(xid);
    socket.write(reply(xid));
  });
  const server = `127.0.0.1:${port}`;
  const first = await connect(server);
  const { session } = first;
  await first.close({ keepSession: true });
  for (let count = 0; count < 2; count++) {
    const heir = await connect(server, { session });
    await heir.close({ keepSession: true });
  }
  assert.equal(xids[0], 1);
  assert.equal(new Set(xids).size, 3, String(xids));
  assert.ok(xids.every((xid) => xid > 0));
});

test('close waits for a silent server no longer than its timeoutMs', async (context) => {
  const { proxy, connect: connectByProxy } = await faultBench(context);
  const client = await connectByProxy({ sessionTimeoutMs: 60_000 });
  proxy.halfOpen();
  const pending = client.set('/nowhere', 'x');
  pending.catch(() => {});
  const startMs = performance.now();
  await client.close({ timeoutMs: 50 });
  assert(performance.now() - startMs < 5000);
  await assert.rejects(pending, { code: 'CLOSED', outcome: 'unknown' });
});
