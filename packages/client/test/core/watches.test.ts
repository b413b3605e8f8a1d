import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventType, Xid } from '@nodekeeper/protocol';
import { reply, type SentRequest, stat, TestSession } from '../support/test-session.js';

const relativeZxidOf = ({ body }: SentRequest) => (body as { relativeZxid: number }).relativeZxid;

/** Returns a session with a watch on /a, which was set at zxid 10. */
function watching(): TestSession {
  const test = new TestSession().connected();
  const read = test.get('/a', 'w');
  test.answer(read, 10, { data: null, stat });
  return test;
}

test('a connection lost between two events of one zxid loses neither: setWatches has the zxid before both', () => {
  const test = watching();
  const add = test.addWatch('/b', 'deep');
  test.answer(add, 10, { err: 0 });
  // the transaction with zxid 11 changed /b/x and /a, and only the event of /b/x arrives
  test.event(EventType.nodeDataChanged, '/b/x', 11);
  const { greeting, behind } = test.reconnect();
  assert.equal(greeting.lastZxidSeen, 11, 'a server that has not reached the event must refuse');
  assert.deepEqual(behind.map(relativeZxidOf), [10]);
  test.link.receive(reply(Xid.setWatches, 11, 0));
  assert.deepEqual(test.told.slice(-2), ['SyncConnected', 'interrupted 11']);
});

test('watches are registered from the zxid that all of them have seen, even if the reply to setWatches is lost', () => {
  const test = new TestSession().connected();
  const long = 'x'.repeat(100_000);
  for (const path of [`/${long}1`, `/${long}2`]) test.answer(test.get(path, path.slice(-1)), 10, { data: null, stat });
  const first = test.reconnect();
  assert.deepEqual(first.behind.map(relativeZxidOf), [10, 10], 'two batches');
  test.link.receive(reply(Xid.setWatches, 12, 0));
  const second = test.reconnect();
  assert.deepEqual(second.behind.map(relativeZxidOf), [10, 10]);
  assert.equal(second.greeting.lastZxidSeen, 12);
});

test('the answer to an auth packet, which has no zxid, does not reset the zxid of the watches', () => {
  const test = watching();
  test.session.addAuth({ scheme: 'digest', auth: Buffer.from('u:p'), done: undefined });
  test.link.receive(reply(Xid.auth, 0, 0));
  assert.deepEqual(test.reconnect().behind.slice(1).map(relativeZxidOf), [10]);
});

test('after all batches are answered, the watches count from that zxid', () => {
  const test = watching();
  test.reconnect();
  test.link.receive(reply(Xid.setWatches, 14, 0));
  assert.deepEqual(test.reconnect().behind.map(relativeZxidOf), [14]);
});

test('persistent watches get PossiblyMissed only if something was written during the disconnection', () => {
  const test = watching();
  test.reconnect();
  test.link.receive(reply(Xid.setWatches, 10, 0));
  assert.equal(test.told.includes('interrupted 10'), false);
  test.reconnect();
  test.link.receive(reply(Xid.setWatches, 15, 0));
  assert.equal(test.told.at(-1), 'interrupted 15');
});

test('catch-up events come before PossiblyMissed', () => {
  const test = watching();
  test.reconnect();
  test.event(EventType.nodeDataChanged, '/a', -1);
  test.link.receive(reply(Xid.setWatches, 12, 0));
  assert.deepEqual(test.told.slice(-2), ['w: 3 /a -1', 'interrupted 12']);
});
