import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, Xid } from '@nodekeeper/protocol';
import { reply, stat, TestRequest, TestSession } from '../support/test-session.js';

interface End {
  readonly event: string;
  readonly state: string;
  readonly code: string;
  readonly bring: (test: TestSession) => void;
}

/** The three ways in which a connected session can end. */
const ends: End[] = [
  {
    event: 'Closed',
    state: 'CLOSED',
    code: 'CLOSED',
    bring: (test) => {
      test.session.close(() => {});
      test.link.close();
    },
  },
  {
    event: 'AuthFailed',
    state: 'AUTH_FAILED',
    code: 'AUTHFAILED',
    bring: (test) => {
      test.session.addAuth({ scheme: 'digest', auth: Buffer.from('u:p'), done: undefined });
      test.link.receive(reply(Xid.auth, 0, ErrorCode.AUTHFAILED));
    },
  },
  {
    event: 'Expired',
    state: 'CLOSED',
    code: 'SESSIONEXPIRED',
    bring: (test) => {
      test.reconnect({ timeOut: 0, sessionId: 0n });
    },
  },
];

for (const { event, state, code, bring } of ends) {
  test(`after ${event} the session is over: it sends nothing, dials no server and emits no event`, () => {
    const test = new TestSession().connected();
    test.answer(test.get('/a', 'w'), 1, { data: null, stat });
    bring(test);
    const told = [...test.told];
    assert.equal(told.at(-1), event);
    assert.equal(test.session.state, state);
    assert.equal(test.link.isDestroyed, true);
    assert.deepEqual(Object.values(test.session.watches.counts()), [0, 0, 0, 0, 0]);
    const dialled = test.ports.links.length;
    assert.equal(test.get('/a').end, `${code}, not-sent`);
    let authFailure: unknown;
    test.session.addAuth({
      scheme: 'x',
      auth: Buffer.alloc(0),
      done: (failure) => {
        authFailure = failure?.code;
      },
    });
    assert.equal(authFailure, code);
    let closed = 0;
    test.session.close(() => closed++);
    assert.equal(closed, 1, 'a second close ends at once');
    test.ports.scheduler.advance(120_000);
    assert.equal(test.ports.scheduler.timerCount, 0);
    assert.equal(test.ports.links.length, dialled);
    assert.deepEqual(test.told, told);
  });

  test(`${event} finishes waiting requests and requests without a reply, each once`, () => {
    const test = new TestSession().connected();
    const sent = test.get('/sent');
    bring(test);
    assert.equal(sent.ends, 1);
    assert.match(sent.end, /unknown$/);
  });
}

test('a request that waits for a connection fails as not-sent when the session expires', () => {
  const test = new TestSession().connected();
  test.link.close();
  const waiting = test.get('/a');
  test.waitForDial();
  test.accept({ timeOut: 0, sessionId: 0n });
  assert.equal(waiting.end, 'SESSIONEXPIRED, not-sent');
  assert.match(waiting.failure!.detail!, /session 0x77 expired: the server no longer knows/);
});

test('close sends closeSession, waits for earlier requests, and refuses later ones', () => {
  const test = new TestSession().connected();
  const before = test.get('/a');
  let closed = 0;
  test.session.close(() => closed++);
  test.ports.scheduler.runTurns();
  const after = test.get('/b');
  assert.equal(after.end, 'CLOSED, not-sent');
  const [, farewell, ...more] = test.sent();
  assert.deepEqual([farewell?.op, more.length], ['closeSession', 0]);
  test.answer(before, 4, { data: null, stat });
  assert.deepEqual([before.end, closed], ['ok', 0]);
  test.link.receive(reply(farewell!.xid, 5, 0));
  assert.deepEqual([closed, test.told], [1, ['SyncConnected', 'Closed']]);
});

