import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SetWatches2 } from '@nodekeeper/protocol';
import { reply, stat, TestSession } from '../support/test-session.js';

const expiredSession = { timeOut: 0, sessionId: 0n };

function renewing(): TestSession {
  return new TestSession({ renewSession: true });
}

test('after the expiry of its session, a renewing client requests a new session', () => {
  const test = renewing().connected();
  test.reconnect(expiredSession);
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected', 'Expired']);
  assert.equal(test.session.state, 'CONNECTING');
  assert.equal(test.session.counters.confirmedMs, undefined, 'no server has confirmed the new session');
  test.waitForDial();
  const { greeting } = test.accept({ sessionId: 0x88n });
  assert.equal(greeting.sessionId, 0n);
  assert.deepEqual(greeting.passwd, Buffer.alloc(16));
  assert.equal(test.session.identity.sessionId, 0x88n);
  assert.equal(test.told.at(-1), 'SyncConnected');
  const request = test.get('/a');
  test.answer(request, 9, { data: null, stat });
  assert.equal(request.end, 'ok');
});

test('a renewing client also notices by itself that its session has expired', () => {
  const test = renewing().connected();
  test.link.close('lost');
  test.ports.scheduler.advance(3000 * (4 / 3) + 10);
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected', 'Expired']);
  test.waitForDial();
  assert.equal(test.accept({ sessionId: 0x88n }).greeting.sessionId, 0n);
  // the silence of the old session must not end the new one
  test.ports.scheduler.advance(900);
  assert.equal(test.session.state, 'CONNECTED');
});

test('a renewing client keeps trying while no server answers, and reports one expiry', () => {
  const test = renewing().connected();
  test.link.close('lost');
  test.ports.scheduler.advance(60_000);
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected', 'Expired']);
  assert.equal(test.session.state, 'CONNECTING');
  test.waitForDial();
  test.accept({ sessionId: 0x88n });
  assert.equal(test.told.at(-1), 'SyncConnected');
});

test('the watches of an expired session move to the new session, and learn what they missed', () => {
  const test = renewing().connected();
  test.answer(test.get('/a', 'data watch'), 5, { data: null, stat });
  test.answer(test.addWatch('/b', 'tree watch'), 6);
  test.reconnect(expiredSession);
  test.waitForDial();
  const [registration] = test.accept({ sessionId: 0x88n }).behind;
  assert.equal(registration?.op, 'setWatches2');
  const body = registration!.body as SetWatches2;
  assert.deepEqual([body.dataWatches, body.persistentRecursiveWatches], [['/a'], ['/b']]);
  assert.equal(body.relativeZxid, 6);
  test.event(3, '/a', 8);
  assert.equal(test.told.at(-1), 'data watch: 3 /a 8');
});

test('requests made before the expiry fail, requests made after it are sent in the new session', () => {
  const test = renewing().connected();
  const sent = test.get('/sent');
  test.link.close('lost');
  const waiting = test.get('/waiting', 'w');
  let late: ReturnType<typeof test.get> | undefined;
  test.onEvent = (event) => {
    if (event === 'Expired') late = test.get('/late');
  };
  test.waitForDial();
  test.accept(expiredSession);
  assert.deepEqual(
    [sent.end, waiting.end, late?.end],
    ['CONNECTIONLOSS, unknown', 'SESSIONEXPIRED, not-sent', 'waits'],
  );
  assert.equal(test.session.watchRequests.isEmpty, true);
  test.waitForDial();
  test.accept({ sessionId: 0x88n });
  test.ports.scheduler.runTurns();
  assert.deepEqual(
    test.sent().map(({ body }) => (body as { path: string }).path),
    ['/late'],
  );
});

test('a client that is closed while its session expires stays closed', () => {
  const test = renewing().connected();
  test.onEvent = (event) => {
    if (event === 'Expired') test.session.close(() => {});
  };
  test.reconnect(expiredSession);
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected', 'Expired', 'Closed']);
  test.ports.scheduler.advance(60_000);
  assert.equal(test.ports.scheduler.timerCount, 0);
});

test('a renewing client sends its credentials in the new session, and a rejection still ends it', () => {
  const test = renewing();
  test.session.addAuth({ scheme: 'digest', auth: Buffer.from('u:p'), done: undefined });
  test.connected();
  test.reconnect(expiredSession);
  test.waitForDial();
  const { behind } = test.accept({ sessionId: 0x88n });
  assert.deepEqual(
    behind.map(({ op }) => op),
    ['auth'],
  );
  test.link.receive(reply(-4, 0, -115));
  assert.equal(test.session.state, 'AUTH_FAILED');
});
