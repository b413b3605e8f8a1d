import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, OpCode, RingQueue } from '@nodekeeper/protocol';
import { below, forSeeds, pick } from '../../src/testing/random.js';
import { openAcl } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

test('FIFO: reads and writes of one client are answered in order, and each read sees all writes before it', () => {
  forSeeds(15, (random) => {
    const server = new TestServer({ globalOutstandingLimit: pick(random, [3, 20, 1000]) });
    const setup = server.connect();
    server.scheduler.msPerLook = pick(random, [0, 3, 100]);
    const clients = [0, 1, 2].map((which) => {
      setup.create(`/c${which}`, '0');
      const client = server.connect();
      client.connection.chunkBytesMax = pick(random, [13, 64 * 1024]);
      return { client, path: `/c${which}`, value: 0, expected: [] as { xid: number; value: number | undefined }[] };
    });
    const received: number[] = clients.map(() => 0);
    const check = () => {
      for (const [which, state] of clients.entries()) {
        for (const reply of state.client.replies()) {
          const { xid, value } = state.expected[received[which]!++]!;
          assert.equal(reply.xid, xid);
          if (value !== undefined) assert.equal(reply.body.data.toString(), String(value));
        }
      }
    };
    server.diskIsSlow = true;
    for (let step = 0; step < 200; step++) {
      const state = pick(random, clients);
      const { client, path } = state;
      const kind = random();
      if (kind < 0.4) {
        const data = Buffer.from(String(++state.value));
        state.expected.push({ xid: client.send('setData', { path, data, version: -1 }), value: undefined });
      } else if (kind < 0.5) {
        const ops = [
          { type: OpCode.setData, request: { path, data: Buffer.from(String(++state.value)), version: -1 } },
        ];
        state.expected.push({ xid: client.send('multi', ops), value: undefined });
      } else if (kind < 0.55) {
        state.expected.push({ xid: client.send('create', Buffer.from([1])), value: undefined });
      } else if (kind < 0.65) {
        state.expected.push({ xid: client.send('sync', { path }), value: undefined });
      } else if (kind < 0.75) {
        const read = { type: OpCode.getData, request: { path, watch: false } };
        state.expected.push({ xid: client.send('multiRead', Array(below(random, 40)).fill(read)), value: undefined });
      } else {
        state.expected.push({ xid: client.send('getData', { path, watch: false }), value: state.value });
      }
      if (random() < 0.3) server.settle();
      if (random() < 0.3) server.disk.runPending(1);
      check();
    }
    server.diskIsSlow = false;
    server.settle();
    check();
    assert.deepEqual(
      received,
      clients.map(({ expected }) => expected.length),
    );
    assert.equal(server.clients.outstanding, 0);
  });
});

test('other clients see a write only when it is durable, and then all of them see it', () => {
  const server = new TestServer();
  const writer = server.connect();
  const reader = server.connect();
  writer.create('/a', 'old');
  server.diskIsSlow = true;
  writer.send('setData', { path: '/a', data: Buffer.from('new'), version: -1 });
  server.settle();
  assert.equal(reader.text('/a'), 'old');
  server.diskIsSlow = false;
  server.settle();
  assert.equal(reader.text('/a'), 'new');
});

test('a sync waits for earlier writes of all connections, so the read after it tells whether a lost write was done', () => {
  const server = new TestServer();
  const [lost, next, other] = [server.connect(), server.connect(), server.connect()];
  server.diskIsSlow = true;
  lost.send('create', {
    path: '/a',
    data: null,
    acl: openAcl,
    flags: 0,
  });
  server.settle();
  lost.disconnect();
  next.send('sync', { path: '/' });
  next.send('exists', { path: '/a', watch: false });
  server.settle();
  assert.deepEqual(next.replies(), []);
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(
    next.replies().map(({ err }) => err),
    [0, 0],
  );
  assert.equal(other.call('sync', { path: '/' }).err, 0);
  assert.equal(server.clients.outstanding, 0);
});

test('a sync that cannot be decoded gets MARSHALLINGERROR in its place, also while writes are pending', () => {
  const server = new TestServer();
  const [writer, client] = [server.connect(), server.connect()];
  server.diskIsSlow = true;
  writer.send('create', { path: '/a', data: null, acl: [], flags: 0 });
  client.send('create', { path: '/b', data: null, acl: openAcl, flags: 0 });
  client.send('sync', Buffer.from([0xff, 0xff, 0xff, 0xfb]));
  client.send('exists', { path: '/b', watch: false });
  server.settle();
  assert.deepEqual(client.replies(), []);
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(
    client.replies().map(({ err }) => err),
    [0, ErrorCode.MARSHALLINGERROR, 0],
  );
  assert.equal(server.clients.outstanding, 0);
});

test('the writes in flight of a client that disconnects are done, and no count is left', () => {
  const server = new TestServer();
  const other = server.connect();
  for (let round = 0; round < 5; round++) {
    const client = server.connect();
    server.diskIsSlow = true;
    for (const path of ['/x', '/y']) {
      client.send('create', {
        path: `${path}${round}`,
        data: null,
        acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }],
        flags: 0,
      });
      client.send('exists', { path, watch: true });
    }
    server.settle();
    client.disconnect();
    server.diskIsSlow = false;
    server.settle();
    assert.equal(other.exists(`/y${round}`).err, 0);
  }
  assert.deepEqual([server.clients.outstanding, server.view.watchCount, server.clients.connectionCount], [0, 0, 1]);
});

test('a client that disconnects during its handshake leaves a session that expires', () => {
  const server = new TestServer();
  server.diskIsSlow = true;
  const client = server.open();
  client.connect({ timeoutMs: 6000 });
  client.disconnect();
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual([server.database.sessions.size, server.clients.outstanding], [1, 0]);
  server.advance(12_000);
  assert.equal(server.database.sessions.size, 0);
});

test('a server that stops acknowledges no write in flight, and each is on disk whole or not at all', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/before');
  server.diskIsSlow = true;
  const set = (path: string) => ({
    type: OpCode.create,
    request: { path, data: null, acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }], flags: 0 },
  });
  client.send('multi', [set('/m1'), set('/m2')]);
  server.settle();
  client.send('multi', [set('/m3'), set('/m4')]);
  server.settle();
  server.server.stop(() => {});
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(client.replies(), []);
  server.crash(() => 0.99);
  const after = server.connect();
  const there = (path: string) => after.exists(path).err !== ErrorCode.NONODE;
  assert.equal(there('/before'), true);
  assert.equal(there('/m1'), there('/m2'));
  assert.equal(there('/m3'), there('/m4'));
});

test('RingQueue: first in, first out, through growth', () => {
  forSeeds(10, (random) => {
    const queue = new RingQueue<number>();
    const model: number[] = [];
    for (let step = 0; step < 2000; step++) {
      if (random() < 0.52 || model.length === 0) {
        queue.push(step);
        model.push(step);
      } else {
        assert.equal(queue.shift(), model.shift());
      }
      assert.deepEqual([queue.length, queue.peek()], [model.length, model[0]]);
    }
  });
});
