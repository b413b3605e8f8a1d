import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddWatchMode, CreateFlag, ErrorCode, OpCode, Xid } from '@nodekeeper/protocol';
import { requestFrame } from '../../src/testing/wire.js';
import { createRequest, type TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

/**
 * Collects the messages that the clients get, in the order in which they arrive. Each line begins with the client's
 * name.
 */
function story(clients: Record<string, TestClient>): string[] {
  const told: string[] = [];
  for (const [name, client] of Object.entries(clients)) {
    client.connection.receive = (bytes) => {
      client.wire.push(bytes);
      for (const line of client.story()) told.push(`${name} ${line}`);
    };
  }
  return told;
}

/** Returns the number of messages to `name` before the first message to `other`. */
function answersBefore(told: readonly string[], name: string, other: string): number {
  const first = told.findIndex((line) => line.startsWith(`${other} `));
  return told.slice(0, first).filter((line) => line.startsWith(`${name} `)).length;
}

const answers = (told: readonly string[], name: string) => told.filter((line) => line.startsWith(`${name} reply`));
const xids = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `greedy reply ${from + index}`);

/**
 * A server with two clients: `greedy` sends many requests, and `modest` sends few. Each reading of the clock moves the
 * clock so far that the current time slice is over.
 */
function busyServer() {
  const server = new TestServer();
  const greedy = server.connect();
  const modest = server.connect();
  server.scheduler.msPerLook = 5;
  return { server, greedy, modest };
}

const read = { path: '/', watch: false };
const ping = (client: TestClient) => void client.send('ping', undefined, Xid.ping);

test('a chunk of many requests is processed in slices: other clients are served in between, order is kept', () => {
  const { server, greedy, modest } = busyServer();
  const told = story({ greedy, modest });
  for (let xid = 1; xid <= 2000; xid++) greedy.send('exists', read, xid);
  ping(modest);
  server.settle();
  assert.ok(answersBefore(told, 'greedy', 'modest') < 200);
  assert.deepEqual(answers(told, 'greedy'), xids(1, 2000));
});

test('requests that waited for a write are answered in slices', () => {
  const { server, greedy, modest } = busyServer();
  const told = story({ greedy, modest });
  server.diskIsSlow = true;
  greedy.send('create', createRequest('/a'), 1);
  for (let xid = 2; xid <= 200; xid++) greedy.send('exists', read, xid);
  server.settle();
  server.diskIsSlow = false;
  ping(modest);
  server.settle();
  assert.ok(answersBefore(told, 'greedy', 'modest') < 150, `${told.length}`);
  assert.deepEqual(answers(told, 'greedy'), xids(1, 200));
});

test('many clients with more work than a slice share a round, and another client waits for at most one round', () => {
  const server = new TestServer({ maxClientCnxns: 0 });
  const greedy = Array.from({ length: 30 }, () => server.connect());
  const modest = server.connect();
  const clients = Object.fromEntries(greedy.map((client, index) => [`greedy${index}`, client]));
  server.scheduler.msPerLook = 1;
  const told = story({ ...clients, modest });
  for (const client of greedy) for (let xid = 1; xid <= 500; xid++) client.send('exists', read, xid);
  ping(modest);
  server.settle();
  assert.ok(told.findIndex((line) => line.startsWith('modest')) < 30 * 100);
  for (const name of Object.keys(clients)) assert.equal(told.filter((line) => line.startsWith(`${name} `)).length, 500);
});

test('long multiRead, getEphemerals and setWatches requests run in steps, and the requests after them wait', () => {
  const { server, greedy, modest } = busyServer();
  server.scheduler.msPerLook = 0;
  for (let index = 0; index < 300; index++) greedy.create(`/e${index}`, '', { flags: CreateFlag.EPHEMERAL });
  server.scheduler.msPerLook = 5;
  const paths = Array.from({ length: 1000 }, (_, index) => `/none${index}`);
  const lists = { relativeZxid: 0, dataWatches: [], existWatches: paths, childWatches: [] };
  const parts = Array(1000).fill({ type: OpCode.getData, request: read });
  for (const [op, request] of [
    ['multiRead', parts],
    ['getEphemerals', { prefixPath: '/' }],
    ['setWatches', lists],
  ] as const) {
    const told = story({ greedy, modest });
    greedy.send(op, request, 1);
    greedy.send('exists', read, 2);
    ping(modest);
    server.settle();
    assert.deepEqual(told, ['modest reply -2', 'greedy reply 1', 'greedy reply 2'], op);
  }
  greedy.connection.receive = (bytes) => greedy.wire.push(bytes);
  assert.equal(greedy.call('getEphemerals', { prefixPath: '/e1' }).body.ephemerals.length, 111);
  assert.equal(greedy.call('multiRead', parts).body.length, 1000);
  assert.equal(greedy.call('checkWatches', { path: '/none999', type: 2 }).err, 0);
});

