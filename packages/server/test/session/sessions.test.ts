import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFlag, ErrorCode, sessionPassword, Xid } from '@nodekeeper/protocol';
import { SessionPasswords } from '../../src/session/session-passwords.js';
import { connectFrame, requestFrame } from '../../src/testing/wire.js';
import { createRequest } from '../support/test-client.js';
import { TestEnsemble } from '../support/test-ensemble.js';
import { TestServer } from '../support/test-server.js';

const ephemeral = { flags: CreateFlag.EPHEMERAL };

test('the timeout is clamped to the limits, never refused (1.9.1)', () => {
  const server = new TestServer({ minSessionTimeoutMs: 4000, maxSessionTimeoutMs: 40_000 });
  const negotiated = (timeoutMs: number) => server.connect({ timeoutMs }).response!.timeOut;
  assert.deepEqual([-1, 0, 3999, 5000, 40_001, 0x7fffffff].map(negotiated), [4000, 4000, 4000, 5000, 40_000, 40_000]);
});

test('a new session has the id of the server, a rising number and the password of its id', () => {
  const server = new TestServer();
  const first = server.connect().response!;
  const second = server.connect({ passwd: null }).response!;
  assert.equal(first.sessionId >> 56n, 1n);
  assert.equal(second.sessionId, first.sessionId + 1n);
  for (const { sessionId, passwd } of [first, second]) assert.deepEqual(passwd, sessionPassword(sessionId));
  assert.deepEqual([first.protocolVersion, first.readOnly], [0, false]);
});

test('clients of version 3.3 send no readOnly byte and get none (1.3.2)', () => {
  const server = new TestServer();
  const frameBytes = (readOnly: boolean | undefined) => {
    const client = server.open();
    client.raw(connectFrame({ readOnly }));
    server.settle();
    return client.takeConnected()!.frameBytes;
  };
  assert.deepEqual([undefined, false, true].map(frameBytes), [36, 37, 37]);
});

test('the response comes when the session is durable; requests pipelined after the handshake are served then (1.3.11)', () => {
  const server = new TestServer();
  server.diskIsSlow = true;
  const client = server.open();
  client.raw(Buffer.concat([connectFrame(), requestFrame(1, 'create', createRequest('/a'))]));
  client.wire.asked(1, 'create');
  client.send('getData', { path: '/a', watch: false }, 2);
  server.settle();
  assert.deepEqual(client.story(), []);
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(client.story(), ['connected', 'reply 1', 'reply 2']);
});

test('a client reconnects with id and password, keeps its ephemerals, and negotiates the timeout again', () => {
  const server = new TestServer();
  const client = server.connect({ timeoutMs: 10_000 });
  client.create('/e', '', ephemeral);
  const { sessionId, passwd } = client.response!;
  client.disconnect();
  const again = server.connect({ sessionId, passwd, timeoutMs: 20_000 });
  assert.deepEqual([again.response!.sessionId, again.response!.timeOut], [sessionId, 20_000]);
  server.advance(15_000);
  assert.equal(again.exists('/e').body.stat.ephemeralOwner, sessionId);
});

test('a wrong password or an unknown session gets timeout 0, id 0, a zero password and a closed connection (1.3.8)', () => {
  const server = new TestServer();
  const client = server.connect();
  const { sessionId } = client.response!;
  const attempts = [
    { sessionId, passwd: Buffer.alloc(16, 1) },
    { sessionId, passwd: null },
    { sessionId, passwd: sessionPassword(sessionId).subarray(0, 15) },
    { sessionId: sessionId + 9n, passwd: sessionPassword(sessionId + 9n) },
    { sessionId: -5n, passwd: sessionPassword(-5n) },
  ];
  for (const attempt of attempts) {
    const refused = server.open();
    const response = refused.connect(attempt)!;
    assert.deepEqual([response.timeOut, response.sessionId, response.passwd], [0, 0n, Buffer.alloc(16)]);
    assert.equal(refused.isClosed, true);
  }
});

