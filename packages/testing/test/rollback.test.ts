import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { digestId, Perm, type ZooKeeper } from '@nodekeeper/client';
import { startEnsemble, startServer } from '../src/index.js';

const READ_ONLY = [{ scheme: 'world', id: 'anyone', perms: Perm.READ }];

/** Returns each node that clients may change, with its data and ACL. */
async function contentOf(zk: ZooKeeper, path = '/'): Promise<Record<string, unknown>> {
  const [{ data }, { acl }, { children }] = await Promise.all([zk.get(path), zk.getAcl(path), zk.children(path)]);
  const content = { [path]: [data && String(data), acl] };
  for (const child of children.filter((name) => name !== 'zookeeper').sort()) {
    Object.assign(content, await contentOf(zk, path === '/' ? `/${child}` : `${path}/${child}`));
  }
  return content;
}

for (const transport of ['ports', 'memory'] as const) {
  const on = `on ${transport}`;

  test(`${on}: rollback restores data, ACLs, kinds and deleted nodes, and deletes new nodes`, async () => {
    await using server = await startServer({ transport });
    const zk = await server.connect({ auth: [server.superUser] });
    await zk.create('/kept', 'data');
    await zk.create('/kept/child', null);
    await zk.create('/locked', 'x', { acl: READ_ONLY });
    await zk.create('/kind', 'a');
    await zk.create('/kind/child', 'b');
    await server.snapshot();
    const before = await contentOf(zk);

    await zk.set('/kept', 'other');
    await zk.set('/', 'root');
    await zk.setAcl('/kept', READ_ONLY);
    await zk.deleteRecursive('/kept/child');
    await zk.delete('/locked');
    await zk.create('/locked', 'x');
    await zk.deleteRecursive('/kind');
    await zk.create('/kind', 'a', { mode: 'EPHEMERAL' });
    await zk.createWithParents('/new/deep/node', 'x');
    await zk.create('/own', '', { acl: [{ scheme: 'digest', id: digestId('u', 'p'), perms: Perm.ALL }] });
    await server.rollback();

    assert.deepEqual(await contentOf(zk), before);
    assert.equal((await zk.exists('/kind'))?.ephemeralOwner, 0n);
  });

  test(`${on}: rollback keeps sessions, and watches tell what it changes`, async () => {
    await using server = await startServer({ transport });
    const zk = await server.connect();
    await zk.create('/a', 'before');
    await server.snapshot();
    await zk.set('/a', 'after');
    await zk.create('/b', '', { mode: 'EPHEMERAL' });
    const { id } = zk.session;
    const events: string[] = [];
    const watch = ({ type, path }: { type: string; path: string }) => void events.push(`${type} ${path}`);
    await zk.get('/a', { watch });
    await zk.get('/b', { watch });
    await zk.exists('/c', { watch });
    await server.rollback();
    assert.equal(String((await zk.get('/a')).data), 'before');
    assert.deepEqual(events.sort(), ['NodeDataChanged /a', 'NodeDeleted /b']);
    assert.equal(zk.session.id, id);
    await zk.create('/c');
    assert.ok(events.includes('NodeCreated /c'));
  });

  test(`${on}: an ephemeral node of the snapshot stays, or does not come back`, async () => {
    await using server = await startServer({ transport });
    const [zk, other] = [await server.connect(), await server.connect()];
    await zk.create('/stays', '', { mode: 'EPHEMERAL' });
    await other.create('/goes', '', { mode: 'EPHEMERAL' });
    await server.snapshot();
    await other.delete('/goes');
    await server.rollback();
    assert.deepEqual((await zk.children('/')).children.sort(), ['stays', 'zookeeper']);
  });

  test(`${on}: rollback reaches every server of an ensemble`, async () => {
    await using ensemble = await startEnsemble(3, { transport });
    const clients = await Promise.all([1, 2, 3].map((server) => ensemble.connect({ server })));
    await clients[0]!.create('/a', '1');
    await ensemble.snapshot();
    for (const round of ['2', '3']) {
      await clients[1]!.sync('/');
      await clients[1]!.set('/a', round);
      await clients[2]!.create('/b');
      await ensemble.rollback();
      for (const zk of clients) {
        assert.equal(String((await zk.get('/a')).data), '1');
        assert.equal(await zk.exists('/b'), null);
      }
    }
  });

  test(`${on}: rollback works after the leader has changed`, async () => {
    await using ensemble = await startEnsemble(3, { transport });
    const zk = await ensemble.connect();
    await zk.create('/a', '1');
    await ensemble.snapshot();
    const isCut = zk.server === ensemble.leader!.connectString;
    const first = ensemble.leader!;
    const cut = isCut ? once(zk, 'Disconnected') : undefined;
    ensemble.crash(first);
    await ensemble.waitForLeader({ not: first });
    if (cut !== undefined) await ensemble.clock.until(cut);
    await ensemble.clock.until(zk.connected());
    await ensemble.clock.until(zk.set('/a', '2').catch(() => zk.set('/a', '2')));
    await ensemble.rollback();
    await zk.sync('/');
    assert.equal(String((await zk.get('/a')).data), '1');
  });
}

test('rollback of many nodes takes several transactions', async () => {
  await using server = await startServer({ transport: 'memory' });
  const zk = await server.connect();
  await zk.create('/a');
  await Promise.all(Array.from({ length: 200 }, (_, index) => zk.create(`/a/${index}`, Buffer.alloc(10_000, index))));
  await server.snapshot();
  await zk.deleteRecursive('/a');
  await server.rollback();
  assert.equal((await zk.children('/a')).children.length, 200);
  assert.deepEqual((await zk.get('/a/7')).data, Buffer.alloc(10_000, 7));
});

test('containers and TTL nodes that come back are removed in time', async () => {
  const config = { extendedTypesEnabled: true, containerCheckIntervalMs: 1000 };
  await using server = await startServer({ transport: 'memory', config });
  const zk = await server.connect();
  await zk.create('/container', '', { mode: 'CONTAINER' });
  await zk.create('/ttl', '', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 5000 });
  await server.snapshot();
  await zk.delete('/container');
  await zk.delete('/ttl');
  await server.rollback();
  await zk.create('/container/child');
  await zk.delete('/container/child');
  await server.clock.advance(2000);
  assert.deepEqual((await zk.children('/')).children.sort(), ['ttl', 'zookeeper']);
  await server.clock.advance(5000);
  assert.deepEqual((await zk.children('/')).children, ['zookeeper']);
});

test('rollback restores quotas', async () => {
  await using server = await startServer({ transport: 'memory' });
  const zk = await server.connect();
  await zk.create('/a');
  await zk.createWithParents('/zookeeper/quota/a/zookeeper_limits', 'count=5,bytes=-1');
  await zk.create('/zookeeper/quota/a/zookeeper_stats', 'count=1,bytes=0');
  await server.snapshot();
  await zk.create('/a/b', 'data');
  await zk.deleteRecursive('/zookeeper/quota/a');
  await server.rollback();
  assert.equal(String((await zk.get('/zookeeper/quota/a/zookeeper_limits')).data), 'count=5,bytes=-1');
  assert.deepEqual((await zk.children('/a')).children, []);
});

test('rollback without a snapshot is refused', async () => {
  await using server = await startServer({ transport: 'memory' });
  await assert.rejects(server.rollback(), { message: 'rollback: call snapshot() first' });
});
