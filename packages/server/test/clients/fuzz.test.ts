import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddWatchMode, type OpName, opTable } from '@nodekeeper/protocol';
import { below, forSeeds, pick, randomFrom } from '../../src/testing/random.js';
import { connectFrame, requestFrame } from '../../src/testing/wire.js';
import { RealClient } from '../support/real-client.js';
import { startRealServer } from '../support/real-server.js';
import { createRequest, openAcl, type TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { assertConsistent } from '../tree/tree-model.js';

const lists = { dataWatches: ['/a'], existWatches: ['/x'], childWatches: ['/a', '/b'] };
const createOp = { type: 1, request: createRequest('/fuzz/m') } as const;

/** One valid request of each operation. Requests that write use paths within /fuzz. */
const requests: [OpName, unknown][] = [
  ['create', createRequest('/fuzz/a', 'data')],
  ['create2', createRequest('/fuzz/b', 'data', { flags: 2 })],
  ['createContainer', createRequest('/fuzz/c', '', { flags: 4 })],
  ['createTTL', { ...createRequest('/fuzz/t', '', { flags: 5 }), ttl: 1000n }],
  ['delete', { path: '/fuzz/a', version: -1 }],
  ['deleteContainer', { path: Buffer.from('/fuzz/c') }],
  ['exists', { path: '/fuzz/a', watch: true }],
  ['getData', { path: '/fuzz/a', watch: true }],
  ['setData', { path: '/fuzz/a', data: Buffer.from('new'), version: -1 }],
  ['getACL', { path: '/fuzz/a' }],
  ['setACL', { path: '/fuzz/a', acl: openAcl, version: -1 }],
  ['getChildren', { path: '/fuzz', watch: true }],
  ['getChildren2', { path: '/fuzz', watch: false }],
  ['sync', { path: '/fuzz' }],
  ['multi', [createOp, { type: 2, request: { path: '/fuzz/m', version: -1 } }]],
  ['multiRead', [{ type: 4, request: { path: '/fuzz', watch: false } }]],
  ['reconfig', { joiningServers: 'x', leavingServers: null, newMembers: null, curConfigId: -1n }],
  ['checkWatches', { path: '/fuzz/a', type: 1 }],
  ['removeWatches', { path: '/fuzz/a', type: 3 }],
  ['auth', { type: 0, scheme: 'digest', auth: Buffer.from('u:p') }],
  ['sasl', { token: Buffer.from('t') }],
  ['setWatches', { relativeZxid: 0, ...lists }],
  ['setWatches2', { relativeZxid: 5, ...lists, persistentWatches: ['/a'], persistentRecursiveWatches: ['/b'] }],
  ['getEphemerals', { prefixPath: '/' }],
  ['getAllChildrenNumber', { path: '/fuzz' }],
  ['addWatch', { path: '/fuzz', mode: AddWatchMode.persistentRecursive }],
  ['whoAmI', undefined],
  ['ping', undefined],
  ['closeSession', undefined],
];

const interesting = [0, -1, -2, 1, 0x7fffffff, -0x80000000, 0x00ffffff, 1048575, 1048576, 255, 65536];

function mutated(random: () => number, frame: Buffer): Buffer {
  const bytes = Buffer.from(frame);
  for (let changes = 1 + below(random, 3); changes > 0; changes--) {
    const at = below(random, bytes.length);
    switch (below(random, 5)) {
      case 0:
        bytes[at]! ^= 1 << below(random, 8);
        break;
      case 1:
        bytes[at] = below(random, 256);
        break;
      case 2:
        // Overwrite four bytes after the length of the frame. They may be a length, a count or an operation code.
        if (bytes.length >= 8) bytes.writeInt32BE(pick(random, interesting), 4 + below(random, bytes.length - 7));
        break;
      case 3:
        if (random() < 0.2 && bytes.length >= 4) bytes.writeInt32BE(pick(random, interesting), 0);
        break;
      default: {
        const cut = bytes.subarray(0, Math.max(4, at));
        if (random() < 0.8) cut.writeInt32BE(cut.length - 4, 0);
        return cut;
      }
    }
  }
  return bytes;
}

function randomBytes(random: () => number, lengthMax: number): Buffer {
  return Buffer.from(Array.from({ length: 1 + below(random, lengthMax) }, () => below(random, 256)));
}

function attack(random: () => number, server: TestServer): void {
  const kind = below(random, 10);
  if (kind === 0) {
    const client = server.open();
    client.raw(randomBytes(random, 200));
    if (random() < 0.5) client.connection.halfClose();
    server.settle();
    client.disconnect();
    return;
  }
  if (kind === 1) {
    const client = server.open();
    client.raw(mutated(random, connectFrame({ readOnly: pick(random, [true, false, undefined]) })));
    server.settle();
    client.disconnect();
    return;
  }
  const client = server.connect();
  client.connection.receive = () => {};
  client.connection.chunkBytesMax = pick(random, [1, 7, 64, 65536]);
  for (let count = 1 + below(random, 12); count > 0; count--) {
    const [op, request] = pick(random, requests);
    let frame = requestFrame(count, op, request);
    if (random() < 0.6) frame = mutated(random, frame);
    client.raw(frame);
    if (random() < 0.1) client.raw(randomBytes(random, 30));
  }
  if (random() < 0.3)
    client.raw(requestFrame(1, 'getData', { path: '/fuzz', watch: false }).subarray(0, below(random, 20)));
  server.diskIsSlow = random() < 0.3;
  server.settle();
  server.diskIsSlow = false;
  client.disconnect();
}

/** Asserts that the fuzzing clients have not affected the owner of /kept. Only the owner may write to this node. */
function assertHealthy(server: TestServer, owner: TestClient, value: string): void {
  assert.equal(owner.isClosed, false);
  assert.equal(owner.text('/kept'), value);
  const path = owner.create('/kept/n', '', { flags: 2 }).body.path as string;
  assert.equal(owner.delete(path).err, 0);
  assert.equal(owner.ping().err, 0);
  assert.deepEqual(owner.events(), []);
  assert.equal(server.clients.outstanding, 0);
  assertConsistent(server.database.tree);
}

test('fuzz: random requests do not stop the server, and other clients notice nothing', () => {
  forSeeds(6, (random) => {
    const server = new TestServer({ extendedTypesEnabled: true, snapCount: 500, maxClientCnxns: 0 });
    const owner = server.connect({ timeoutMs: 60_000 });
    owner.auth('digest', 'owner:secret');
    owner.create('/kept', 'value', { acl: [{ perms: 31, id: { scheme: 'auth', id: '' } }] });
    owner.create('/fuzz');
    for (let round = 0; round < 120; round++) {
      attack(random, server);
      if (round % 20 === 0) assertHealthy(server, owner, 'value');
      if (round % 50 === 49) {
        server.advance(10_000);
        owner.ping();
      }
    }
    assertHealthy(server, owner, 'value');
    assert.equal(server.clients.connectionCount, 1, 'all connections are closed');
    for (let part = 0; part < 3; part++) {
      server.advance(30_000);
      owner.ping();
    }
    assert.equal(server.database.sessions.size, 1, 'all sessions are closed');
    assert.equal(server.view.watchCount, 0);
    assert.equal(server.clients.requests.largeBytes, 0);
    assert.ok(server.warnings.every((line) => !line.startsWith('ERROR')));
    server.crash(random);
    const again = server.connect();
    again.auth('digest', 'owner:secret');
    assert.equal(again.text('/kept'), 'value');
  });
});

test('each request cut at any byte gets MARSHALLINGERROR, a reply or a closed connection, and has no other effect', () => {
  const server = new TestServer({ extendedTypesEnabled: true, maxClientCnxns: 0 });
  const owner = server.connect();
  owner.create('/fuzz');
  for (const [op, request] of requests) {
    const whole = requestFrame(9, op, request);
    for (let length = 4; length < whole.length; length++) {
      const client = server.connect();
      const cut = Buffer.from(whole.subarray(0, length));
      cut.writeInt32BE(length - 4, 0);
      client.raw(cut);
      server.settle();
      assert.ok(client.replies().length + (client.isClosed ? 1 : 0) >= 1, `${op} cut at ${length}`);
      client.disconnect();
    }
  }
  assert.equal(owner.exists('/fuzz').err, 0);
  const tried = new Set<string>(requests.map(([op]) => op));
  const left = Object.keys(opTable).filter((op) => !tried.has(op));
  assert.deepEqual(left, ['notification', 'check', 'createSession', 'error'], 'those that no client sends');
});

test('a real server keeps serving a healthy client under random bytes, partial frames and a flood', async (context) => {
  const seed = Math.floor(Math.random() * 1e9);
  const random = randomFrom(seed);
  context.diagnostic(`seed ${seed}`);
  const { port } = await startRealServer(context, { maxClientCnxns: 0 });
  const healthy = await RealClient.connect(port);
  await healthy.call('create', createRequest('/fuzz'));
  await healthy.call('create', createRequest('/big', 'x'.repeat(900_000)));
  const memoryBefore = process.memoryUsage().rss;

  const flood = await RealClient.connect(port);
  flood.socket.pause();
  for (let index = 0; index < 3000; index++) flood.send('getData', { path: '/big', watch: false });

  for (let round = 0; round < 60; round++) {
    const attacker = random() < 0.3 ? await RealClient.open(port) : await RealClient.connect(port);
    attacker.socket.removeAllListeners('data').resume();
    const [op, request] = pick(random, requests);
    attacker.socket.write(random() < 0.3 ? randomBytes(random, 100) : mutated(random, requestFrame(1, op, request)));
    if (random() < 0.5) attacker.socket.end();
    const found = await healthy.call('getData', { path: '/big', watch: false });
    assert.equal(found.body.data.length, 900_000);
    attacker.destroy();
  }
  assert.equal(flood.isClosed, false);
  const grown = (process.memoryUsage().rss - memoryBefore) / 1e6;
  assert.ok(grown < 300, `${grown} MB more for a client that asks for 2.7 GB and does not read`);
  flood.destroy();
  // create a node outside /fuzz, because a mutated delete may have removed /fuzz
  assert.equal((await healthy.call('create', createRequest('/after'))).err, 0);
  healthy.destroy();
});
