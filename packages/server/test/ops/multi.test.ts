import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFlag, ErrorCode, type MultiOp, type MultiResult, OpCode, Perm } from '@nodekeeper/protocol';
import { createRequest } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const create = (path: string, data = '', flags = 0): MultiOp => ({
  type: OpCode.create,
  request: createRequest(path, data, { flags }),
});
const remove = (path: string, version = -1): MultiOp => ({ type: OpCode.delete, request: { path, version } });
const set = (path: string, data: string, version = -1): MultiOp => ({
  type: OpCode.setData,
  request: { path, data: Buffer.from(data), version },
});
const check = (path: string, version: number): MultiOp => ({ type: OpCode.check, request: { path, version } });
const errors = (...codes: number[]) => codes.map((err) => ({ type: OpCode.error, response: { err } }));

test('S-10 ZK-4026: every kind of sub-operation has its own result in a multi', () => {
  const server = new TestServer({ extendedTypesEnabled: true });
  const client = server.connect();
  client.create('/old');
  client.create('/set');
  const reply = client.multi(
    create('/plain', 'p'),
    { type: OpCode.create2, request: createRequest('/stat', 'four') },
    { type: OpCode.createContainer, request: createRequest('/box', '', { flags: CreateFlag.CONTAINER }) },
    {
      type: OpCode.createTTL,
      request: { ...createRequest('/ttl', '', { flags: CreateFlag.PERSISTENT_WITH_TTL }), ttl: 1000n },
    },
    remove('/old'),
    set('/set', 'value'),
    check('/set', 1),
  );
  const results: MultiResult[] = reply.body;
  assert.deepEqual(
    results.map((result) => result.type),
    [OpCode.create, OpCode.create2, OpCode.create2, OpCode.create2, OpCode.delete, OpCode.setData, OpCode.check],
  );
  const stat = (index: number) => (results[index]!.response as { stat: { czxid: number; dataLength: number } }).stat;
  assert.deepEqual([stat(1).czxid, stat(1).dataLength], [reply.zxid, 4]);
  for (const index of [2, 3]) assert.equal(stat(index).czxid, reply.zxid);
  assert.deepEqual(client.children('/'), ['box', 'plain', 'set', 'stat', 'ttl', 'zookeeper']);
  assert.deepEqual(client.exists('/stat').body.stat, stat(1));
  server.advance(120_000);
  const later = server.connect();
  assert.deepEqual(later.children('/'), ['box', 'plain', 'set', 'stat', 'zookeeper'], 'the TTL node is reaped');
  server.restart();
  assert.deepEqual(server.connect().children('/'), ['box', 'plain', 'set', 'stat', 'zookeeper']);
  assert.deepEqual(server.warnings, []);
});

test('a multi takes one zxid, whether it succeeds, fails, or cannot be decoded', () => {
  const client = new TestServer().connect();
  const { zxid } = client.create('/a');
  assert.equal(client.multi(create('/b'), create('/c')).zxid, zxid + 1);
  assert.equal(client.multi(create('/b')).zxid, zxid + 2);
  const broken = client.call('multi', Buffer.from([0, 0, 0, 99, 0, 0, 0, 0, 0]));
  assert.deepEqual([broken.err, broken.zxid], [ErrorCode.MARSHALLINGERROR, zxid + 3]);
  const stats = ['/b', '/c'].map((path) => client.exists(path).body.stat.czxid);
  assert.deepEqual(stats, [zxid + 1, zxid + 1]);
});

test('one failed part undoes all: OK before it, its own code, RUNTIMEINCONSISTENCY after it; the reply is OK (1.14.6)', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/p', 'old');
  const before = client.get('/p').body;
  const reply = client.multi(
    create('/p/a'),
    set('/p', 'new'),
    create('/p/b', '', CreateFlag.EPHEMERAL),
    check('/p', 5),
    create('/p/c'),
    remove('/none'),
  );
  const { RUNTIMEINCONSISTENCY, BADVERSION } = ErrorCode;
  assert.equal(reply.err, 0);
  assert.deepEqual(reply.body, errors(0, 0, 0, BADVERSION, RUNTIMEINCONSISTENCY, RUNTIMEINCONSISTENCY));
  assert.deepEqual(client.get('/p').body, before);
  assert.deepEqual(client.children('/p'), []);
  assert.equal(client.create('/p/s', '', { flags: 2 }).body.path, '/p/s0000000000', 'the sequence was not advanced');
  server.restart();
  assert.deepEqual(server.connect().children('/p'), ['s0000000000']);
  assert.deepEqual(server.warnings, []);
});

