import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFlag, ErrorCode } from '@nodekeeper/protocol';
import { createRequest } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { assertConsistent, treeText } from '../tree/tree-model.js';

const isLog = (path: string) => path.includes('/log.');

for (const [code, operation] of [
  ['ENOSPC', 'write'],
  ['ENOSPC', 'truncate'],
  ['EIO', 'fsync'],
  ['ENOSPC', 'open'],
  ['EIO', 'sync directory'],
] as const) {
  test(`${code} at ${operation} of the log: writes wait and reads are served; later all writes are answered, and none is lost`, () => {
    const server = new TestServer({
      txnLogSizeLimitInKb: operation === 'open' || operation === 'sync directory' ? 1 : -1,
    });
    const writer = server.connect({ timeoutMs: 60_000 });
    const reader = server.connect({ timeoutMs: 60_000 });
    writer.create('/before', 'x'.repeat(operation === 'truncate' ? 15_000 : 2000));
    const size = () => server.database.log.sizeOfCurrent;
    assert.ok(size() > 1000);
    server.disk.fault = (step, path) =>
      step === operation && (isLog(path) || step.startsWith('sync')) ? code : undefined;
    const sent = [writer.send('setData', { path: '/before', data: Buffer.from('new'), version: -1 })];
    sent.push(writer.send('getData', { path: '/before', watch: false }));
    for (let index = 0; index < 20; index++) sent.push(writer.send('create', createRequest(`/n${index}`)));
    server.advance(5000);
    assert.deepEqual(writer.replies(), [], 'nothing is acknowledged');
    assert.equal(reader.text('/before')?.[0], 'x');
    assert.equal(reader.exists('/n0').err, ErrorCode.NONODE);
    assert.equal(reader.ping().err, 0);
    assert.equal(writer.isClosed, false);
    const newcomer = server.open();
    assert.equal(newcomer.connect(), undefined, 'a new session waits too');
    const errors = server.logged.filter((line) => line.startsWith('ERROR'));
    assert.equal(errors.length, 1, 'logged once');
    assert.match(errors[0]!, new RegExp(`Cannot write the transaction log: .*${code}`));
    assert.ok(server.view.metrics.unrecoverableErrorCount.value > 0, 'mntr shows it');

    server.disk.fault = () => undefined;
    server.advance(2000);
    const replies = writer.replies();
    assert.deepEqual(
      replies.map(({ xid, err }) => [xid, err]),
      sent.map((xid) => [xid, 0]),
    );
    assert.equal(replies[1]!.body.data.toString(), 'new');
    assert.ok(newcomer.takeConnected() !== undefined);
    assert.match(server.logged.join('\n'), /works again/);
    assertConsistent(server.database.tree);
    const before = treeText(server.database.tree);
    server.crash(() => 0);
    assert.deepEqual(treeText(server.database.tree), before);
  });
}

test('a crash while the log cannot be written loses no acknowledged write', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/acknowledged');
  server.disk.fault = (step, path) => (step === 'fsync' && isLog(path) ? 'EIO' : undefined);
  client.send('create', createRequest('/pending'));
  server.advance(3000);
  assert.deepEqual(client.replies(), []);
  server.crash(() => 0.3);
  assert.equal(server.connect().exists('/acknowledged').err, 0);
});

test('a session expires only once while the log cannot be written, and its end is written later', () => {
  const server = new TestServer();
  const client = server.connect({ timeoutMs: 6000 });
  client.create('/e', '', { flags: CreateFlag.EPHEMERAL });
  server.disk.fault = (step, path) => (step === 'write' && isLog(path) ? 'ENOSPC' : undefined);
  server.advance(60_000);
  assert.equal(client.isClosed, true);
  assert.equal(server.server.role.writePath.pendingCount, 1);
  server.disk.fault = () => undefined;
  server.advance(2000);
  assert.deepEqual(server.connect().children('/'), ['zookeeper']);
});

for (const operation of ['open', 'write', 'fsync', 'rename']) {
  test(`a snapshot that fails at ${operation} is dropped: the server continues, the log keeps all, and the next snapshot is good`, () => {
    const server = new TestServer({ snapCount: 20 });
    const client = server.connect({ timeoutMs: 60_000 });
    server.disk.fault = (step, path) => (step === operation && path.includes('snapshot.') ? 'ENOSPC' : undefined);
    for (let index = 0; index < 100; index++) assert.equal(client.create(`/n${index}`).err, 0);
    assert.ok(server.view.metrics.snapshotErrorCount.value > 0);
    assert.match(server.warnings.join('\n'), /The snapshot failed/);
    assert.equal(server.disk.list('/data/version-2').filter((name) => name.startsWith('snapshot.')).length, 1);
    server.disk.fault = () => undefined;
    for (let index = 100; index < 200; index++) client.create(`/n${index}`);
    assert.ok(server.disk.list('/data/version-2').filter((name) => name.startsWith('snapshot.')).length > 1);
    server.crash(() => 0);
    assert.equal(server.connect().children('/')!.length, 201);
  });
}