test('two calls of close send one closeSession, and both callbacks are called', () => {
  const test = new TestSession().connected();
  const told: string[] = [];
  test.session.close(() => told.push('first'));
  test.session.close(() => told.push('second'));
  test.ports.scheduler.runTurns();
  const farewells = test.sent();
  assert.equal(farewells.length, 1);
  test.link.receive(reply(farewells[0]!.xid, 5, 0));
  assert.deepEqual(told, ['first', 'second']);
});

test('close without a connection ends at once, and waiting requests are not-sent', () => {
  const test = new TestSession();
  const waiting = test.get('/a');
  test.session.start();
  let closed = 0;
  test.session.close(() => closed++);
  assert.deepEqual([closed, waiting.end, test.told], [1, 'CLOSED, not-sent', ['Closed']]);
  assert.equal(test.link.isDestroyed, true);
});

test('close ends even if the server sends nothing or the connection breaks', () => {
  for (const end of [
    (test: TestSession) => test.ports.scheduler.advance(2100),
    (test: TestSession) => test.link.close(),
    (test: TestSession) => test.link.receive(Buffer.from([0xff, 0, 0, 0])),
  ]) {
    const test = new TestSession().connected();
    let closed = 0;
    test.session.close(() => closed++);
    test.ports.scheduler.runTurns();
    end(test);
    assert.deepEqual([closed, test.told], [1, ['SyncConnected', 'Closed']]);
  }
});

test('a change of the list of servers does not interrupt close', () => {
  const test = new TestSession().connected();
  let closed = 0;
  test.session.close(() => closed++);
  test.ports.scheduler.runTurns();
  const [farewell] = test.sent();
  test.session.updateServers([{ host: 'z', port: 1 }]);
  assert.equal(closed, 0, 'the server would keep the session and its ephemeral nodes');
  test.link.receive(reply(farewell!.xid, 5, 0));
  assert.equal(closed, 1);
});

test('a session that is closed in the callback of a lost request does not emit Disconnected after Closed', () => {
  const test = new TestSession().connected();
  const request = new TestRequest('getData', { path: '/a', watch: false }, undefined, () =>
    test.session.close(() => {}),
  );
  test.session.submit(request);
  test.link.close();
  assert.deepEqual(test.told, ['SyncConnected', 'Closed']);
  assert.equal(test.session.state, 'CLOSED');
});

test('the callback of an identity is called when the session ends before the answer', () => {
  const test = new TestSession().connected();
  const told: unknown[] = [];
  test.session.addAuth({ scheme: 'digest', auth: Buffer.from('u:p'), done: (failure) => told.push(failure?.code) });
  test.session.close(() => {});
  test.link.close();
  assert.deepEqual(told, ['CLOSED']);
});

test('states and events alternate: connected, disconnected, connected', () => {
  const test = new TestSession().connected();
  test.reconnect();
  test.link.close();
  test.waitForDial();
  test.link.close('refused');
  test.waitForDial();
  test.accept();
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected', 'SyncConnected', 'Disconnected', 'SyncConnected']);
});

test('a listener of an event sees the new state, and may make requests', () => {
  const test = new TestSession();
  const seen: string[] = [];
  let asked: TestRequest | undefined;
  test.onEvent = (event) => {
    seen.push(`${event} ${test.session.state}`);
    if (event === 'Disconnected') asked = test.get('/from-within');
  };
  test.connected();
  test.link.close();
  assert.deepEqual(seen, ['SyncConnected CONNECTED', 'Disconnected CONNECTING']);
  assert.equal(asked!.end, 'waits');
});

test('traffic is counted over all connections', () => {
  const test = new TestSession().connected();
  test.answer(test.get('/a'), 1, {}, ErrorCode.NONODE);
  test.reconnect();
  test.answer(test.get('/a'), 1, {}, ErrorCode.NONODE);
  const { connects, disconnects, requestsSent, repliesReceived, framesSent, framesReceived } = test.session.counters;
  assert.deepEqual(
    { connects, disconnects, requestsSent, repliesReceived, framesSent, framesReceived },
    { connects: 2, disconnects: 1, requestsSent: 2, repliesReceived: 2, framesSent: 4, framesReceived: 4 },
  );
});
