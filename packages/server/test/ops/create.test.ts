import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFlag, ErrorCode, Perm } from '@nodekeeper/protocol';
import { Field, StatOffset } from '../../src/tree/node-table.js';
import { createRequest, openAcl } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const noAcl = [{ perms: Perm.READ, id: { scheme: 'world', id: 'anyone' } }];

test('create returns the path, create2 also the Stat of the new node (1.12)', () => {
  const server = new TestServer();
  const client = server.connect();
  const created = client.create('/a', 'x');
  assert.equal(created.body.path, '/a');
  const { path, stat } = client.call('create2', createRequest('/b', 'data')).body;
  assert.equal(path, '/b');
  const zxid = created.zxid + 1;
  assert.deepEqual([stat.czxid, stat.mzxid, stat.pzxid], [zxid, zxid, zxid]);
  assert.deepEqual([stat.version, stat.cversion, stat.aversion], [0, 0, 0]);
  assert.deepEqual([stat.ctime, stat.mtime], [server.scheduler.wallMs(), server.scheduler.wallMs()]);
  assert.deepEqual([stat.dataLength, stat.numChildren, stat.ephemeralOwner], [4, 0, 0n]);
});

test('null data and empty data differ; both have length 0', () => {
  const client = new TestServer().connect();
  client.create('/null', null);
  client.create('/empty', '');
  assert.equal(client.get('/null').body.data, null);
  assert.deepEqual(client.get('/empty').body.data, Buffer.alloc(0));
  assert.equal(client.get('/null').body.stat.dataLength, 0);
});

/**
 * The rows are in the order of the checks (1.13). Each request also violates checks of later rows, so its error shows
 * which check comes first.
 */
const refusals: [name: string, request: ReturnType<typeof createRequest>, error: keyof typeof ErrorCode][] = [
  ['an unknown flag', createRequest('nonsense', '', { flags: 7, acl: [] }), 'BADARGUMENTS'],
  ['a negative flag', createRequest('/x', '', { flags: -1 }), 'BADARGUMENTS'],
  ['a TTL flag with TTLs off', createRequest('nonsense', '', { flags: 5 }), 'UNIMPLEMENTED'],
  ['no slash in the path', createRequest('nonsense', '', { acl: [] }), 'BADARGUMENTS'],
  ['an empty path', createRequest('', '', { acl: [] }), 'BADARGUMENTS'],
  ['NUL in the path', createRequest('/a\0b', '', { acl: [] }), 'BADARGUMENTS'],
  ['no ACL', createRequest('/missing/b', '', { acl: [] }), 'INVALIDACL'],
  ['a null ACL', createRequest('/missing/b', '', { acl: null }), 'INVALIDACL'],
  ['no parent', createRequest('/missing/..', ''), 'NONODE'],
  ['no CREATE permission on the parent', createRequest('/closed/..', ''), 'NOAUTH'],
  ['an illegal name', createRequest('/a/..', ''), 'BADARGUMENTS'],
  ['a slash at the end', createRequest('/a/', ''), 'BADARGUMENTS'],
  ['an empty name', createRequest('/a//b', ''), 'NONODE'],
  ['the root', createRequest('/', ''), 'NODEEXISTS'],
  ['an existing path below an ephemeral', createRequest('/a', ''), 'NODEEXISTS'],
  ['an ephemeral parent', createRequest('/e/b', ''), 'NOCHILDRENFOREPHEMERALS'],
];

for (const [name, request, error] of refusals) {
  test(`create with ${name} is refused with ${error}, takes a zxid and changes nothing`, () => {
    const client = new TestServer().connect();
    client.create('/a');
    client.create('/e', '', { flags: CreateFlag.EPHEMERAL });
    const { zxid } = client.create('/closed', '', { acl: noAcl });
    for (const op of ['create', 'create2', 'createContainer'] as const) {
      if (op === 'createContainer' && request.flags === 5) continue;
      assert.equal(client.call(op, request).err, ErrorCode[error], op);
    }
    const root = client.exists('/');
    assert.equal(root.body.stat.numChildren, 4);
    assert.equal(root.zxid, zxid + (request.flags === 5 ? 2 : 3));
  });
}

test('a null path is MARSHALLINGERROR', () => {
  assert.equal(new TestServer().connect().create(null as never).err, ErrorCode.MARSHALLINGERROR);
});

test("create and delete change the parent's cversion and pzxid, not its mzxid (1.12)", () => {
  const client = new TestServer().connect();
  const before = client.call('create2', createRequest('/p')).body.stat;
  client.create('/p/1');
  const created = client.create('/p/2');
  let { stat } = client.exists('/p').body;
  assert.deepEqual([stat.cversion, stat.numChildren, stat.pzxid], [2, 2, created.zxid]);
  const deleted = client.delete('/p/1');
  ({ stat } = client.exists('/p').body);
  assert.deepEqual([stat.cversion, stat.numChildren, stat.pzxid], [3, 1, deleted.zxid]);
  assert.deepEqual([stat.mzxid, stat.mtime, stat.version], [before.mzxid, before.mtime, 0]);
});

test('ephemerals have the session as owner; containers and plain nodes show owner 0', () => {
  const client = new TestServer().connect();
  const { stat } = client.call('create2', createRequest('/e', '', { flags: CreateFlag.EPHEMERAL })).body;
  assert.equal(stat.ephemeralOwner, client.sessionId);
  const container = client.call('createContainer', createRequest('/c', '', { flags: CreateFlag.CONTAINER })).body;
  assert.equal(container.stat.ephemeralOwner, 0n);
  assert.equal(client.create('/c/child').err, 0);
});

