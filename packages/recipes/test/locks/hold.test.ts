import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { runCall } from '../../src/foundation/call.js';
import { callerOf } from '../../src/foundation/recipe-options.js';
import { Lock } from '../../src/index.js';
import { firstOnly, WaitingLine } from '../../src/line/waiting-line.js';
import { LineHold } from '../../src/locks/hold.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

test('with the policy suspend, a hold is in doubt as soon as the connection is lost', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench);
  const held = await new Lock(zk, '/a').acquire();
  const doubted = once(held.signal, 'abort');
  network.cut();
  await doubted;
  assert.equal(held.signal.reason.code, 'IN_DOUBT');
  await held.release();
  assert.deepEqual(await namesIn(zk, '/a'), []);
});

test('with the policy session, a hold survives a short disconnection', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 20_000 });
  const held = await new Lock(zk, '/a', { policy: 'session' }).acquire();
  network.cut();
  await once(zk, 'SyncConnected');
  await zk.sync('/');
  assert.equal(held.signal.aborted, false);
  // the watch of the own node has survived too
  const lost = once(held.signal, 'abort');
  await zk.delete(held.path);
  await lost;
  assert.equal(held.signal.reason.code, 'LOST');
});

test('with the policy session, a hold is in doubt before the servers can expire the session', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 400 });
  const held = await new Lock(zk, '/a', { policy: 'session' }).acquire();
  const doubted = once(held.signal, 'abort');
  network.refuse();
  network.cut();
  await doubted;
  assert.notEqual(await operator.exists(held.path), null);
});

test('a release while there is no connection is carried out after the reconnection', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  const held = await new Lock(zk, '/a').acquire();
  const next = new Lock(operator, '/a').acquire();
  network.refuse();
  network.cut();
  const released = held.release();
  await refused(held.release(), 'NOT_HELD');
  network.accept();
  await released;
  await (await next).release();
});

test('a release whose reply is lost is repeated', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  const held = await new Lock(zk, '/a').acquire();
  network.loseReplies();
  const released = held.release();
  await untilCount(operator, '/a', 0);
  network.cut();
  await released;
});

test('CURATOR-696: a hold of an expired session stays lost, and its node does not block the new session', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { renewSession: true });
  const lock = new Lock(zk, '/a', { policy: 'session' });
  const held = await lock.acquire();
  const doubted = once(held.signal, 'abort');
  // the server keeps the session and its node
  await network.giveSessionUp(zk);
  await doubted;
  await held.release();
  assert.deepEqual(await namesIn(zk, '/a'), []);
  const second = await lock.acquire();
  assert.ok(second.token > held.token);
});

test('a release that fails with its session is repeated with the new session', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  const { zk, network } = await disturbed(bench, { renewSession: true, sessionTimeoutMs: 20_000 });
  const held = await new Lock(zk, '/a').acquire();
  network.refuse();
  network.cut();
  const released = held.release();
  // the server keeps the session and its node
  await network.giveSessionUp(zk);
  await released;
  assert.deepEqual(await namesIn(operator, '/a'), []);
});

test('a hold on a node of another session than the current one is in doubt from the start', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const caller = callerOf(zk, 'Lock', '/a', {});
  const line = new WaitingLine(caller, { naming: 'curator', marker: '-lock-', markers: ['-lock-'] });
  const ticket = await runCall(caller, {}, (call) => line.waitForTurn(call, '', firstOnly));
  const held = new LineHold(line, { ...ticket, sessionId: ticket.sessionId - 1n }, 'session');
  assert.equal(held.signal.reason.code, 'IN_DOUBT');
  await held.release();
});

test('a release that the ACL forbids rejects with the name of the recipe', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  await operator.create('/a');
  const held = await new Lock(zk, '/a').acquire();
  const permsWithoutDelete = 1 | 2 | 4;
  await operator.setAcl('/a', [{ scheme: 'world', id: 'anyone', perms: permsWithoutDelete }]);
  const error = await refused(held.release(), 'NOAUTH');
  assert.match(error.message, /^Lock \/a: delete \/a\/_c_/);
});

test('a hold whose node its program must not read is in doubt', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const permsWithoutRead = 2 | 4 | 8;
  const acl = [{ scheme: 'world', id: 'anyone', perms: permsWithoutRead }];
  await zk.create('/a');
  const held = await new Lock(zk, '/a', { acl }).acquire();
  if (!held.signal.aborted) await once(held.signal, 'abort');
  assert.equal(held.signal.reason.code, 'IN_DOUBT');
  assert.match(held.signal.reason.message, /NOAUTH/);
});