test('a wrong password for a session does not close the connection of its client', () => {
  const server = new TestServer();
  const client = server.connect();
  const { sessionId } = client.response!;
  for (const passwd of [Buffer.alloc(16, 1), null, Buffer.alloc(0)]) {
    assert.equal(server.open().connect({ sessionId, passwd })?.timeOut, 0);
    assert.equal(client.isClosed, false);
  }
  assert.equal(client.create('/mine', '', ephemeral).err, 0);
});

test('nodekeeper.sessionSecret: a session id does not give its password, and the client can reconnect', () => {
  const server = new TestServer({ sessionSecret: 'correct horse battery' });
  const client = server.connect();
  const { sessionId, passwd } = client.response!;
  for (const wrong of [
    sessionPassword(sessionId),
    new SessionPasswords('another secret, as long').of(sessionId),
    null,
  ]) {
    assert.equal(server.open().connect({ sessionId, passwd: wrong })?.timeOut, 0);
  }
  assert.equal(client.isClosed, false);
  client.disconnect();
  server.restart();
  assert.equal(server.connect({ sessionId, passwd }).sessionId, sessionId);
});

test('nodekeeper.sessionSecret: a client moves between servers that share it; other servers refuse its session, which continues', () => {
  const secrets = [null, 'secret of two servers', 'secret of two servers', 'secret of server 4', null];
  const ensemble = new TestEnsemble(5, { configOf: (id) => ({ sessionSecret: secrets[id - 1] ?? null }) });
  ensemble.start();
  ensemble.untilServing();
  for (let home = 1; home <= 5; home++) {
    const client = ensemble.connect(home);
    const { sessionId, passwd } = client.response!;
    for (let other = 1; other <= 5; other++) {
      if (secrets[other - 1] === secrets[home - 1]) continue;
      const refused = ensemble.connect(other, { sessionId, passwd });
      assert.deepEqual([refused.response?.sessionId, refused.response?.timeOut], [0n, 0], `${home} to ${other}`);
      assert.equal(client.create(`/from-${home}-to-${other}`).err, 0);
    }
    const sharing = secrets.findLastIndex((secret) => secret === secrets[home - 1]) + 1;
    const moved = ensemble.connect(sharing, { sessionId, passwd });
    assert.equal(moved.sessionId, sessionId);
    assert.equal(moved.create(`/moved-${home}`).err, 0);
  }
});

test('a client that moved to a new connection loses the old one (1.3.7)', () => {
  const server = new TestServer();
  const client = server.connect();
  const { sessionId, passwd } = client.response!;
  const moved = server.connect({ sessionId, passwd });
  assert.equal(client.isClosed, true);
  assert.equal(moved.create('/a').err, 0);
  client.connection.send(requestFrame(9, 'delete', { path: '/a', version: -1 }));
  server.settle();
  assert.equal(moved.exists('/a').err, 0);
});

test('a client that has seen a later zxid than this server is disconnected without a response', () => {
  const server = new TestServer();
  const { zxid } = server.connect().create('/a');
  const client = server.open();
  assert.equal(client.connect({ lastZxidSeen: zxid + 10 }), undefined);
  assert.equal(client.isClosed, true);
  assert.equal(server.open().connect({ lastZxidSeen: zxid })?.protocolVersion, 0);
});

test('a silent session expires with its ephemerals at the first tick boundary after its timeout (1.9.5)', () => {
  const server = new TestServer({ tickTimeMs: 2000, minSessionTimeoutMs: 4000 });
  const other = server.connect({ timeoutMs: 60_000 });
  const client = server.connect({ timeoutMs: 5000 });
  client.create('/e', '', ephemeral);
  const bucketMs = (Math.floor((server.scheduler.nowMs + 5000) / 2000) + 1) * 2000;
  server.advance(bucketMs - server.scheduler.nowMs - 1);
  assert.equal(other.exists('/e').err, 0);
  server.advance(101);
  assert.equal(client.isClosed, true);
  assert.equal(other.exists('/e').err, ErrorCode.NONODE);
  assert.equal(server.database.sessions.size, 1);
  const { sessionId, passwd } = client.response!;
  assert.equal(server.open().connect({ sessionId, passwd })!.timeOut, 0);
});

