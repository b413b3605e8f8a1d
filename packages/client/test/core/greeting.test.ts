import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, Xid } from '@nodekeeper/protocol';
import type { AuthEntry } from '../../src/core/credentials.js';
import { failureText, password, reply, stat, TestSession, welcome } from '../support/test-session.js';

function auth(scheme: string, done?: AuthEntry['done']): AuthEntry {
  return { scheme, auth: Buffer.from(`${scheme}:secret`), done };
}

const schemesOf = (sent: { body: unknown }[]) => sent.map(({ body }) => (body as { scheme?: string }).scheme);

test('a new client requests a new session: zxid 0, and a password of 16 zero bytes', () => {
  const test = new TestSession({ sessionTimeoutMs: 12_345 });
  test.session.start();
  const { greeting, behind } = test.accept();
  assert.deepEqual(greeting, {
    protocolVersion: 0,
    lastZxidSeen: 0,
    timeOut: 12_345,
    sessionId: 0n,
    passwd: Buffer.alloc(16),
    readOnly: false,
  });
  assert.deepEqual(behind, []);
});

test('a client that reconnects sends its session id, its password and the highest zxid it has seen', () => {
  const test = new TestSession().connected({ sessionId: 0x77n, timeOut: 2500 });
  test.answer(test.get('/a'), 40, { data: null, stat });
  const { greeting } = test.reconnect();
  assert.equal(greeting.sessionId, 0x77n);
  assert.deepEqual(greeting.passwd, password);
  assert.equal(greeting.lastZxidSeen, 40);
  assert.equal(greeting.timeOut, 3000, 'the requested timeout, not the granted one');
});

test('the highest zxid seen never decreases, and messages without a zxid do not change it', () => {
  const test = new TestSession().connected();
  test.answer(test.get('/a'), 40, { data: null, stat });
  test.answer(test.get('/a'), 30, { data: null, stat });
  test.event(3, '/x', -1);
  test.link.receive(reply(Xid.auth, 0, 0).subarray(0, 0));
  assert.equal(test.session.lastZxid, 40);
  test.event(3, '/x', 41);
  assert.equal(test.session.lastZxid, 41);
  test.answer(test.get('/a'), 42, {}, ErrorCode.NONODE);
  assert.equal(test.session.lastZxid, 42, 'an error reply counts too');
});

test('a client sends greeting, identities and watches, and requests only after the server has greeted', () => {
  const test = new TestSession();
  test.session.addAuth(auth('one'));
  test.session.addAuth(auth('two'));
  test.connected();
  test.answer(test.get('/a', 'w'), 5, { data: null, stat });
  test.link.close();
  test.get('/late');
  test.waitForDial();
  test.link.connect();
  const { behind } = test.hello();
  assert.deepEqual(
    behind.map(({ op, xid }) => `${op} ${xid}`),
    ['auth -4', 'auth -4', 'setWatches -8'],
  );
  assert.deepEqual(schemesOf(behind).slice(0, 2), ['one', 'two']);
  test.ports.scheduler.advance(100);
  assert.deepEqual(test.sentOps(), [], 'no request before the greeting');
  test.link.receive(welcome());
  assert.deepEqual(test.sentOps(), ['getData']);
});

test('identities precede the requests that waited for the first connection', () => {
  const test = new TestSession();
  const request = test.get('/a');
  test.session.addAuth(auth('one'));
  test.session.start();
  assert.deepEqual(
    test.accept().behind.map(({ op }) => op),
    ['auth'],
  );
  assert.deepEqual(test.sentOps(), ['getData']);
  assert.equal(request.end, 'waits');
});

test('an identity is sent at once, and again on each later connection', () => {
  const test = new TestSession().connected();
  test.session.addAuth(auth('one'));
  test.ports.scheduler.runTurns();
  assert.deepEqual(schemesOf(test.sent()), ['one']);
  for (let count = 0; count < 3; count++) assert.deepEqual(schemesOf(test.reconnect().behind), ['one']);
});

test('an identity that is added before the server greets is sent after the greeting', () => {
  const test = new TestSession();
  test.session.start();
  test.link.connect();
  test.link.take();
  test.session.addAuth(auth('one'));
  test.ports.scheduler.runTurns();
  assert.deepEqual(schemesOf(test.sent()), ['one']);
});

