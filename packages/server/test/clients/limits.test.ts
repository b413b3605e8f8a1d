import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddWatchMode, ErrorCode, WatcherType } from '@nodekeeper/protocol';
import { connectFrame } from '../../src/testing/wire.js';
import { createRequest } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

test('maxClientCnxns is per address; a closed connection makes room for another', () => {
  const server = new TestServer({ maxClientCnxns: 2 });
  const first = server.connect({}, '10.0.0.1');
  server.connect({}, '10.0.0.1');
  assert.equal(server.open('10.0.0.1').isClosed, true);
  assert.equal(server.open('10.0.0.2').isClosed, false);
  assert.match(server.warnings.join(), /too many connections from 10\.0\.0\.1 - max is 2/);
  first.disconnect();
  assert.equal(server.connect({}, '10.0.0.1').exists('/').err, 0);
  assert.equal(server.open('10.0.0.1').isClosed, true);
});

test('maxCnxns limits the connections of all addresses together', () => {
  const server = new TestServer({ maxCnxns: 3 });
  const clients = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => server.connect({}, address));
  assert.equal(server.open('10.0.0.4').isClosed, true);
  clients[0]!.close();
  assert.equal(server.open('10.0.0.4').isClosed, false);
});

test('a connection that opens no session is closed after nio.sessionlessCnxnTimeout', () => {
  const server = new TestServer();
  const silent = server.open();
  const halfway = server.open();
  halfway.raw(connectFrame().subarray(0, 20));
  server.advance(9800);
  assert.equal(silent.isClosed, false);
  server.advance(400);
  assert.deepEqual([silent.isClosed, halfway.isClosed], [true, true]);
});

test('jute.maxbuffer: a longer frame, or a negative length, closes the connection with one line', () => {
  const server = new TestServer({ juteMaxBufferBytes: 1000 });
  const client = server.connect();
  assert.equal(client.create('/fits', 'x'.repeat(900)).err, 0);
  for (const length of [1001, 0x7fffffff, -1, -0x80000000]) {
    const bad = server.connect();
    const before = server.warnings.length;
    const head = Buffer.alloc(4);
    head.writeInt32BE(length);
    bad.raw(head);
    server.settle();
    assert.equal(bad.isClosed, true, String(length));
    assert.equal(server.warnings.length, before + 1);
    assert.match(server.warnings.at(-1)!, new RegExp(`frame length ${length} is outside 0\\.\\.1000`));
  }
  assert.equal(client.text('/fits')?.length, 900);
});

test('globalOutstandingLimit: above the limit connections are not read, order is kept, and nothing is lost', () => {
  const server = new TestServer({ globalOutstandingLimit: 10 });
  const clients = [server.connect(), server.connect()];
  server.diskIsSlow = true;
  for (let index = 0; index < 50; index++) {
    for (const [which, client] of clients.entries()) {
      client.send('create', createRequest(`/c${which}-${index}`), 2 * index + 1);
      client.send('exists', { path: `/c${which}-${index}`, watch: false }, 2 * index + 2);
    }
  }
  server.settle();
  assert.ok(server.clients.outstanding <= 13, `${server.clients.outstanding} are taken in`);
  assert.ok(clients.every((client) => client.connection.isPaused));
  const quiet = server.open();
  server.diskIsSlow = false;
  server.settle();
  assert.equal(quiet.connect()!.timeOut, 10_000);
  for (const client of clients) {
    const replies = client.replies();
    assert.deepEqual(
      replies.map(({ xid, err }) => [xid, err]),
      Array.from({ length: 100 }, (_, index) => [index + 1, 0]),
    );
    assert.equal(client.connection.isPaused, false);
  }
  assert.equal(server.clients.outstanding, 0);
});

test('a client with more than largeRequestMaxBytes of large requests in flight is disconnected', () => {
  const server = new TestServer({ largeRequestThresholdBytes: 1000, largeRequestMaxBytes: 10_000 });
  const client = server.connect();
  for (let index = 0; index < 20; index++) assert.equal(client.create(`/ok${index}`, 'x'.repeat(2000)).err, 0);
  server.diskIsSlow = true;
  for (let index = 0; index < 20; index++) client.send('create', createRequest(`/n${index}`, 'x'.repeat(2000)));
  server.settle();
  assert.equal(client.isClosed, true);
  server.diskIsSlow = false;
  server.settle();
  assert.equal(server.clients.requests.largeBytes, 0);
  assert.equal(server.clients.outstanding, 0);
  assert.equal(server.connect().create('/again', 'x'.repeat(2000)).err, 0);
});

test('large requests: a client that always has a few in flight is not disconnected', () => {
  const server = new TestServer({ largeRequestThresholdBytes: 1000, largeRequestMaxBytes: 10_000 });
  const client = server.connect();
  server.diskIsSlow = true;
  for (let index = 0; index < 50; index++) {
    client.send('create', createRequest(`/n${index}`, 'x'.repeat(2000)));
    server.settle();
    if (index > 1) server.disk.runPending(1);
  }
  server.diskIsSlow = false;
  server.settle();
  assert.equal(client.isClosed, false);
  assert.equal(client.replies().length, 50);
});

