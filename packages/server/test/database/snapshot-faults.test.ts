import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFlag, ErrorCode, OpCode, Perm } from '@nodekeeper/protocol';
import { createRequest, openAcl, type TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { assertConsistent, treeText } from '../tree/tree-model.js';

const directory = '/data/version-2';
const filler = 'f'.repeat(200_000);

/**
 * A server whose next snapshot writes the node /late long after the snapshot has started, because filler nodes come
 * first.
 */
function fuzzyServer(): { server: TestServer; client: TestClient } {
  const server = new TestServer({ snapCount: 1_000_000 });
  const client = server.connect({ timeoutMs: 60_000 });
  client.create('/late', 'old');
  for (let index = 0; index < 6; index++) client.create(`/filler${index}`, filler);
  return { server, client };
}

/**
 * Takes a snapshot and runs `meanwhile` before the snapshot is complete. Then restarts the server from the snapshot,
 * and compares the trees before and after the restart.
 */
function snapshotDuring(server: TestServer, meanwhile: () => void): void {
  const label = server.database.tree.lastZxid;
  server.diskIsSlow = true;
  server.database.snapshots.take((error) => assert.equal(error, undefined));
  meanwhile();
  server.finishSlowDisk();
  assert.ok(server.database.tree.lastZxid > label);
  assert.ok(
    server.disk.list(directory).includes(`snapshot.${label.toString(16)}`),
    'the label is the zxid at its start',
  );
  const before = treeText(server.database.tree);
  server.restart();
  assert.deepEqual(treeText(server.database.tree), before);
  assertConsistent(server.database.tree);
  assert.deepEqual(server.warnings, []);
}

test('S-1 ZK-3127: a multi during a snapshot is complete after the restart', () => {
  const { server, client } = fuzzyServer();
  snapshotDuring(server, () => {
    const set = { type: OpCode.setData, request: { path: '/late', data: Buffer.from('new'), version: -1 } } as const;
    client.send('multi', [
      { type: OpCode.create, request: createRequest('/late/a') },
      set,
      { type: OpCode.create, request: createRequest('/early') },
      { type: OpCode.delete, request: { path: '/late/a', version: -1 } },
      set,
    ]);
  });
  const after = server.connect();
  assert.equal(after.get('/late').body.stat.version, 2);
  assert.equal(after.exists('/early').err, 0);
});

test('S-2 ZK-2926: a snapshot neither restores the ephemerals of sessions closed during it nor loses those of new sessions', () => {
  const { server, client } = fuzzyServer();
  const leaving = server.connect();
  leaving.create('/late/gone', '', { flags: CreateFlag.EPHEMERAL });
  let staying: TestClient | undefined;
  snapshotDuring(server, () => {
    leaving.send('closeSession');
    staying = server.open();
    staying.connection.send(
      Buffer.from(
        '0000002d000000000000000000000000000027100000000000000000000000100000000000000000000000000000000000',
        'hex',
      ),
    );
    client.send('create', createRequest('/late/mine', '', { flags: CreateFlag.EPHEMERAL }));
  });
  assert.ok(staying?.takeConnected() !== undefined);
  assert.deepEqual(server.connect().children('/late'), ['mine']);
  assert.equal(server.database.sessions.size, 3);
});

test('S-3 ZK-3145: a closed session replayed over a snapshot without its ephemerals leaves the same pzxid', () => {
  const { server } = fuzzyServer();
  const leaving = server.connect();
  leaving.create('/late/e', '', { flags: CreateFlag.EPHEMERAL });
  snapshotDuring(server, () => leaving.send('closeSession'));
});

test('S-5 ZK-3306: ACLs that are added and removed during a snapshot are right after the restart', () => {
  const { server, client } = fuzzyServer();
  const acl = (id: string) => [{ perms: Perm.ALL, id: { scheme: 'ip', id } }, ...openAcl];
  client.create('/late/x', '', { acl: acl('10.0.0.1') });
  snapshotDuring(server, () => {
    client.send('setACL', { path: '/late/x', acl: acl('10.0.0.2'), version: -1 });
    client.send('create', createRequest('/late/y', '', { acl: acl('10.0.0.3') }));
    client.send('create', createRequest('/late/z', '', { acl: acl('10.0.0.4') }));
    client.send('delete', { path: '/late/z', version: -1 });
  });
  const after = server.connect();
  assert.deepEqual(after.call('getACL', { path: '/late/x' }).body.acl, acl('10.0.0.2'));
  assert.deepEqual(after.call('getACL', { path: '/late/y' }).body.acl, acl('10.0.0.3'));
});

function stopAndLoseSnapshots(server: TestServer): void {
  server.server.stop(() => {});
  server.settle();
  for (const name of server.disk.list(directory)) {
    if (name.startsWith('snapshot.')) server.disk.remove(`${directory}/${name}`);
  }
}

test('S-6 ZK-3644: logs without any snapshot are refused, not read as an empty tree', () => {
  const server = new TestServer();
  server.connect().create('/a');
  stopAndLoseSnapshots(server);
  assert.throws(() => server.crash(() => 0.9999), /snapshot/);
  const trusting = new TestServer({ snapshotTrustEmpty: true }, server.disk);
  assert.equal(trusting.connect().create('/a').err, ErrorCode.NODEEXISTS, 'the trusted logs are replayed');
});

test('ZK-3781: a start that trusts logs without a snapshot writes one, so the next start need not trust them', () => {
  const server = new TestServer();
  server.connect().create('/a');
  stopAndLoseSnapshots(server);
  server.disk.syncDirectory(directory);
  const trusting = new TestServer({ snapshotTrustEmpty: true }, server.disk.durableCopy());
  assert.equal(trusting.connect().create('/b').err, 0);
  const ordinary = new TestServer({}, trusting.disk.durableCopy());
  assert.deepEqual(ordinary.connect().children('/')!.toSorted(), ['a', 'b', 'zookeeper']);
});

test('S-8 ZK-2332: a last log file that is empty, or has a header only, does not prevent the start', () => {
  for (const content of [
    Buffer.alloc(0),
    Buffer.from('5a4b4c47', 'hex'),
    Buffer.from('5a4b4c47000000020000000000000000', 'hex'),
  ]) {
    const server = new TestServer();
    server.connect().create('/a');
    server.server.stop(() => {});
    server.settle();
    server.disk.place(`${directory}/log.ff`, content);
    server.crash(() => 0);
    const client = server.connect();
    assert.equal(client.create('/a').err, ErrorCode.NODEEXISTS);
    assert.equal(client.create('/b').err, 0);
    server.crash(() => 0);
    assert.equal(server.connect().create('/b').err, ErrorCode.NODEEXISTS);
  }
});

test('snapshots follow each other every snapCount transactions, and purging keeps three of them with their logs', () => {
  const server = new TestServer({ snapCount: 20 });
  const client = server.connect({ timeoutMs: 60_000 });
  for (let index = 0; index < 300; index++) client.create(`/n${index}`);
  const names = server.disk.list(directory);
  assert.equal(names.filter((name) => name.startsWith('snapshot.')).length, 3);
  assert.ok(names.filter((name) => name.startsWith('log.')).length <= 5);
  server.crash(() => 0);
  assert.equal(server.connect().children('/')!.length, 301);
});

for (const snapshotCompressionMethod of ['gzip', 'snappy'] as const) {
  test(`a restart from a ${snapshotCompressionMethod} snapshot gives the same tree`, () => {
    const server = new TestServer({ snapCount: 20, snapshotCompressionMethod });
    const client = server.connect({ timeoutMs: 60_000 });
    for (let index = 0; index < 60; index++) client.create(`/n${index}`, 'x'.repeat(index));
    const before = treeText(server.database.tree);
    server.restart();
    assert.deepEqual(treeText(server.database.tree), before);
    assert.ok(server.database.tree.lastZxid > 60);
    assert.deepEqual(server.warnings, []);
  });
}