test('a process that was paused reads the waiting requests before it expires sessions', () => {
  const server = new TestServer({ tickTimeMs: 2000 });
  const lively = server.connect({ timeoutMs: 6000 });
  const silent = server.connect({ timeoutMs: 6000 });
  lively.send('ping', undefined, Xid.ping);
  server.scheduler.nowMs += 20_000;
  while (server.scheduler.step(server.scheduler.nowMs));
  server.advance(200);
  assert.equal(lively.isClosed, false);
  assert.equal(silent.isClosed, true);
  assert.equal(server.database.sessions.size, 1);
});

test('pings and all other requests keep a session alive', () => {
  const server = new TestServer({ tickTimeMs: 2000 });
  const client = server.connect({ timeoutMs: 6000 });
  const reader = server.connect({ timeoutMs: 6000 });
  for (let second = 0; second < 60; second += 5) {
    server.advance(5000);
    client.ping();
    assert.equal(reader.exists('/').err, 0);
  }
  assert.deepEqual([client.isClosed, reader.isClosed], [false, false]);
});

test('a session without a connection lasts for its timeout', () => {
  const server = new TestServer({ tickTimeMs: 2000 });
  const other = server.connect({ timeoutMs: 60_000 });
  const client = server.connect({ timeoutMs: 8000 });
  client.create('/e', '', ephemeral);
  client.disconnect();
  server.advance(7000);
  assert.equal(other.exists('/e').err, 0);
  server.advance(5000);
  assert.equal(other.exists('/e').err, ErrorCode.NONODE);
});

test('closeSession deletes the ephemerals, replies and closes the connection; later requests are dropped', () => {
  const server = new TestServer();
  const other = server.connect();
  const client = server.connect();
  client.create('/keep');
  client.create('/keep/e', '', ephemeral);
  client.send('create', createRequest('/late', '', ephemeral), 50);
  client.send('closeSession', undefined, 51);
  client.send('create', createRequest('/dropped'), 52);
  client.send('getData', { path: '/', watch: false }, 53);
  server.settle();
  assert.deepEqual(client.story(), ['reply 50', 'reply 51']);
  assert.equal(client.isClosed, true);
  assert.deepEqual(other.children('/'), ['keep', 'zookeeper']);
  assert.deepEqual(other.children('/keep'), []);
  assert.deepEqual(server.warnings, []);
});

test('closing a session also deletes its uncommitted ephemerals (1.9.12)', () => {
  const server = new TestServer();
  const other = server.connect();
  const client = server.connect();
  client.create('/old', '', ephemeral);
  server.diskIsSlow = true;
  client.send('create', createRequest('/p'));
  client.send('create', createRequest('/p/new', '', ephemeral));
  client.send('delete', { path: '/old', version: -1 });
  client.send('closeSession');
  server.settle();
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(other.children('/'), ['p', 'zookeeper']);
  assert.deepEqual(other.children('/p'), []);
  server.restart();
  assert.deepEqual(server.connect().children('/p'), []);
  assert.deepEqual(server.warnings, []);
});

test('closeSessionTxn.enabled=no: ephemerals are deleted without a list in the txn, also after a restart', () => {
  const server = new TestServer({ closeSessionTxnEnabled: false });
  const client = server.connect();
  client.create('/e', '', ephemeral);
  client.close();
  assert.deepEqual(server.connect().children('/'), ['zookeeper']);
  server.restart();
  assert.deepEqual(server.connect().children('/'), ['zookeeper']);
});

