import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Xid } from '@nodekeeper/protocol';
import { frame, notification, reply, stat, TestSession, welcome } from '../support/test-session.js';

const negativeLength = Buffer.from([0xff, 0xff, 0xff, 0xfe]);
const http = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');
const shortGreeting = frame((writer) => writer.int(0));
/** How a read-only server without local sessions answers a connect request (spec 1.9.33). */
const notReadOnly = reply(0, 0, -119);
const endlessPassword = frame((writer) => {
  writer.int(0);
  writer.int(3000);
  writer.int(0);
  writer.int(1);
  writer.int(1_000_000);
});

for (const [what, bytes] of Object.entries({ negativeLength, http, shortGreeting, notReadOnly, endlessPassword })) {
  test(`after a greeting with garbage (${what}) the client tries the next server, without an event`, () => {
    const test = new TestSession();
    const request = test.get('/a');
    test.session.start();
    test.link.connect();
    test.link.receive(bytes);
    assert.equal(test.ports.links[0]!.isDestroyed, true);
    assert.match(test.session.lastProblem, /a:2181.* violates the protocol/);
    test.waitForDial();
    test.accept();
    assert.deepEqual(test.told, ['SyncConnected']);
    assert.equal(request.end, 'waits');
  });
}

test('after bytes from a server before the greeting the client tries the next server', () => {
  const test = new TestSession();
  test.session.start();
  test.link.connect();
  test.link.receive(http.subarray(0, 2));
  test.link.receive(http.subarray(2));
  test.waitForDial();
  assert.equal(test.link.address, 'b:2181');
});

/** Messages after which the client no longer trusts the server. */
const distrust: Record<string, (xid: number) => Buffer> = {
  'a negative length': () => negativeLength,
  'a length over the limit': () => Buffer.from([0x7f, 0, 0, 0]),
  'an xid that is not due': (xid) => reply(xid + 1, 1, -101),
  'the xid of an earlier request': (xid) => reply(xid - 1, 1, -101),
  'a reserved xid without a use': () => reply(-7, 1, 0),
  'an answer to an auth packet that was not sent': () => reply(Xid.auth, 0, 0),
  'an answer to setWatches that was not sent': () => reply(Xid.setWatches, 1, 0),
  'half a header': () => frame((writer) => writer.int(1)),
  'half an event': () => reply(Xid.notification, 1, 0),
};

for (const [what, bytes] of Object.entries(distrust)) {
  test(`${what} after the greeting ends the session with an error, and the outcome of sent requests is unknown`, () => {
    const test = new TestSession().connected();
    test.answer(test.get('/a'), 1, {}, -101);
    const request = test.get('/b');
    test.link.receive(bytes(request.xid));
    assert.deepEqual(test.told, ['SyncConnected', 'Closed']);
    assert.equal(request.end, 'MARSHALLINGERROR, unknown');
    assert.match(request.failure!.detail!, /a:2181 violates the protocol: \w/);
    assert.equal(test.get('/c').end, 'MARSHALLINGERROR, not-sent');
    assert.equal(test.link.isDestroyed, true);
    assert.equal(test.ports.scheduler.timerCount, 0);
  });
}

test('replies before the garbage in a chunk are used, replies after it are ignored', () => {
  const test = new TestSession().connected();
  const [first, second] = [test.get('/a'), test.get('/b')];
  test.link.receive(Buffer.concat([reply(first.xid, 1, -101), reply(99, 1, 0), reply(second.xid, 1, -101)]));
  assert.deepEqual([first.end, second.end], ['NONODE, rejected', 'MARSHALLINGERROR, unknown']);
});

test('a reply in order with unreadable content fails only its request', () => {
  const test = new TestSession().connected();
  const [broken, next] = [test.get('/a'), test.get('/b')];
  test.link.receive(
    frame((writer) => {
      writer.int(broken.xid);
      writer.long(7);
      writer.int(0);
      writer.int(1_000_000); // the length of data that the reply does not contain
    }),
  );
  assert.equal(broken.end, 'MARSHALLINGERROR, unknown');
  assert.match(broken.failure!.detail!, /the reply from a:2181 cannot be read/);
  test.answer(next, 8, { data: null, stat });
  assert.equal(next.end, 'ok');
  assert.equal(test.session.state, 'CONNECTED');
});

test('an error code that ZooKeeper does not have is reported with its number', () => {
  const test = new TestSession().connected();
  const request = test.get('/a');
  test.answer(request, 1, {}, -9999);
  assert.equal(request.end, 'SYSTEMERROR, rejected');
  assert.match(request.failure!.detail!, /-9999/);
});

test('an event of an unknown type, or without a path, has no effect', () => {
  const test = new TestSession().connected();
  test.answer(test.get('/a', 'w'), 1, { data: null, stat });
  test.event(99, '/a', 2);
  test.link.receive(notification(-1, '', 3));
  assert.deepEqual(test.told, ['SyncConnected']);
  assert.equal(test.session.state, 'CONNECTED');
});

test('bytes of a closed connection are ignored', () => {
  const test = new TestSession().connected();
  const old = test.link;
  test.session.updateServers([{ host: 'z', port: 1 }]);
  old.isDestroyed = false; // imitates a link that calls its handler after `destroy`
  old.receive(welcome());
  old.close();
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected']);
});