test('a multi-step read that cannot be decoded gets MARSHALLINGERROR in its place', () => {
  const client = new TestServer().connect();
  for (const op of ['multiRead', 'getEphemerals', 'setWatches', 'setWatches2'] as const) {
    assert.equal(client.call(op, Buffer.from([0])).err, ErrorCode.MARSHALLINGERROR, op);
  }
  assert.equal(client.isClosed, false);
});

test('no write is accepted after a long read that waits; the read is answered in one turn before the write is applied', () => {
  const server = new TestServer();
  const client = server.connect();
  server.diskIsSlow = true;
  client.send('create', createRequest('/first'), 1);
  client.send('multiRead', [{ type: OpCode.getData, request: read }], 2);
  client.send('create', createRequest('/second'), 3);
  server.settle();
  assert.equal(server.server.role.writePath.pendingCount, 1);
  assert.equal(client.connection.isPaused, true);
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(client.story(), ['reply 1', 'reply 2', 'reply 3']);
  assert.equal(client.connection.isPaused, false);
});

test('a connection has at most 128 requests waiting for the disk, and all are done in order', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/node');
  server.diskIsSlow = true;
  const write = { path: '/node', data: null, version: -1 };
  for (let xid = 1; xid <= 1000; xid++) client.send('setData', write, xid);
  server.settle();
  assert.equal(server.server.role.writePath.pendingCount, 128);
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(
    client.replies().map(({ xid }) => xid),
    Array.from({ length: 1000 }, (_item, index) => index + 1),
  );
});

test('a connection has at most a megabyte of requests waiting for the disk, and all are done', () => {
  const server = new TestServer();
  const client = server.connect();
  server.diskIsSlow = true;
  for (let index = 0; index < 10; index++) client.send('create', createRequest(`/n${index}`, 'x'.repeat(400_000)));
  server.settle();
  assert.ok(
    server.server.role.writePath.pendingCount <= 3,
    `${server.server.role.writePath.pendingCount} are taken in`,
  );
  assert.equal(client.connection.isPaused, true);
  server.diskIsSlow = false;
  server.settle();
  assert.equal(client.replies().filter(({ err }) => err === 0).length, 10);
  assert.equal(client.connection.isPaused, false);
});

test('a connection has at most a few long multis in flight, because they may be applied in one turn', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/m');
  const part = { type: OpCode.setData, request: { path: '/m', data: Buffer.alloc(0), version: -1 } };
  server.diskIsSlow = true;
  for (let index = 0; index < 10; index++) client.send('multi', Array(5000).fill(part));
  server.settle();
  assert.ok(
    server.server.role.writePath.pendingCount <= 2,
    `${server.server.role.writePath.pendingCount} are taken in`,
  );
  server.diskIsSlow = false;
  server.settle();
  assert.equal(client.replies().filter(({ err }) => err === 0).length, 10);
});

test('all requests of a client that half-closes its connection are processed', () => {
  const { server, greedy, modest } = busyServer();
  for (let index = 0; index < 100; index++) greedy.send('exists', read);
  greedy.send('closeSession');
  greedy.connection.halfClose();
  server.settle();
  assert.equal(greedy.isClosed, true);
  assert.equal(server.database.sessions.get(greedy.sessionId), undefined);
  assert.equal(modest.isClosed, false);
});

test('requests that wait for a long read are processed although their client half-closed its connection', () => {
  const server = new TestServer();
  const client = server.connect();
  server.diskIsSlow = true;
  client.connection.send(
    Buffer.concat([
      requestFrame(1, 'create', createRequest('/first')),
      requestFrame(2, 'multiRead', [{ type: OpCode.getData, request: read }]),
      requestFrame(3, 'closeSession'),
    ]),
  );
  server.settle();
  client.connection.halfClose();
  server.settle();
  server.diskIsSlow = false;
  server.settle();
  assert.equal(client.isClosed, true);
  assert.equal(server.database.sessions.get(client.sessionId), undefined);
});

test('the watches of a disconnected client are removed in steps, and no client is affected meanwhile', () => {
  const { server, greedy, modest } = busyServer();
  for (let index = 0; index < 2000; index++) {
    greedy.send('addWatch', { path: `/w${index}`, mode: AddWatchMode.persistent });
  }
  server.settle();
  assert.equal(server.view.watchCount, 4000);
  greedy.connection.disconnect();
  assert.ok(server.view.watchCount > 3000, `${server.view.watchCount} are left`);
  assert.equal(modest.create('/w1999').err, 0);
  server.settle();
  assert.equal(server.view.watchCount, 0);
});