test('a sequence counts creates under the parent with any name, but not deletes and refusals', () => {
  const client = new TestServer().connect();
  const sequential = (path: string) => client.create(path, '', { flags: CreateFlag.PERSISTENT_SEQUENTIAL });
  client.create('/q');
  assert.equal(sequential('/q/a-').body.path, '/q/a-0000000000');
  client.create('/q/plain');
  assert.equal(sequential('/q/').body.path, '/q/0000000002');
  client.delete('/q/plain');
  assert.equal(client.create('/q/0000000002').err, ErrorCode.NODEEXISTS);
  const ephemeral = client.create('/q/b', '', { flags: CreateFlag.EPHEMERAL_SEQUENTIAL });
  assert.equal(ephemeral.body.path, '/q/b0000000003');
});

test('pipelined sequential creates of several clients get numbers without gaps or duplicates', () => {
  const server = new TestServer();
  const clients = [server.connect(), server.connect(), server.connect()];
  for (let round = 0; round < 20; round++) {
    for (const client of clients) {
      client.send('create', createRequest('/s', '', { flags: CreateFlag.PERSISTENT_SEQUENTIAL }));
    }
  }
  server.settle();
  const paths = clients.flatMap((client) => client.replies().map((reply) => reply.body.path as string)).sort();
  const first = Number(paths[0]!.slice(2));
  assert.deepEqual(
    paths,
    paths.map((_, index) => `/s${String(first + index).padStart(10, '0')}`),
  );
});

/** Sets the create counter of a node to a value that only billions of creates would reach. */
function setCversion(server: TestServer, path: string, cversion: number): void {
  const { tree, changes } = server.database;
  const node = tree.findPath(path);
  tree.nodes.setInt(node, StatOffset.cversion, cversion);
  tree.nodeDigests.statChanged(node);
  changes.reset();
  assert.notEqual(tree.nodes.get(node, Field.childCount), -1);
}

test('L-10 ZK-4706: after 2147483647 a pipelined sequence continues with negative numbers, as in ZooKeeper', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/q');
  setCversion(server, '/q', 2147483646);
  server.diskIsSlow = true;
  for (let count = 0; count < 4; count++) {
    client.send('create', createRequest('/q/n', '', { flags: CreateFlag.PERSISTENT_SEQUENTIAL }));
  }
  server.settle();
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(
    client.replies().map((reply) => reply.body?.path ?? reply.err),
    ['/q/n2147483646', '/q/n2147483647', '/q/n-2147483648', '/q/n-2147483647'],
  );
  // The transactions now contain a negative counter. As in ZooKeeper, the tree ignores it, because a counter never
  // decreases. So the tree's digest differs from the expected digest. The server logs the difference only once.
  const before = server.warnings.length;
  for (let count = 0; count < 5; count++) assert.equal(client.create(`/after${count}`).err, 0);
  assert.equal(server.warnings.length, before);
});

test('TTL nodes are UNIMPLEMENTED when disabled; when enabled, the range is checked and the flag must fit the operation', () => {
  const off = new TestServer().connect();
  const ttlRequest = (path: string, ttl: bigint, flags: number = CreateFlag.PERSISTENT_WITH_TTL) => ({
    ...createRequest(path, '', { flags }),
    ttl,
  });
  assert.equal(off.call('createTTL', ttlRequest('/t', 10n)).err, ErrorCode.UNIMPLEMENTED);

  const client = new TestServer({ extendedTypesEnabled: true }).connect();
  for (const ttl of [0n, -1n, 1n << 40n]) {
    assert.equal(client.call('createTTL', ttlRequest('/t', ttl)).err, ErrorCode.BADARGUMENTS, String(ttl));
  }
  assert.equal(client.call('createTTL', ttlRequest('/t', 10n, CreateFlag.PERSISTENT)).err, ErrorCode.BADARGUMENTS);
  assert.equal(client.create('/t', '', { flags: CreateFlag.PERSISTENT_WITH_TTL }).err, ErrorCode.BADARGUMENTS);
  const { path, stat } = client.call('createTTL', ttlRequest('/t', (1n << 40n) - 1n)).body;
  assert.deepEqual([path, stat.ephemeralOwner], ['/t', 0n]);
  assert.equal(client.call('createTTL', ttlRequest('/t', 5n, 6)).body.path, '/t0000000001');
  assert.equal(client.create('/t/child').err, 0);
});

test('create with the container flag makes a plain node that is never reaped (1.10.2)', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/c', '', { flags: CreateFlag.CONTAINER });
  client.create('/c/x');
  client.delete('/c/x');
  server.advance(200_000);
  assert.equal(server.connect().exists('/c').err, 0);
});

test('a pipelined child is checked against its uncommitted parent', () => {
  const server = new TestServer();
  const client = server.connect();
  client.send('create', createRequest('/a'));
  client.send('create', createRequest('/a/b'));
  client.send('delete', { path: '/a', version: -1 });
  client.send('delete', { path: '/a/b', version: -1 });
  client.send('create', createRequest('/a/b'));
  client.send('delete', { path: '/a', version: -1 });
  client.send('delete', { path: '/a/b', version: -1 });
  client.send('delete', { path: '/a', version: -1 });
  client.send('create', createRequest('/a/b', '', { acl: openAcl }));
  server.settle();
  const { NOTEMPTY, NONODE } = ErrorCode;
  assert.deepEqual(
    client.replies().map((reply) => reply.err),
    [0, 0, NOTEMPTY, 0, 0, NOTEMPTY, 0, 0, NONODE],
  );
  assert.deepEqual(server.warnings, []);
});
