import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFlag } from '@nodekeeper/protocol';
import { createRequest, type TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const container = (client: TestClient, path: string) =>
  client.call('createContainer', createRequest(path, '', { flags: CreateFlag.CONTAINER }));
const ttl = (client: TestClient, path: string, ms: number) =>
  client.call('createTTL', { ...createRequest(path, '', { flags: CreateFlag.PERSISTENT_WITH_TTL }), ttl: BigInt(ms) });

test('a container is deleted after its last child; one that never had a child stays (1.10.13)', () => {
  const server = new TestServer();
  const client = server.connect({ timeoutMs: 60_000 });
  for (const path of ['/used', '/unused', '/full']) container(client, path);
  client.create('/used/x');
  client.create('/full/x');
  client.delete('/used/x');
  server.advance(50_000);
  assert.deepEqual(client.children('/'), ['full', 'unused', 'used', 'zookeeper']);
  server.advance(11_000);
  assert.deepEqual(client.children('/'), ['full', 'unused', 'zookeeper']);
  client.delete('/full/x');
  server.restart();
  server.advance(61_000);
  assert.deepEqual(server.connect().children('/'), ['unused', 'zookeeper']);
});

test('znode.container.maxNeverUsedIntervalMs deletes containers that were never used', () => {
  const server = new TestServer({ containerMaxNeverUsedIntervalMs: 100_000 });
  const client = server.connect();
  container(client, '/unused');
  server.advance(90_000);
  assert.deepEqual(server.connect().children('/'), ['unused', 'zookeeper']);
  server.advance(90_000);
  assert.deepEqual(server.connect().children('/'), ['zookeeper']);
});

test('a TTL node without children is deleted if it is not changed for its TTL; setData renews it', () => {
  const server = new TestServer({ extendedTypesEnabled: true, containerCheckIntervalMs: 1000 });
  const client = server.connect({ timeoutMs: 60_000 });
  for (const path of ['/idle', '/renewed', '/parent']) ttl(client, path, 10_000);
  client.create('/parent/x');
  server.advance(9000);
  client.set('/renewed', 'x');
  server.advance(3000);
  assert.deepEqual(client.children('/'), ['parent', 'renewed', 'zookeeper']);
  server.advance(9000);
  assert.deepEqual(client.children('/'), ['parent', 'zookeeper']);
  client.delete('/parent/x');
  server.advance(2000);
  assert.deepEqual(client.children('/'), ['zookeeper']);
});

test('at most znode.container.maxPerMinute containers are deleted in a minute', () => {
  const server = new TestServer({ containerMaxPerMinute: 60, containerCheckIntervalMs: 60_000 });
  const client = server.connect({ timeoutMs: 60_000 });
  for (let index = 0; index < 30; index++) {
    container(client, `/c${index}`);
    client.create(`/c${index}/x`);
    client.delete(`/c${index}/x`);
  }
  server.advance(60_000);
  client.ping();
  const left = () => client.children('/')!.length - 1;
  server.advance(10_000);
  client.ping();
  assert.ok(left() >= 17 && left() <= 21, `${left()} are left`);
  server.advance(25_000);
  assert.equal(left(), 0);
});

test('a reaped container is logged as a delete, so it stays deleted after a crash', () => {
  const server = new TestServer();
  const client = server.connect();
  container(client, '/c');
  client.create('/c/x');
  client.delete('/c/x');
  server.advance(61_000);
  server.crash(() => 0);
  assert.deepEqual(server.connect().children('/'), ['zookeeper']);
});

const attempts = (server: TestServer) => server.logged.filter((line) => line.includes('Attempting to delete')).length;

test('a deletion in progress is not proposed again', () => {
  const server = new TestServer({ containerCheckIntervalMs: 1000 });
  const client = server.connect({ timeoutMs: 60_000 });
  container(client, '/c');
  client.create('/c/x');
  client.delete('/c/x');
  server.diskIsSlow = true;
  server.advance(5000);
  assert.equal(attempts(server), 1);
  server.finishSlowDisk();
  // A second container with the same name, emptied like the first one, must be deleted, too.
  container(client, '/c');
  client.create('/c/x');
  client.delete('/c/x');
  server.advance(2000);
  assert.equal(attempts(server), 2);
  assert.deepEqual(client.children('/'), ['zookeeper']);
});

test('znode.container.checkIntervalMs also works below the tick of the server', () => {
  const server = new TestServer({ containerCheckIntervalMs: 10 });
  const client = server.connect({ timeoutMs: 60_000 });
  for (let round = 1; round <= 3; round++) {
    container(client, '/c');
    client.create('/c/x');
    client.delete('/c/x');
    server.advance(20);
    assert.equal(attempts(server), round);
    assert.deepEqual(client.children('/'), ['zookeeper']);
  }
});
