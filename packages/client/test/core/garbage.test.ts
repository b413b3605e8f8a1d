import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Xid } from '@nodekeeper/protocol';
import { frame, notification, reply, stat, TestSession, welcome } from '../support/test-session.js';

const negativeLength = Buffer.from([0xff, 0xff, 0xff, 0xfe]);
const http = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');
const shortGreeting = frame((writer) => writer.int(0));
/** What a read-only server without local sessions says (inventory 1.9.33). */
const notReadOnly = reply(0, 0, -119);
const endlessPassword = frame((writer) => {
  writer.int(0);
  writer.int(3000);
  writer.int(0);
  writer.int(1);
  writer.int(1_000_000);
});

for (const [what, bytes] of Object.entries({ negativeLength, http, shortGreeting, notReadOnly, endlessPassword })) {
  test(`a server that greets with garbage (${what}) is left for the next one, and nobody is told`, () => {
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

test('a server that talks before it was talked to is no different', () => {
  const test = new TestSession();
  test.session.start();
  test.link.connect();
  test.link.receive(http.subarray(0, 2));
  test.link.receive(http.subarray(2));
  test.waitForDial();
  assert.equal(test.link.address, 'b:2181');
});

/** Nothing that such a server has said can be trusted any more. */
const distrust: Record<string, (xid: number) => Buffer> = {
  'a negative length': () => negativeLength,
  'a length over the limit': () => Buffer.from([0x7f, 0, 0, 0]),
  'a number that is not due': (xid) => reply(xid + 1, 1, -101),
  'a number from the past': (xid) => reply(xid - 1, 1, -101),
  'a reserved number nobody uses': () => reply(-7, 1, 0),
  'an answer to an auth packet that was not sent': () => reply(Xid.auth, 0, 0),
  'an answer to setWatches that was not sent': () => reply(Xid.setWatches, 1, 0),
  'half a header': () => frame((writer) => writer.int(1)),
  'half an event': () => reply(Xid.notification, 1, 0),
};

for (const [what, bytes] of Object.entries(distrust)) {
  test(`${what} from a server that serves ends it all, loudly, with requests that may have been carried out`, () => {
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

test('what came before the garbage in the same chunk counts, what comes after it does not', () => {
  const test = new TestSession().connected();
  const [first, second] = [test.get('/a'), test.get('/b')];
  test.link.receive(Buffer.concat([reply(first.xid, 1, -101), reply(99, 1, 0), reply(second.xid, 1, -101)]));
  assert.deepEqual([first.end, second.end], ['NONODE, rejected', 'MARSHALLINGERROR, unknown']);
});

test('a reply in its turn whose content cannot be read fails its request only', () => {
  const test = new TestSession().connected();
  const [broken, next] = [test.get('/a'), test.get('/b')];
  test.link.receive(
    frame((writer) => {
      writer.int(broken.xid);
      writer.long(7);
      writer.int(0);
      writer.int(1_000_000); // the length of data that is not there
    }),
  );
  assert.equal(broken.end, 'MARSHALLINGERROR, unknown');
  assert.match(broken.failure!.detail!, /the reply from a:2181 cannot be read/);
  test.answer(next, 8, { data: null, stat });
  assert.equal(next.end, 'ok');
  assert.equal(test.session.state, 'CONNECTED');
});

test('an error that no ZooKeeper has is told with its number', () => {
  const test = new TestSession().connected();
  const request = test.get('/a');
  test.answer(request, 1, {}, -9999);
  assert.equal(request.end, 'SYSTEMERROR, rejected');
  assert.match(request.failure!.detail!, /-9999/);
});

test('an event of a kind that is not known yet, or of no path, harms nobody', () => {
  const test = new TestSession().connected();
  test.answer(test.get('/a', 'w'), 1, { data: null, stat });
  test.event(99, '/a', 2);
  test.link.receive(notification(-1, '', 3));
  assert.deepEqual(test.told, ['SyncConnected']);
  assert.equal(test.session.state, 'CONNECTED');
});

test('bytes of a connection that was given up are passed over', () => {
  const test = new TestSession().connected();
  const old = test.link;
  test.session.updateServers([{ host: 'z', port: 1 }]);
  old.isDestroyed = false; // a link that does not keep its promise to be silent
  old.receive(welcome());
  old.close();
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected']);
});
