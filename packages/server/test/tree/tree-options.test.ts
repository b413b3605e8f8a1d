import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFlag, ErrorCode, Perm } from '@nodekeeper/protocol';
import { createRequest, openAcl } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { assertConsistent, treeText } from './tree-model.js';

test('the root has data, versions and an ACL like any node, also in snapshot and log', () => {
  const server = new TestServer({ snapCount: 10 });
  const client = server.connect({ timeoutMs: 60_000 });
  const acl = [...openAcl, { perms: Perm.READ, id: { scheme: 'ip', id: '10.0.0.0/8' } }];
  assert.equal(client.set('/', 'root data', 0).body.stat.version, 1);
  assert.equal(client.call('setACL', { path: '/', acl, version: 0 }).body.stat.aversion, 1);
  for (let index = 0; index < 30; index++) client.create(`/n${index}`);
  assertConsistent(server.database.tree);
  const before = treeText(server.database.tree);
  server.restart();
  assert.deepEqual(treeText(server.database.tree), before);
  assertConsistent(server.database.tree);
  const again = server.connect();
  assert.equal(again.text('/'), 'root data');
  assert.deepEqual(again.call('getACL', { path: '/' }).body.acl, acl);
  assert.deepEqual(server.warnings, []);
});

test('/zookeeper itself counts in the digest, its descendants do not', () => {
  const server = new TestServer();
  const client = server.connect();
  client.set('/zookeeper', 'x');
  client.create('/zookeeper/own', 'y');
  client.set('/zookeeper/own', 'z');
  client.create('/zookeeper-like', 'w');
  assertConsistent(server.database.tree);
  server.restart();
  assertConsistent(server.database.tree);
  assert.deepEqual(server.warnings, []);
});

test('files written with digest.enabled=false can be used with true, and the reverse', () => {
  const off = new TestServer({ digestEnabled: false, snapCount: 20 });
  const client = off.connect({ timeoutMs: 60_000 });
  for (let index = 0; index < 50; index++) client.create(`/n${index}`, 'x');
  client.set('/n1', 'y');
  off.server.stop(() => {});
  off.settle();
  off.disk.crash(() => 0);
  const on = new TestServer({}, off.disk);
  assertConsistent(on.database.tree);
  assert.equal(on.connect().create('/more').err, 0);
  assert.deepEqual(on.warnings, []);
});

test('emulate353TTLNodes: TTLs in the older form are kept, and their nodes are reaped', () => {
  const server = new TestServer({
    extendedTypesEnabled: true,
    emulate353TtlNodes: true,
    containerCheckIntervalMs: 1000,
  });
  const client = server.connect({ timeoutMs: 60_000 });
  const request = (path: string, ttl: bigint) => ({
    ...createRequest(path, '', { flags: CreateFlag.PERSISTENT_WITH_TTL }),
    ttl,
  });
  assert.equal(client.call('createTTL', request('/long', 1n << 41n)).err, 0);
  assert.equal(client.call('createTTL', request('/no', 0x1000000000000000n)).err, ErrorCode.BADARGUMENTS);
  assert.equal(client.call('createTTL', request('/short', 5000n)).body.stat.ephemeralOwner, 0n);
  server.restart();
  server.advance(7000);
  assert.deepEqual(server.connect().children('/'), ['long', 'zookeeper']);
  assertConsistent(server.database.tree);
});

test('a path longer than all paths before it is found', () => {
  const server = new TestServer();
  const client = server.connect();
  const path = `/${'l'.repeat(5000)}`;
  client.create(path);
  assert.equal(client.delete(path).err, 0);
  assert.ok(client.exists(path).err === ErrorCode.NONODE, 'it is deleted');
  assertConsistent(server.database.tree);
  assert.deepEqual(server.warnings, []);
});

test('names outside ASCII, and paths of any length, are found after a restart', () => {
  const server = new TestServer();
  const client = server.connect();
  const paths = ['/ä', '/日本語', '/ä/€', `/${'l'.repeat(70_000)}`, '/\u00a0', '/a b', '/ￃ'];
  for (const path of paths) assert.equal(client.create(path, path).err, 0, path.slice(0, 20));
  for (const bad of ['/\u0001', '/\u007f', '/\ud800', '/\ue000', '/\ufff0', '/\u{1f600}']) {
    assert.equal(client.create(bad).err, ErrorCode.BADARGUMENTS, bad);
  }
  server.restart();
  const again = server.connect();
  for (const path of paths) assert.equal(again.text(path), path);
  assertConsistent(server.database.tree);
});
