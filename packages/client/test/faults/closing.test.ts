import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../src/index.js';
import { faultBench } from '../support/fault-bench.js';

test('a session that is kept goes on with another client, behind all that the first one had asked for', async (context) => {
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

test('a close waits for a server that is silent no longer than it is told to', async (context) => {
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
