import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ACL, ErrorCode, OpCode, Perm, Writer } from '@nodekeeper/protocol';
import { createRequest, openAcl } from '../support/test-client.js';
import { TestEnsemble } from '../support/test-ensemble.js';
import { TestServer } from '../support/test-server.js';

const world = (perms: number): ACL[] => [{ perms, id: { scheme: 'world', id: 'anyone' } }];

test('delete checks special paths, parent, permission, node, version and children in this order', () => {
  const client = new TestServer().connect();
  client.create('/a');
  client.create('/a/b');
  client.create('/kept', '', { acl: world(Perm.CREATE | Perm.READ) });
  client.create('/kept/x');
  const { BADARGUMENTS, NONODE, NOAUTH, BADVERSION, NOTEMPTY } = ErrorCode;
  for (const path of ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config', 'a', '', '/a\0']) {
    assert.equal(client.delete(path, 7).err, BADARGUMENTS, path);
  }
  assert.equal(client.delete('/no/x', 7).err, NONODE);
  assert.equal(client.delete('/kept/none', 7).err, NOAUTH);
  assert.equal(client.delete('/none', 7).err, NONODE);
  assert.equal(client.delete('/a', 7).err, BADVERSION);
  assert.equal(client.delete('/a', 0).err, NOTEMPTY);
  assert.equal(client.delete('/a/b', 0).err, 0);
  assert.equal(client.delete('/a').err, 0);
  assert.deepEqual(client.children('/'), ['kept', 'zookeeper']);
});

test('setData checks path, node, permission and version in this order, then changes version, mzxid, mtime and length', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/closed', '', { acl: world(Perm.READ) });
  const { stat: before } = client.call('create2', createRequest('/a', 'one')).body;
  const { BADARGUMENTS, NONODE, NOAUTH, BADVERSION } = ErrorCode;
  for (const path of ['', 'a', '/a/', '/a//b']) assert.equal(client.set(path, 'x', 7).err, BADARGUMENTS, path);
  assert.equal(client.set('/none', 'x', 7).err, NONODE);
  assert.equal(client.set('/closed', 'x', 7).err, NOAUTH);
  assert.equal(client.set('/a', 'x', 7).err, BADVERSION);
  server.advance(5000);
  const reply = client.set('/a', 'longer', 0);
  const { stat } = reply.body;
  assert.deepEqual(
    { ...stat },
    {
      ...before,
      version: 1,
      mzxid: reply.zxid,
      mtime: server.scheduler.wallMs(),
      dataLength: 6,
    },
  );
  assert.equal(client.set('/a', 'x', 0).err, BADVERSION);
  assert.equal(client.set('/a', null, -1).body.stat.version, 2);
  assert.equal(client.get('/a').body.data, null);
});

test('setACL checks ACL, node, ADMIN and aversion in this order, and changes only aversion', () => {
  const client = new TestServer().connect();
  const { stat: before } = client.call('create2', createRequest('/a', 'x')).body;
  client.create('/closed', '', { acl: world(Perm.READ) });
  const setAcl = (path: string, acl: ACL[] | null, version: number) => client.call('setACL', { path, acl, version });
  const { BADARGUMENTS, INVALIDACL, NONODE, NOAUTH, BADVERSION } = ErrorCode;
  assert.equal(setAcl('a', [], 7).err, BADARGUMENTS);
  assert.equal(setAcl('/none', [], 7).err, INVALIDACL);
  assert.equal(setAcl('/none', openAcl, 7).err, NONODE);
  assert.equal(setAcl('/closed', openAcl, 7).err, NOAUTH);
  assert.equal(setAcl('/a', openAcl, 7).err, BADVERSION);
  assert.deepEqual({ ...setAcl('/a', world(Perm.READ), 0).body.stat }, { ...before, aversion: 1 });
  const { acl, stat } = client.call('getACL', { path: '/a' }).body;
  assert.deepEqual([acl, stat.aversion], [world(Perm.READ), 1]);
  assert.equal(client.set('/a', 'y').err, NOAUTH);
});

