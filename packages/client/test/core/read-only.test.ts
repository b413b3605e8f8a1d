import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '@nodekeeper/server/testing';
import { TestSession } from '../support/test-session.js';

/** Returns a session that is connected to the read-only server a. */
function onReadOnly(random?: () => number): TestSession {
  const test = new TestSession({ readOnly: true, sessionTimeoutMs: 300_000 }, random);
  test.session.start();
  assert.equal(test.link.address, 'a:2181');
  test.accept({ readOnly: true, sessionId: 0x5n, timeOut: 300_000 });
  return test;
}

/**
 * Waits until the client asks another server whether it accepts writes. Returns the delay in milliseconds, and the
 * address of that server.
 */
function nextProbe(test: TestSession): { afterMs: number; address: string } {
  const startMs = test.ports.scheduler.nowMs;
  const count = test.ports.links.length;
  while (test.ports.links.length === count) test.ports.scheduler.advance(1);
  test.link.connect();
  assert.equal(String(test.link.take()), 'isro');
  return { afterMs: test.ports.scheduler.nowMs - startMs, address: test.link.address };
}

test('a client that accepts read-only servers sends that, and learns if its server is read-only', () => {
  const test = new TestSession({ readOnly: true });
  test.session.start();
  const { greeting } = test.accept({ readOnly: true });
  assert.equal(greeting.readOnly, true);
  assert.deepEqual([test.told, test.session.state], [['ConnectedReadOnly'], 'CONNECTEDREADONLY']);
});

test('a client probes the other servers one at a time, after 100 ms, doubled each time, up to a minute', () => {
  const test = onReadOnly();
  const probes = [];
  for (let count = 0; count < 11; count++) {
    probes.push(nextProbe(test));
    test.link.receive(Buffer.from('ro'));
  }
  assert.deepEqual(
    probes.map(({ afterMs }) => afterMs),
    [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000],
  );
  assert.equal(
    probes
      .slice(0, 6)
      .map(({ address }) => address[0])
      .join(''),
    'bcabca',
  );
  assert.equal(
    test.ports.links.filter(({ isDestroyed }) => !isDestroyed).length,
    1,
    'only the connection of the session is left',
  );
});

test('a client moves at once to a server that accepts writes, with a new session', () => {
  const test = onReadOnly(() => 0.999);
  const home = test.link;
  nextProbe(test);
  const probe = test.link;
  probe.receive(Buffer.from('r'));
  assert.equal(home.isDestroyed, false, 'a part of an answer does not count');
  probe.receive(Buffer.from('w'));
  assert.equal(home.isDestroyed, true);
  assert.equal(probe.isDestroyed, true);
  test.ports.scheduler.advance(0);
  assert.equal(test.link.address, 'b:2181');
  const { greeting } = test.accept({ sessionId: 0x99n, timeOut: 300_000 });
  assert.equal(greeting.sessionId, 0n, 'no other server knows a session of a read-only server');
  assert.deepEqual(test.told, ['ConnectedReadOnly', 'Disconnected', 'SyncConnected']);
  assert.equal(test.session.identity.sessionId, 0x99n);
  test.ports.scheduler.advance(90_000);
  assert.equal(test.ports.links.length, 3, 'the probes have ended');
});

test('a session of a writable server survives a read-only server', () => {
  const test = new TestSession({ readOnly: true }).connected({ sessionId: 0x77n });
  assert.equal(test.reconnect({ readOnly: true, sessionId: 0x77n }).greeting.sessionId, 0x77n);
  assert.equal(test.reconnect({ sessionId: 0x77n }).greeting.sessionId, 0x77n);
});

test('a server that does not answer a probe is skipped after a second', () => {
  const test = onReadOnly();
  nextProbe(test);
  test.ports.scheduler.advance(999);
  assert.equal(test.link.isDestroyed, false);
  test.ports.scheduler.advance(1);
  assert.equal(test.link.isDestroyed, true);
  assert.equal(nextProbe(test).afterMs, 200);
});

test('a server that refuses a probe is skipped at once, and an unexpected answer is ignored', () => {
  const test = onReadOnly();
  nextProbe(test);
  test.link.close('refused');
  assert.equal(nextProbe(test).afterMs, 200);
  test.link.receive(Buffer.from('null'));
  assert.equal(nextProbe(test).afterMs, 400);
  assert.equal(test.session.state, 'CONNECTEDREADONLY');
});

test('the probes end when the connection is lost or the session is closed', () => {
  for (const leave of [
    (test: TestSession) => test.ports.links[0]!.close(),
    (test: TestSession) => test.session.close(() => {}),
  ]) {
    const test = onReadOnly(randomFrom(1));
    nextProbe(test);
    const probe = test.link;
    leave(test);
    if (test.session.state === 'CONNECTEDREADONLY') test.ports.links[0]!.close();
    assert.equal(probe.isDestroyed, true);
    probe.isDestroyed = false;
    probe.receive(Buffer.from('rw'));
    assert.notEqual(test.session.lastProblem.includes('accepts writes'), true);
  }
});