test('the callback of an identity is called once, on the first connection that answers', () => {
  const test = new TestSession().connected();
  const answers: unknown[] = [];
  test.session.addAuth(auth('one', (failure) => answers.push(failure)));
  test.reconnect();
  test.link.receive(reply(Xid.auth, 0, 0));
  test.reconnect();
  test.link.receive(reply(Xid.auth, 0, 0));
  assert.deepEqual(answers, [undefined]);
});

test('auth answers belong to identities in order', () => {
  const test = new TestSession().connected();
  const answers: string[] = [];
  for (const scheme of ['one', 'two']) {
    test.session.addAuth(auth(scheme, (failure) => answers.push(`${scheme}: ${failure && failureText(failure)}`)));
  }
  test.link.receive(reply(Xid.auth, 0, 0));
  test.link.receive(reply(Xid.auth, 0, ErrorCode.AUTHFAILED));
  assert.deepEqual(answers, ['one: undefined', 'two: AUTHFAILED, rejected']);
});

test('a server that greets without the read-only byte (before 3.4) accepts writes', () => {
  const test = new TestSession();
  test.session.start();
  test.link.connect();
  const bytes = welcome().subarray(0, -1);
  bytes.writeInt32BE(bytes.length - 4, 0);
  test.link.receive(bytes);
  assert.equal(test.session.state, 'CONNECTED');
  assert.deepEqual(test.session.identity.password, password);
});

test('a greeting in single bytes, followed by a reply in the same chunk, is read', () => {
  const test = new TestSession();
  const request = test.get('/a');
  test.session.start();
  test.link.connect();
  for (const byte of welcome()) test.link.receive(Buffer.of(byte));
  assert.deepEqual(test.told, ['SyncConnected']);
  for (const byte of reply(request.xid, 3, ErrorCode.NONODE)) test.link.receive(Buffer.of(byte));
  assert.equal(request.end, 'NONODE, rejected');
});

test('a server that closes the connection without an answer costs an attempt, not the session', () => {
  const test = new TestSession().connected();
  test.answer(test.get('/a'), 9, { data: null, stat });
  test.link.close();
  for (const address of ['b:2181', 'c:2181', 'a:2181']) {
    test.waitForDial();
    assert.equal(test.link.address, address);
    test.link.connect();
    assert.equal(test.hello().greeting.lastZxidSeen, 9);
    test.link.close();
  }
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected'], 'a failed attempt is no event');
});

test('a server that accepts a connection and sends nothing costs only its share of the session timeout', () => {
  const test = new TestSession().connected();
  test.link.close();
  test.waitForDial();
  const silent = test.link;
  silent.connect();
  test.ports.scheduler.advance(1010);
  assert.equal(silent.isDestroyed, true);
  assert.match(test.session.lastProblem, /b:2181: no answer within 1000 ms/);
});

test('a client that takes a session over greets with its id and password', () => {
  const test = new TestSession({ sessionId: 0x123456789abcdefn, password: Buffer.alloc(16, 9) });
  test.session.start();
  const { greeting } = test.accept({ sessionId: 0x123456789abcdefn });
  assert.equal(greeting.sessionId, 0x123456789abcdefn);
  assert.deepEqual(greeting.passwd, Buffer.alloc(16, 9));
});

test('a session to take over that no server knows expires at once', () => {
  const test = new TestSession({ sessionId: 5n, password: Buffer.alloc(16, 9) });
  const request = test.get('/a');
  test.session.start();
  test.accept({ timeOut: 0, sessionId: 0n, passwd: Buffer.alloc(16) });
  assert.deepEqual(test.told, ['Expired']);
  assert.equal(request.end, 'SESSIONEXPIRED, not-sent');
  test.ports.scheduler.advance(60_000);
  assert.equal(test.ports.links.length, 1);
});

test('a session to take over does not expire while no server answers', () => {
  const test = new TestSession({ sessionId: 5n, password: Buffer.alloc(16, 9) });
  test.session.start();
  test.ports.scheduler.advance(60_000);
  assert.equal(test.session.state, 'CONNECTING');
});
