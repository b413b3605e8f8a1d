import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventType, Xid } from '@nodekeeper/protocol';
import { reply, type SentRequest, stat, TestSession } from '../support/test-session.js';

const relativeZxidOf = ({ body }: SentRequest) => (body as { relativeZxid: number }).relativeZxid;

/** A session with a watch on /a, left at zxid 10. */
function watching(): TestSession {
  const test = new TestSession().connected();
  const read = test.get('/a', 'w');
  test.answer(read, 10, { data: null, stat });
  return test;
}

test('a connection lost between two events of one zxid loses neither: the next server is asked from before both', () => {
  const test = watching();
  const add = test.addWatch('/b', 'deep');
  test.answer(add, 10, { err: 0 });
  // a transaction at 11 changed /b/x and /a, and only one of its events comes through
  test.event(EventType.nodeDataChanged, '/b/x', 11);
  const { greeting, behind } = test.reconnect();
  assert.equal(greeting.lastZxidSeen, 11, 'no server that is behind the event will do');
  assert.deepEqual(behind.map(relativeZxidOf), [10]);
  test.link.receive(reply(Xid.setWatches, 11, 0));
  assert.deepEqual(test.told.slice(-2), ['SyncConnected', 'interrupted 11']);
});

test('watches are registered since what every one of them was told of, also if the last reply to setWatches is lost', () => {
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

test('the answer to an auth packet, which has no zxid, does not take watches back to the beginning', () => {
  const test = watching();
  test.session.addAuth({ scheme: 'digest', auth: Buffer.from('u:p'), done: undefined });
  test.link.receive(reply(Xid.auth, 0, 0));
  assert.deepEqual(test.reconnect().behind.slice(1).map(relativeZxidOf), [10]);
});

test('once all batches are answered, watches count from there', () => {
  const test = watching();
  test.reconnect();
  test.link.receive(reply(Xid.setWatches, 14, 0));
  assert.deepEqual(test.reconnect().behind.map(relativeZxidOf), [14]);
});

test('persistent watches are told that they may have missed something only if something was written meanwhile', () => {
  const test = watching();
  test.reconnect();
  test.link.receive(reply(Xid.setWatches, 10, 0));
  assert.equal(test.told.includes('interrupted 10'), false);
  test.reconnect();
  test.link.receive(reply(Xid.setWatches, 15, 0));
  assert.equal(test.told.at(-1), 'interrupted 15');
});

test('catch-up events come before the word that something may have been missed', () => {
  const test = watching();
  test.reconnect();
  test.event(EventType.nodeDataChanged, '/a', -1);
  test.link.receive(reply(Xid.setWatches, 12, 0));
  assert.deepEqual(test.told.slice(-2), ['w: 3 /a -1', 'interrupted 12']);
});