test('an operation for servers only is UNIMPLEMENTED for a client, changes nothing and closes the connection', () => {
  const server = new TestServer();
  const other = server.connect();
  other.create('/box', '', { acl: world(Perm.READ) });
  const { zxid } = other.exists('/box');
  for (const [op, request] of [
    ['deleteContainer', { path: Buffer.from('/box') }],
    ['createSession', { timeOut: 1000 }],
  ] as const) {
    const client = server.connect();
    assert.equal(client.call(op, request).err, ErrorCode.UNIMPLEMENTED, op);
    assert.equal(client.isClosed, true, op);
  }
  assert.equal(other.exists('/box').err, 0);
  assert.equal(other.exists('/box').zxid, zxid + 2, 'only the new sessions took a zxid');
});

test('a deleteContainer that a client sends through another server is UNIMPLEMENTED', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const follower = ensemble.members.find((member) => member !== leader)!;
  const client = ensemble.connect(follower.id);
  const { sessionId } = client;
  const body = new Writer();
  body.buffer(Buffer.from('/zookeeper'));
  const { owner } = leader.database.sessions.get(sessionId)!;
  const request = { sessionId, cxid: 0, type: OpCode.deleteContainer, body: body.view() };
  const { lastZxid } = follower.database.tree;
  leader.replica.event(() => leader.replica.request(owner!, request, []));
  ensemble.settle();
  assert.equal(follower.database.tree.lastZxid, lastZxid + 1, 'the follower gets a commit');
  assert.equal(client.exists('/zookeeper').err, 0);
});

test('S-9 ZK-2623: a check outside a multi is UNIMPLEMENTED, is not logged, and closes the connection', () => {
  const server = new TestServer();
  const client = server.connect();
  const { zxid } = client.create('/a');
  const reply = client.call('check', { path: '/a', version: 0 });
  assert.equal(reply.err, ErrorCode.UNIMPLEMENTED);
  assert.equal(client.isClosed, true);
  server.restart();
  assert.equal(server.connect().exists('/a').zxid, zxid + 1, 'only the new session took a zxid');
});

test('RK#399: an unknown operation is UNIMPLEMENTED and closes the connection; other clients are not affected', () => {
  for (const type of [0, 10, 13, 23, 99, 108, 1000, -1, -9, -10, -12, 0x7fffffff, -0x80000000]) {
    const server = new TestServer();
    const other = server.connect();
    const client = server.connect();
    client.create('/a');
    client.raw(Buffer.concat([requestBytes(77, type), requestBytes(78, 11)]));
    server.settle();
    const [reply, ...rest] = client.replies();
    assert.deepEqual([reply!.xid, reply!.err, rest.length], [77, ErrorCode.UNIMPLEMENTED, 0], `type ${type}`);
    assert.equal(client.isClosed, true);
    assert.equal(other.exists('/a').err, 0);
  }
});

function requestBytes(xid: number, type: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeInt32BE(8, 0);
  bytes.writeInt32BE(xid, 4);
  bytes.writeInt32BE(type, 8);
  return bytes;
}

test('reconfig on a standalone server is RECONFIGDISABLED', () => {
  const client = new TestServer().connect();
  const request = { joiningServers: null, leavingServers: null, newMembers: null, curConfigId: -1n };
  assert.equal(client.call('reconfig', request).err, ErrorCode.RECONFIGDISABLED);
});

test('a request that cannot be decoded gets MARSHALLINGERROR in its place, without a zxid; the connection continues', () => {
  const server = new TestServer();
  const client = server.connect();
  const { zxid } = client.create('/a');
  client.send('setData', { path: '/a', data: Buffer.from('1'), version: -1 });
  client.send('create', Buffer.from([0, 0, 0, 9, 1]));
  client.send('getData', Buffer.from([255, 255, 0, 0]));
  client.send('setData', { path: '/a', data: Buffer.from('2'), version: -1 });
  server.settle();
  const { MARSHALLINGERROR } = ErrorCode;
  const replies = client.replies();
  assert.deepEqual(
    replies.map((reply) => reply.err),
    [0, MARSHALLINGERROR, MARSHALLINGERROR, 0],
  );
  assert.deepEqual(
    replies.map((reply) => reply.xid),
    [2, 3, 4, 5],
  );
  assert.equal(replies[3]!.zxid, zxid + 2);
});

test('failed writes take a zxid and are logged; reads, syncs and pings are not', () => {
  const server = new TestServer();
  const client = server.connect();
  const { zxid } = client.create('/a');
  client.create('/a');
  client.delete('/none');
  client.get('/a');
  client.call('sync', { path: '/a' });
  assert.equal(client.ping().zxid, zxid + 2);
  server.restart();
  assert.equal(server.database.tree.lastZxid, zxid + 2);
});
