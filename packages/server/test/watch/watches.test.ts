import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddWatchMode, CreateFlag, ErrorCode, EventType, OpCode, Perm, WatcherType } from '@nodekeeper/protocol';
import { createRequest, openAcl, type TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const { nodeCreated, nodeDeleted, nodeDataChanged, nodeChildrenChanged } = EventType;
const { NOWATCHER, MARSHALLINGERROR } = ErrorCode;

function setup() {
  const server = new TestServer();
  return { server, writer: server.connect(), watcher: server.connect() };
}

function eventsOf(client: TestClient): [number, string | null][] {
  return client.events().map(({ type, path }) => [type, path]);
}

const addWatch = (client: TestClient, path: string, mode: number) => client.call('addWatch', { path, mode });
const removeWatches = (client: TestClient, path: string, type: number) =>
  client.call('removeWatches', { path, type }).err;
const checkWatches = (client: TestClient, path: string, type: number) =>
  client.call('checkWatches', { path, type }).err;

test('data, exists and child watches fire once, with the zxid of the change and state SyncConnected', () => {
  const { writer, watcher } = setup();
  watcher.exists('/a', true);
  const created = writer.create('/a');
  const [event, ...rest] = watcher.events();
  assert.deepEqual(event, { type: nodeCreated, state: 3, path: '/a', zxid: created.zxid });
  assert.deepEqual(rest, []);
  watcher.get('/a', true);
  watcher.children('/a', true);
  writer.set('/a', '1');
  writer.set('/a', '2');
  writer.create('/a/b');
  writer.create('/a/c');
  assert.deepEqual(eventsOf(watcher), [
    [nodeDataChanged, '/a'],
    [nodeChildrenChanged, '/a'],
  ]);
});

test('a recursive watch on an invalid path gets no events, and its removal affects no similar path', () => {
  const { writer, watcher } = setup();
  const { persistentRecursive } = AddWatchMode;
  for (const path of ['a', 'xbc', '', '/a/', '//a', '/bc']) addWatch(watcher, path, persistentRecursive);
  writer.create('/a');
  writer.create('/bc');
  assert.deepEqual(eventsOf(watcher), [[nodeCreated, '/bc']]);
  assert.equal(removeWatches(watcher, 'xbc', WatcherType.persistentRecursive), 0);
  writer.set('/bc', '1');
  assert.deepEqual(eventsOf(watcher), [[nodeDataChanged, '/bc']]);
});

test('reads of a missing node set no watch, except exists', () => {
  const { writer, watcher } = setup();
  watcher.get('/a', true);
  watcher.children('/a', true);
  writer.create('/a');
  assert.deepEqual(eventsOf(watcher), []);
});

test('a connection gets one event per change, however many watches match (1.8.2)', () => {
  const { writer, watcher } = setup();
  writer.create('/a');
  watcher.get('/a', true);
  watcher.exists('/a', true);
  watcher.children('/a', true);
  addWatch(watcher, '/a', AddWatchMode.persistent);
  addWatch(watcher, '/a', AddWatchMode.persistentRecursive);
  addWatch(watcher, '/', AddWatchMode.persistentRecursive);
  writer.set('/a', 'x');
  assert.deepEqual(eventsOf(watcher), [[nodeDataChanged, '/a']]);
  writer.delete('/a');
  assert.deepEqual(eventsOf(watcher), [[nodeDeleted, '/a']]);
});

test('a delete notifies data watches, child watches, then watches of the parent', () => {
  const { server, writer, watcher } = setup();
  const childWatcher = server.connect();
  writer.create('/a');
  watcher.get('/a', true);
  watcher.children('/', true);
  childWatcher.children('/a', true);
  writer.delete('/a');
  assert.deepEqual(eventsOf(watcher), [
    [nodeDeleted, '/a'],
    [nodeChildrenChanged, '/'],
  ]);
  assert.deepEqual(eventsOf(childWatcher), [[nodeDeleted, '/a']]);
});

test('setACL, failed writes and failed multis trigger nothing; a multi triggers each of its changes', () => {
  const { writer, watcher } = setup();
  writer.create('/a');
  addWatch(watcher, '/', AddWatchMode.persistentRecursive);
  writer.call('setACL', { path: '/a', acl: openAcl, version: -1 });
  writer.set('/a', 'x', 9);
  const change = { type: OpCode.setData, request: { path: '/a', data: null, version: -1 } } as const;
  writer.multi(change, { type: OpCode.delete, request: { path: '/none', version: -1 } });
  assert.deepEqual(eventsOf(watcher), []);
  writer.multi(change, { type: OpCode.create, request: createRequest('/b') }, change);
  assert.deepEqual(eventsOf(watcher), [
    [nodeDataChanged, '/a'],
    [nodeCreated, '/b'],
    [nodeDataChanged, '/a'],
  ]);
});

test('persistent watches stay; recursive ones get all events below and never NodeChildrenChanged (1.8.3)', () => {
  const { writer, watcher } = setup();
  writer.create('/a');
  assert.equal(addWatch(watcher, '/a', AddWatchMode.persistent).body.err, 0);
  for (const value of ['1', '2']) writer.set('/a', value);
  writer.create('/a/b');
  writer.set('/a/b', 'deep');
  assert.deepEqual(eventsOf(watcher), [
    [nodeDataChanged, '/a'],
    [nodeDataChanged, '/a'],
    [nodeChildrenChanged, '/a'],
  ]);
  removeWatches(watcher, '/a', WatcherType.any);
  addWatch(watcher, '/a', AddWatchMode.persistentRecursive);
  writer.set('/a/b', 'x');
  writer.create('/a/b/c');
  writer.delete('/a/b/c');
  writer.create('/ab');
  writer.set('/a', '3');
  assert.deepEqual(eventsOf(watcher), [
    [nodeDataChanged, '/a/b'],
    [nodeCreated, '/a/b/c'],
    [nodeDeleted, '/a/b/c'],
    [nodeDataChanged, '/a'],
  ]);
});

test('a recursive watch on the root gets every event, including ephemerals of a closing session', () => {
  const { writer, watcher } = setup();
  addWatch(watcher, '/', AddWatchMode.persistentRecursive);
  writer.create('/e', '', { flags: CreateFlag.EPHEMERAL });
  writer.close();
  assert.deepEqual(eventsOf(watcher), [
    [nodeCreated, '/e'],
    [nodeDeleted, '/e'],
  ]);
});

test('C-2 ZK-4466: modes on one path do not overwrite each other', () => {
  const { writer, watcher } = setup();
  writer.create('/a');
  addWatch(watcher, '/a', AddWatchMode.persistent);
  addWatch(watcher, '/a', AddWatchMode.persistentRecursive);
  watcher.get('/a', true);
  writer.set('/a', '1');
  assert.deepEqual(eventsOf(watcher), [[nodeDataChanged, '/a']], 'this event uses up the one-shot watch');
  assert.equal(checkWatches(watcher, '/a', WatcherType.data), NOWATCHER);
  assert.equal(checkWatches(watcher, '/a', WatcherType.persistent), 0);
  assert.equal(checkWatches(watcher, '/a', WatcherType.persistentRecursive), 0);
  writer.create('/a/b');
  assert.deepEqual(eventsOf(watcher), [
    [nodeCreated, '/a/b'],
    [nodeChildrenChanged, '/a'],
  ]);
});

test('C-2 ZK-4472: removing watches of one mode leaves the others', () => {
  const { writer, watcher } = setup();
  writer.create('/a');
  addWatch(watcher, '/a', AddWatchMode.persistent);
  addWatch(watcher, '/a', AddWatchMode.persistentRecursive);
  watcher.get('/a', true);
  assert.equal(removeWatches(watcher, '/a', WatcherType.persistent), 0);
  assert.equal(removeWatches(watcher, '/a', WatcherType.persistent), NOWATCHER);
  assert.equal(checkWatches(watcher, '/a', WatcherType.data), 0);
  assert.equal(checkWatches(watcher, '/a', WatcherType.persistentRecursive), 0);
  assert.equal(removeWatches(watcher, '/a', WatcherType.data), 0);
  writer.create('/a/b');
  assert.deepEqual(eventsOf(watcher), [[nodeCreated, '/a/b']]);
  assert.equal(removeWatches(watcher, '/a', WatcherType.persistentRecursive), 0);
  writer.set('/a/b', 'x');
  assert.deepEqual(eventsOf(watcher), []);
});

test('C-2 ZK-4475: a recursive watch gets no child event of its parent or itself', () => {
  const { writer, watcher } = setup();
  writer.create('/a');
  addWatch(watcher, '/a', AddWatchMode.persistentRecursive);
  watcher.children('/a', true);
  writer.create('/a/b');
  writer.create('/a/c');
  assert.deepEqual(eventsOf(watcher), [
    [nodeCreated, '/a/b'],
    [nodeChildrenChanged, '/a'],
    [nodeCreated, '/a/c'],
  ]);
});

test('removeWatches and checkWatches select by type; an absent watch is NOWATCHER, another type MARSHALLINGERROR', () => {
  const { writer, watcher } = setup();
  writer.create('/a');
  const types = [WatcherType.children, WatcherType.data, WatcherType.any, WatcherType.persistent];
  for (const type of [...types, WatcherType.persistentRecursive]) {
    assert.equal(checkWatches(watcher, '/a', type), NOWATCHER);
    assert.equal(removeWatches(watcher, '/a', type), NOWATCHER);
  }
  watcher.children('/a', true);
  assert.equal(checkWatches(watcher, '/a', WatcherType.data), NOWATCHER);
  assert.equal(checkWatches(watcher, '/a', WatcherType.children), 0);
  assert.equal(checkWatches(watcher, '/a', WatcherType.any), 0);
  assert.equal(checkWatches(writer, '/a', WatcherType.any), NOWATCHER, 'watches are per connection');
  assert.equal(removeWatches(watcher, '/a', WatcherType.children), 0);
  watcher.get('/a', true);
  watcher.children('/a', true);
  assert.equal(removeWatches(watcher, '/a', WatcherType.any), 0);
  assert.equal(checkWatches(watcher, '/a', WatcherType.any), NOWATCHER);
  assert.equal(checkWatches(watcher, '/a', 9), MARSHALLINGERROR);
  assert.equal(addWatch(watcher, '/a', 2).err, MARSHALLINGERROR);
});

test('C-4 CVE-2024-23944: a client without READ on a node gets no event of it, but its one-shot watch is used up', () => {
  const { writer, watcher } = setup();
  const mine = [{ perms: Perm.ALL, id: { scheme: 'digest', id: 'ann:hash' } }];
  writer.auth('digest', 'root:x');
  const admin = [{ perms: Perm.ALL, id: { scheme: 'auth', id: '' } }];
  addWatch(watcher, '/', AddWatchMode.persistentRecursive);
  watcher.exists('/secret', true);
  writer.create('/secret', '', { acl: admin });
  writer.create('/secret/child', '', { acl: admin });
  writer.set('/secret', 'x');
  writer.delete('/secret/child');
  assert.deepEqual(eventsOf(watcher), []);
  assert.equal(checkWatches(watcher, '/secret', WatcherType.data), NOWATCHER);
  writer.call('setACL', { path: '/secret', acl: mine, version: -1 });
  writer.create('/open');
  assert.deepEqual(eventsOf(watcher), [[nodeCreated, '/open']]);
});

test('C-4: the child event checks the ACL of the parent, the delete event the ACL before the deletion', () => {
  const { writer, watcher } = setup();
  writer.auth('digest', 'root:x');
  const admin = [{ perms: Perm.ALL, id: { scheme: 'auth', id: '' } }];
  writer.create('/p');
  watcher.children('/p', true);
  writer.create('/p/hidden', '', { acl: admin });
  assert.deepEqual(eventsOf(watcher), [[nodeChildrenChanged, '/p']]);
  addWatch(watcher, '/p/hidden', AddWatchMode.persistent);
  writer.delete('/p/hidden');
  assert.deepEqual(eventsOf(watcher), []);
});

test('the event comes before the reply to the write that triggered it, and before any later read (1.8.9)', () => {
  const { server, writer, watcher } = setup();
  writer.create('/a');
  writer.get('/a', true);
  watcher.get('/a', true);
  server.diskIsSlow = true;
  const set = writer.send('setData', { path: '/a', data: Buffer.from('x'), version: -1 });
  const read = writer.send('getData', { path: '/a', watch: false });
  server.settle();
  const oldRead = watcher.send('getData', { path: '/a', watch: false });
  server.settle();
  server.diskIsSlow = false;
  server.settle();
  const newRead = watcher.send('getData', { path: '/a', watch: false });
  server.settle();
  assert.deepEqual(writer.story(), [`event ${nodeDataChanged} /a`, `reply ${set}`, `reply ${read}`]);
  assert.deepEqual(watcher.story(), [`reply ${oldRead}`, `event ${nodeDataChanged} /a`, `reply ${newRead}`]);
});

test('a watch set by a read that waits for a write does not see that write', () => {
  const { server, writer } = setup();
  writer.create('/a');
  server.diskIsSlow = true;
  writer.send('setData', { path: '/a', data: Buffer.from('1'), version: -1 });
  writer.send('getData', { path: '/a', watch: true });
  server.settle();
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(eventsOf(writer), []);
  writer.set('/a', '2');
  assert.deepEqual(eventsOf(writer), [[nodeDataChanged, '/a']]);
});

test('watches end with the connection, not with the session (1.8.10)', () => {
  const { server, writer, watcher } = setup();
  writer.create('/a');
  watcher.get('/a', true);
  addWatch(watcher, '/', AddWatchMode.persistentRecursive);
  const { sessionId, passwd } = watcher.response!;
  watcher.disconnect();
  const again = server.connect({ sessionId, passwd });
  writer.set('/a', 'x');
  assert.deepEqual(eventsOf(again), []);
  assert.equal(server.view.watchCount, 0);
});

const none = { dataWatches: [], existWatches: [], childWatches: [] };

test('setWatches sends the events since relativeZxid, with zxid -1, and registers the other watches', () => {
  const { writer, watcher } = setup();
  for (const path of ['/same', '/changed', '/parent']) writer.create(path);
  const { zxid: relativeZxid } = writer.create('/gone');
  writer.set('/changed', 'x');
  writer.delete('/gone');
  writer.create('/parent/c');
  writer.create('/new');
  const reply = watcher.call('setWatches', {
    relativeZxid,
    dataWatches: ['/same', '/changed', '/gone'],
    existWatches: ['/new', '/absent'],
    childWatches: ['/same', '/parent', '/gone'],
  });
  assert.equal(reply.err, 0);
  const events = watcher.events();
  assert.ok(events.every((event) => event.zxid === -1));
  assert.deepEqual(
    events.map(({ type, path }) => [type, path]),
    [
      [nodeDataChanged, '/changed'],
      [nodeDeleted, '/gone'],
      [nodeCreated, '/new'],
      [nodeChildrenChanged, '/parent'],
      [nodeDeleted, '/gone'],
    ],
  );
  writer.set('/same', 'y');
  writer.create('/absent');
  writer.create('/same/c');
  assert.deepEqual(eventsOf(watcher), [
    [nodeDataChanged, '/same'],
    [nodeCreated, '/absent'],
    [nodeChildrenChanged, '/same'],
  ]);
});

test('setWatches2 restores persistent watches in both modes, without events', () => {
  const { writer, watcher } = setup();
  writer.create('/p');
  writer.create('/r');
  const request = { ...none, relativeZxid: 0, persistentWatches: ['/p'], persistentRecursiveWatches: ['/r'] };
  assert.equal(watcher.call('setWatches2', request).err, 0);
  assert.deepEqual(eventsOf(watcher), []);
  for (const round of ['1', '2']) {
    writer.set('/p', round);
    writer.create(`/p/${round}`);
    writer.create(`/r/${round}`);
  }
  const once: [number, string][] = [
    [nodeDataChanged, '/p'],
    [nodeChildrenChanged, '/p'],
  ];
  assert.deepEqual(eventsOf(watcher), [...once, [nodeCreated, '/r/1'], ...once, [nodeCreated, '/r/2']]);
});

test('S-3 ZK-3145: a missed child event is found after a restart that replays a closeSession', () => {
  const { server, writer, watcher } = setup();
  writer.create('/p');
  const owner = server.connect();
  owner.create('/p/e', '', { flags: CreateFlag.EPHEMERAL });
  const { zxid: relativeZxid } = watcher.exists('/p');
  const { sessionId, passwd } = watcher.response!;
  watcher.disconnect();
  owner.close();
  server.restart();
  const again = server.connect({ sessionId, passwd });
  again.call('setWatches', { ...none, relativeZxid, childWatches: ['/p'] });
  assert.deepEqual(eventsOf(again), [[nodeChildrenChanged, '/p']]);
});