test('a restart keeps sessions and their ephemerals, and each session has its full timeout again (11.29)', () => {
  const server = new TestServer({ tickTimeMs: 2000 });
  const client = server.connect({ timeoutMs: 10_000 });
  const silent = server.connect({ timeoutMs: 10_000 });
  client.create('/e', '', ephemeral);
  silent.create('/s', '', ephemeral);
  server.advance(9000);
  server.restart();
  const { sessionId, passwd } = client.response!;
  const again = server.connect({ sessionId, passwd, timeoutMs: 10_000 });
  server.advance(9000);
  again.ping();
  assert.deepEqual(again.children('/'), ['e', 's', 'zookeeper']);
  server.advance(4000);
  assert.deepEqual(again.children('/'), ['e', 'zookeeper']);
});

test('S-2 ZK-3144: a session closed before a crash stays closed, and its ephemerals stay deleted', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/e', '', ephemeral);
  client.close();
  server.crash(() => 0);
  assert.deepEqual(server.connect().children('/'), ['zookeeper']);
  assert.equal(server.database.sessions.size, 1);
});

test('L-1 ZK-4306: a session with more ephemerals than one txn can list can be closed', () => {
  const server = new TestServer({ juteMaxBufferBytes: 4096, juteMaxBufferExtraSizeBytes: 4096 });
  const client = server.connect();
  const name = 'n'.repeat(200);
  for (let index = 0; index < 100; index++) client.create(`/${name}${index}`, '', ephemeral);
  client.close();
  assert.deepEqual(server.connect().children('/'), ['zookeeper']);
  assert.ok(largestTxnBytes(server) <= 8192, `a txn of ${largestTxnBytes(server)} bytes`);
});

test('L-1 ZK-4306: a session with more ephemerals than one txn can list can expire', () => {
  const server = new TestServer({ juteMaxBufferBytes: 4096, juteMaxBufferExtraSizeBytes: 4096 });
  const client = server.connect({ timeoutMs: 6000 });
  const name = 'n'.repeat(200);
  for (let index = 0; index < 100; index++) client.create(`/${name}${index}`, '', ephemeral);
  server.advance(20_000);
  assert.deepEqual(server.connect().children('/'), ['zookeeper']);
  assert.ok(largestTxnBytes(server) <= 8192, `a txn of ${largestTxnBytes(server)} bytes`);
});

test('L-1 ZK-4306: a session with more uncommitted ephemerals than one txn can list can be closed', () => {
  const server = new TestServer({ juteMaxBufferBytes: 4096, juteMaxBufferExtraSizeBytes: 4096 });
  const client = server.connect();
  const name = 'n'.repeat(200);
  server.diskIsSlow = true;
  for (let index = 0; index < 100; index++) {
    client.send('create', createRequest(`/${name}${index}`, '', ephemeral));
  }
  client.send('closeSession');
  server.settle();
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(server.connect().children('/'), ['zookeeper']);
  assert.ok(largestTxnBytes(server) <= 8192, `a txn of ${largestTxnBytes(server)} bytes`);
  assert.deepEqual(server.warnings, []);
});

/**
 * Returns the size of the largest entry in the logs. An entry starts with a checksum of eight bytes, and its length
 * follows.
 */
function largestTxnBytes(server: TestServer): number {
  let largest = 0;
  for (const name of server.disk.list('/data/version-2').filter((file) => file.startsWith('log.'))) {
    const bytes = server.disk.contentOf(`/data/version-2/${name}`);
    for (let at = 16; at + 12 <= bytes.length; ) {
      const length = bytes.readInt32BE(at + 8);
      if (length <= 0) break;
      largest = Math.max(largest, length);
      at += 12 + length + 1;
    }
  }
  return largest;
}

test('if many sessions expire at once, the log names the first twenty and counts all', () => {
  const server = new TestServer({ maxClientCnxns: 0 });
  for (let count = 0; count < 50; count++) server.connect({ timeoutMs: 4000 }).disconnect();
  server.advance(60_000);
  const expiring = server.logged.filter((line) => line.startsWith('INFO Expiring'));
  assert.equal(expiring.length, 21);
  assert.equal(expiring.at(-1), 'INFO Expiring 50 sessions in total at this time');
  assert.equal(server.database.sessions.size, 0);
});