test('connection throttling uses a bucket of tokens that fills with time (8.7)', () => {
  const server = new TestServer({
    connectionThrottleTokens: 3,
    connectionThrottleFillTimeMs: 1000,
    connectionThrottleFillCount: 1,
  });
  const attempt = () => server.open().connect() !== undefined;
  assert.deepEqual([1, 2, 3, 4].map(attempt), [true, true, true, false]);
  server.advance(1000);
  assert.deepEqual([1, 2].map(attempt), [true, false]);
  assert.equal(server.view.metrics.connectionRejected.value, 2);
});

test('a client that stops reading has a bounded amount of waiting replies, and gets all of them later', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/big', 'x'.repeat(500_000));
  client.connection.isReading = false;
  const count = 400;
  let burst = Buffer.alloc(0);
  const frames: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    client.wire.asked(1000 + index, 'getData');
    const bytes = Buffer.alloc(21);
    bytes.writeInt32BE(17, 0);
    bytes.writeInt32BE(1000 + index, 4);
    bytes.writeInt32BE(4, 8);
    bytes.writeInt32BE(4, 12);
    bytes.write('/big', 16);
    frames.push(bytes);
  }
  burst = Buffer.concat(frames);
  client.raw(burst);
  server.settle();
  assert.ok(client.connection.unsentBytesMost < 4_000_000, `${client.connection.unsentBytesMost} bytes wait`);
  assert.equal(client.isClosed, false);
  client.connection.isReading = true;
  server.settle();
  const replies = client.replies();
  assert.equal(replies.length, count);
  assert.ok(replies.every(({ body, xid }, index) => body.data.length === 500_000 && xid === 1000 + index));
});

test('with writes in between, reads before a write are answered before it, and the rest waits for the client', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/big', '0'.repeat(500_000));
  client.connection.isReading = false;
  server.diskIsSlow = true;
  const expected: { xid: number; first: string | undefined }[] = [];
  for (let index = 0; index < 60; index++) {
    if (index % 20 === 0) {
      const data = Buffer.from(`${1 + index / 20}`.repeat(500_000));
      expected.push({ xid: client.send('setData', { path: '/big', data, version: -1 }), first: undefined });
    }
    const first = String(1 + Math.floor(index / 20));
    expected.push({ xid: client.send('getData', { path: '/big', watch: false }), first });
  }
  server.settle();
  server.diskIsSlow = false;
  server.settle();
  assert.ok(client.connection.unsentBytesMost < 24_000_000, `${client.connection.unsentBytesMost} bytes wait`);
  client.connection.isReading = true;
  server.settle();
  const replies = client.replies();
  assert.deepEqual(
    replies.map(({ xid, body }) => ({ xid, first: body.data?.toString('latin1', 0, 1) })),
    expected,
  );
  assert.ok(
    replies.every(({ zxid }, index) => index === 0 || zxid >= replies[index - 1]!.zxid),
    'a zxid went back',
  );
  assert.equal(server.clients.outstanding, 0);
});

test('a client that does not read many large replies between two writes is disconnected', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/big', 'x'.repeat(1_000_000));
  client.connection.isReading = false;
  server.diskIsSlow = true;
  const set = () => client.send('setData', { path: '/', data: Buffer.from('x'), version: -1 });
  set();
  for (let index = 0; index < 100; index++) client.send('getData', { path: '/big', watch: false });
  set();
  server.settle();
  server.diskIsSlow = false;
  server.settle();
  assert.equal(client.isClosed, true);
  assert.match(server.warnings.join(), /the client does not read/);
  assert.ok(client.connection.unsentBytesMost < 70_000_000, `${client.connection.unsentBytesMost} bytes waited`);
  assert.equal(server.clients.outstanding, 0);
  assert.equal(server.connect().call('getData', { path: '/', watch: false }).body.stat.version, 2);
});

test('a client that never reads its notifications is disconnected when too many wait', () => {
  const server = new TestServer();
  const watcher = server.connect();
  watcher.call('addWatch', { path: '/', mode: 1 });
  watcher.connection.isReading = false;
  const writer = server.connect();
  writer.create('/a');
  assert.equal(watcher.isClosed, false);
  // The limit is 64 MiB. Pretend that almost as many bytes already wait to be sent.
  watcher.connection.unsentBytes = 64 * 1024 * 1024 - 100;
  for (let round = 0; round < 10; round++) writer.set('/a', 'x');
  assert.equal(watcher.isClosed, true);
  assert.match(server.warnings.join(), /the client does not read/);
  assert.equal(writer.exists('/').err, 0);
});

test('refused requests of every kind leave the counts unchanged', () => {
  const server = new TestServer({ juteMaxBufferBytes: 1000 });
  for (let round = 0; round < 100; round++) {
    const client = server.connect();
    client.send('create', createRequest('/x'));
    client.raw(Buffer.from('ffffffffffff', 'hex'));
    server.settle();
    assert.equal(client.isClosed, true);
  }
  assert.deepEqual([server.clients.outstanding, server.clients.connectionCount], [0, 0]);
  assert.equal(server.connect().create('/y').err, 0);
  assert.equal(server.connect().create('/y').err, ErrorCode.NODEEXISTS);
});

