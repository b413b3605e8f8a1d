import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFlag, ErrorCode, type MultiOp, OpCode, Perm } from '@nodekeeper/protocol';
import { openAcl } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const unreadable = [{ perms: Perm.ALL & ~Perm.READ, id: { scheme: 'world', id: 'anyone' } }];

function serverWithNodes() {
  const server = new TestServer();
  const client = server.connect();
  client.create('/a', 'data');
  client.create('/a/x');
  client.create('/a/x/y');
  client.create('/hidden', 'secret', { acl: unreadable });
  return { server, client };
}

for (const op of ['getData', 'getChildren', 'getChildren2', 'getAllChildrenNumber'] as const) {
  test(`${op}: a missing node is NONODE, a missing permission NOAUTH, a null path MARSHALLINGERROR`, () => {
    const { client } = serverWithNodes();
    const ask = (path: string | null) => client.call(op, { path, watch: false }).err;
    assert.equal(ask('/none'), ErrorCode.NONODE);
    assert.equal(ask('not a path'), ErrorCode.NONODE);
    assert.equal(ask('/a/'), ErrorCode.NONODE);
    assert.equal(ask('/hidden'), ErrorCode.NOAUTH);
    assert.equal(ask(null), ErrorCode.MARSHALLINGERROR);
    assert.equal(ask('/a'), 0);
  });
}

test('exists: NONODE, NOAUTH without READ, BADARGUMENTS for NUL', () => {
  const { client } = serverWithNodes();
  assert.equal(client.exists('/none').err, ErrorCode.NONODE);
  assert.equal(client.exists('/hidden').err, ErrorCode.NOAUTH);
  assert.equal(client.exists('/a\0').err, ErrorCode.BADARGUMENTS);
  assert.equal(client.exists('/a').body.stat.dataLength, 4);
});

test('reads return data, children and Stat; a refused read has no body', () => {
  const { client } = serverWithNodes();
  const data = client.get('/a').body;
  assert.equal(data.data.toString(), 'data');
  const children = client.call('getChildren2', { path: '/a', watch: false }).body;
  assert.deepEqual([children.children, children.stat], [['x'], data.stat]);
  assert.equal(client.get('/hidden').bodyBytes.length, 0);
  assert.deepEqual(client.children('/'), ['a', 'hidden', 'zookeeper']);
});

test('getAllChildrenNumber counts all descendants; for the root it counts as ZooKeeper does (11.30)', () => {
  const { client } = serverWithNodes();
  const count = (path: string) => client.call('getAllChildrenNumber', { path }).body.totalNumber;
  assert.equal(count('/a'), 2);
  assert.equal(count('/a/x/y'), 0);
  // ZooKeeper counts the entries of its map and subtracts two. The entries are "", "/", /zookeeper, /zookeeper/quota,
  // /zookeeper/config and the four nodes of this test.
  assert.equal(count('/'), 7);
});

test('getEphemerals returns the ephemerals of this session whose path starts with the prefix', () => {
  const { server, client } = serverWithNodes();
  const other = server.connect();
  for (const path of ['/e', '/e2', '/f']) client.create(path, '', { flags: CreateFlag.EPHEMERAL });
  other.create('/other', '', { flags: CreateFlag.EPHEMERAL });
  const list = (prefixPath: string | null) =>
    client.call('getEphemerals', { prefixPath }).body.ephemerals.sort() as string[];
  assert.deepEqual(list('/e'), ['/e', '/e2']);
  for (const all of [null, '', ' ', '/']) assert.deepEqual(list(all), ['/e', '/e2', '/f']);
  assert.deepEqual(list('/none'), []);
});

test('sync returns any path unchanged, after the writes before it', () => {
  const { server, client } = serverWithNodes();
  client.send('setData', { path: '/a', data: Buffer.from('new'), version: -1 });
  client.send('sync', { path: '/not/there' });
  server.settle();
  const [, sync] = client.replies();
  assert.equal(sync!.body.path, '/not/there');
});

test('whoAmI lists scheme and user of every id', () => {
  const { client } = serverWithNodes();
  client.auth('digest', 'ann:secret');
  assert.deepEqual(client.call('whoAmI').body.clientInfo, [
    { authScheme: 'ip', user: '127.0.0.1' },
    { authScheme: 'digest', user: 'ann' },
  ]);
});

test('/zookeeper/config exists and is readable, but cannot be changed', () => {
  const { client } = serverWithNodes();
  assert.equal(client.get('/zookeeper/config').err, 0);
  assert.equal(client.set('/zookeeper/config', 'x').err, ErrorCode.NOAUTH);
  assert.deepEqual(client.children('/zookeeper'), ['config', 'quota']);
});

test('multiRead answers each read separately, sets no watch, and refuses other operations (1.14.12)', () => {
  const { client } = serverWithNodes();
  const read = (type: number, path: string) => ({ type, request: { path, watch: true } }) as MultiOp;
  const results = client.call('multiRead', [
    read(OpCode.getData, '/a'),
    read(OpCode.getData, '/none'),
    read(OpCode.getChildren, '/a'),
    read(OpCode.getChildren, '/hidden'),
  ]).body;
  assert.equal(results[0].response.data.toString(), 'data');
  assert.deepEqual(results[1], { type: OpCode.error, response: { err: ErrorCode.NONODE } });
  assert.deepEqual(results[2].response.children, ['x']);
  assert.deepEqual(results[3], { type: OpCode.error, response: { err: ErrorCode.NOAUTH } });
  client.set('/a', 'changed');
  assert.deepEqual(client.events(), []);
  assert.deepEqual(client.call('multiRead', []).body, []);
  const write = { type: OpCode.delete, request: { path: '/a', version: -1 } } as const;
  assert.equal(client.call('multiRead', [write]).err, ErrorCode.MARSHALLINGERROR);
  assert.equal(client.exists('/a').err, 0);
});

test('ping is answered at once with xid -2, also while a write waits for the disk', () => {
  const { server, client } = serverWithNodes();
  server.diskIsSlow = true;
  const write = client.send('create', { path: '/slow', data: null, acl: openAcl, flags: 0 });
  const read = client.send('getData', { path: '/a', watch: false });
  assert.equal(client.ping().err, 0);
  assert.deepEqual(client.story(), []);
  server.diskIsSlow = false;
  server.settle();
  assert.deepEqual(client.story(), [`reply ${write}`, `reply ${read}`]);
});

test('a multiRead whose reply would fill the memory is MARSHALLINGERROR, and the server continues', () => {
  const { server, client } = serverWithNodes();
  client.create('/big', 'x'.repeat(900_000));
  const reads = (count: number) =>
    Array.from({ length: count }, () => ({ type: OpCode.getData, request: { path: '/big', watch: false } }) as MultiOp);
  assert.equal(client.call('multiRead', reads(20)).body.length, 20);
  assert.equal(client.call('multiRead', reads(10_000)).err, ErrorCode.MARSHALLINGERROR);
  assert.equal(client.exists('/big').err, 0);
  assert.equal(server.connect().exists('/big').err, 0);
});