test('each part sees the effects of the parts before it', () => {
  const client = new TestServer().connect();
  const reply = client.multi(
    create('/a'),
    create('/a/b'),
    set('/a/b', 'x', 0),
    check('/a/b', 1),
    create('/a/n-', '', 2),
    create('/a/n-', '', 2),
    remove('/a/b', 1),
    create('/a/b', 'again'),
  );
  assert.deepEqual(
    reply.body.map((result: MultiResult) => result.type),
    [1, 1, 5, 13, 1, 1, 2, 1],
  );
  assert.deepEqual(client.children('/a'), ['b', 'n-0000000001', 'n-0000000002']);
  const { stat } = client.get('/a/b').body;
  assert.deepEqual([stat.version, stat.czxid], [0, reply.zxid]);
});

test('a write pipelined after a failing multi sees none of its effects', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/a');
  client.send('setData', { path: '/a', data: Buffer.from('1'), version: 0 });
  client.send('multi', [set('/a', '2', 1), create('/x'), remove('/none')]);
  client.send('setData', { path: '/a', data: Buffer.from('3'), version: 1 });
  client.send('create', createRequest('/x/y'));
  client.send('create', createRequest('/x'));
  server.settle();
  assert.deepEqual(
    client.replies().map((reply) => reply.err),
    [0, 0, 0, ErrorCode.NONODE, 0],
  );
  assert.equal(client.text('/a'), '3');
  assert.deepEqual(server.warnings, []);
});

test('an empty multi has an empty reply; reads, nulls and unknown parts are MARSHALLINGERROR', () => {
  const client = new TestServer().connect();
  assert.deepEqual(client.multi().body, []);
  const { MARSHALLINGERROR } = ErrorCode;
  assert.equal(client.multi({ type: OpCode.getData, request: { path: '/', watch: false } }).err, MARSHALLINGERROR);
  const nullPath = { type: OpCode.delete, request: { path: null, version: -1 } } as const;
  assert.equal(client.multi(create('/a'), nullPath).err, MARSHALLINGERROR);
  assert.equal(client.multi(create('/a', '', 9)).err, MARSHALLINGERROR);
  assert.equal(client.exists('/a').err, ErrorCode.NONODE);
});

test('permissions are checked for each part', () => {
  const client = new TestServer().connect();
  client.create('/ro', '', { acl: [{ perms: Perm.READ, id: { scheme: 'world', id: 'anyone' } }] });
  assert.deepEqual(client.multi(check('/ro', 0), set('/ro', 'x')).body, errors(0, ErrorCode.NOAUTH));
  assert.deepEqual(client.multi(create('/ro/x')).body, errors(ErrorCode.NOAUTH));
});

test('L-2 ZK-3496: a multi whose txn would be too large to read back fails alone', () => {
  const server = new TestServer({ juteMaxBufferBytes: 4000, juteMaxBufferExtraSizeBytes: 4000 });
  const client = server.connect();
  for (let user = 0; user < 10; user++) client.auth('digest', `user${user}:${'p'.repeat(20)}`);
  const own = [{ perms: Perm.ALL, id: { scheme: 'auth', id: '' } }];
  const ops: MultiOp[] = [];
  for (let index = 0; index < 40; index++) {
    ops.push({ type: OpCode.create, request: createRequest(`/n${index}`, '', { acl: own }) });
  }
  const reply = client.multi(...ops);
  assert.equal(reply.err, 0);
  assert.equal(reply.body.length, 40);
  assert.ok(reply.body.some((result: MultiResult) => (result.response as { err: number }).err !== 0));
  assert.deepEqual(client.children('/'), ['zookeeper']);
  assert.equal(client.create('/fine', '', { acl: own }).err, 0);
  server.restart();
  assert.deepEqual(server.connect().children('/'), ['fine', 'zookeeper']);
});

test('an ephemeral created in a multi is deleted with its session', () => {
  const server = new TestServer();
  const client = server.connect();
  client.multi(create('/p'), create('/p/e', '', CreateFlag.EPHEMERAL));
  client.close();
  assert.deepEqual(server.connect().children('/p'), []);
});