test('any request for watches beyond nodekeeper.watchBytesMax gets QUOTAEXCEEDED, until other watches are removed', () => {
  const server = new TestServer({ watchBytesMax: 2000 });
  const client = server.connect();
  const { QUOTAEXCEEDED } = ErrorCode;
  const long = `/${'x'.repeat(1000)}`;
  client.create('/a');
  assert.equal(client.exists(`${long}1`, true).err, ErrorCode.NONODE);
  assert.equal(client.exists(`${long}2`, true).err, QUOTAEXCEEDED);
  assert.equal(client.exists(`${long}1`, true).err, ErrorCode.NONODE, 'the watch exists already');
  const lists = { relativeZxid: 0, dataWatches: [], existWatches: [`${long}2`], childWatches: [] };
  const { persistent, persistentRecursive } = AddWatchMode;
  assert.equal(client.call('setWatches', lists).err, QUOTAEXCEEDED);
  assert.equal(client.call('addWatch', { path: long, mode: persistentRecursive }).err, QUOTAEXCEEDED);
  assert.equal(client.call('addWatch', { path: `/${'x'.repeat(500)}`, mode: persistent }).err, QUOTAEXCEEDED);
  for (let index = 0; index < 5; index++) assert.equal(client.exists(`/${index}`, true).err, ErrorCode.NONODE);
  assert.equal(client.get('/a', true).err, 0);
  assert.equal(client.call('getChildren', { path: '/a', watch: true }).err, QUOTAEXCEEDED);
  assert.equal(server.view.watchCount, 7);
  assert.match(
    server.warnings.at(-1)!,
    /the watches of this connection use 1910 of 2000 bytes \(nodekeeper\.watchBytesMax\)/,
  );
  assert.equal(client.call('removeWatches', { path: `${long}1`, type: WatcherType.data }).err, 0);
  assert.equal(client.exists(`${long}2`, true).err, ErrorCode.NONODE);
  assert.equal(server.connect().exists(`${long}3`, true).err, ErrorCode.NONODE, 'each connection has its own limit');
  client.disconnect();
  assert.equal(server.view.watchCount, 1);
});

test('a watch on a path of more than 65,536 characters is QUOTAEXCEEDED', () => {
  const server = new TestServer();
  const client = server.connect();
  const longest = `/${'x'.repeat(65_535)}`;
  assert.equal(client.call('exists', { path: longest, watch: true }).err, ErrorCode.NONODE);
  assert.equal(client.call('exists', { path: `${longest}x`, watch: true }).err, ErrorCode.QUOTAEXCEEDED);
  assert.equal(client.call('exists', { path: `${longest}x`, watch: false }).err, ErrorCode.NONODE);
});

test('a million watches on short paths fit the default of nodekeeper.watchBytesMax', () => {
  const server = new TestServer();
  const client = server.connect();
  for (let index = 0; index < 1000; index++) client.send('exists', { path: `/app/locks/node-${index}`, watch: true });
  server.settle();
  const { watchBytes } = [...server.clients.all()][0]!;
  assert.equal(server.view.watchCount, 1000);
  assert.ok(watchBytes * 1000 < server.config.watchBytesMax, `${watchBytes} bytes`);
});

test('the ids of a connection are limited in number and length; one more gets AUTHFAILED and a closed connection', () => {
  const server = new TestServer();
  const few = server.connect();
  for (let index = 0; index < 6; index++) {
    const reply = few.auth('digest', `${'x'.repeat(10_000)}${index}:pw`);
    assert.equal(reply.err, 0);
  }
  assert.equal(few.auth('digest', `${'x'.repeat(10_000)}:pw`).err, ErrorCode.AUTHFAILED);
  assert.equal(few.isClosed, true);
  const many = server.connect();
  for (let index = 0; index < 999; index++) assert.equal(many.auth('digest', `${index}:pw`).err, 0);
  assert.equal(many.auth('digest', 'last:pw').err, ErrorCode.AUTHFAILED);
});

test('replaced ACLs and the names of namespaces are not kept', () => {
  const server = new TestServer();
  const client = server.connect();
  const { acls } = server.database.tree;
  client.create('/a');
  const before = acls.size;
  for (let index = 0; index < 300; index++) {
    const acl = [
      { perms: 31, id: { scheme: 'world', id: 'anyone' } },
      { perms: index, id: { scheme: 'ip', id: '::1' } },
    ];
    assert.equal(client.call('setACL', { path: '/a', acl, version: -1 }).err, 0);
    client.create('/b', '', { acl });
    client.delete('/b');
  }
  assert.equal(acls.size, before + 1);
  const long = `/${'n'.repeat(1000)}`;
  client.create(long);
  client.get(long);
  assert.equal(server.view.metrics.readPerNamespace.has(long.slice(1)), false);
  assert.equal(server.view.metrics.writePerNamespace.has(long.slice(1)), false);
});
