import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddWatchMode, CreateFlag, ErrorCode, OpCode, Xid } from '@nodekeeper/protocol';
import { requestFrame } from '../../src/testing/wire.js';
import { createRequest, type TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

/** What a client is told, in the order in which all of them are told. */
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

/** Between the first and the last answer to `name`, how many it got in front of the first one to `other`. */
function answersBefore(told: readonly string[], name: string, other: string): number {
  const first = told.findIndex((line) => line.startsWith(`${other} `));
  return told.slice(0, first).filter((line) => line.startsWith(`${name} `)).length;
}

const answers = (told: readonly string[], name: string) => told.filter((line) => line.startsWith(`${name} reply`));
const xids = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `greedy reply ${from + index}`);

/** A server on which each look at the clock finds that a slice went by, with a greedy and a modest client. */
function busyServer() {
  const server = new TestServer();
  const greedy = server.connect();
  const modest = server.connect();
  server.scheduler.msPerLook = 5;
  return { server, greedy, modest };
}

const read = { path: '/', watch: false };
const ping = (client: TestClient) => void client.send('ping', undefined, Xid.ping);

test('a chunk full of requests is worked off a slice at a time: others are answered in between, order is kept', () => {
  const { server, greedy, modest } = busyServer();
  const told = story({ greedy, modest });
  for (let xid = 1; xid <= 2000; xid++) greedy.send('exists', read, xid);
  ping(modest);
  server.settle();
  assert.ok(answersBefore(told, 'greedy', 'modest') < 200);
  assert.deepEqual(answers(told, 'greedy'), xids(1, 2000));
});

test('what waited for a write is answered a slice at a time', () => {
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

test('many who have more to do than a slice share a round: another is answered after one of it', () => {
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

test('a multiRead, a getEphemerals and a setWatches may be long: each is done in steps, and what follows them waits', () => {
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

test('a read of many steps that cannot be decoded is MARSHALLINGERROR in its place', () => {
  const client = new TestServer().connect();
  for (const op of ['multiRead', 'getEphemerals', 'setWatches', 'setWatches2'] as const) {
    assert.equal(client.call(op, Buffer.from([0])).err, ErrorCode.MARSHALLINGERROR, op);
  }
  assert.equal(client.isClosed, false);
});

test('no write is taken in behind reads that take long: they are answered before it is applied, in one go', () => {
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

test('no connection has more than 128 requests waiting for the disk, and all are done in their order', () => {
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

test('no connection has more than a megabyte of requests waiting for the disk, and all are done', () => {
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

test('no more than a few long multis of a connection are on their way, since they may be applied in one go', () => {
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

test('a client that sends much and goes is served to the end of what it sent', () => {
  const { server, greedy, modest } = busyServer();
  for (let index = 0; index < 100; index++) greedy.send('exists', read);
  greedy.send('closeSession');
  greedy.connection.halfClose();
  server.settle();
  assert.equal(greedy.isClosed, true);
  assert.equal(server.database.sessions.get(greedy.sessionId), undefined);
  assert.equal(modest.isClosed, false);
});

test('a client that goes while what it sent waits behind a long read is served to the end of it', () => {
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

test('the watches of a client that is gone are forgotten in steps, and nobody hears of them meanwhile', () => {
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
