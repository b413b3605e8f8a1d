import assert from 'node:assert/strict';
import { CREATOR_ALL_ACL, READ_ACL } from '@nodekeeper/client';
import { refused, type Scenario } from './scenario.js';

export const helpers: Scenario[] = [
  {
    name: 'createWithParents creates missing ancestors: persistent, empty, open to all',
    async run({ zk }) {
      const { path, stat } = await zk.createWithParents('/a/b/c/d', 'x', { mode: 'EPHEMERAL', acl: READ_ACL });
      assert.equal(path, '/a/b/c/d');
      assert.equal(stat.ephemeralOwner, zk.session.id);
      for (const parent of ['/a', '/a/b', '/a/b/c']) {
        const { data, stat } = await zk.get(parent);
        assert.deepEqual([data?.length, stat.ephemeralOwner], [0, 0n]);
        assert.equal((await zk.getAcl(parent)).acl[0]?.perms, 31);
      }
      assert.equal((await zk.getAcl(path)).acl[0]?.perms, 1);
    },
  },
  {
    name: 'createWithParents of an existing node is NODEEXISTS, and changes nothing',
    async run({ zk }) {
      await zk.createWithParents('/a/b', 'x');
      await refused(zk.createWithParents('/a/b', 'y'), 'NODEEXISTS', { path: '/a/b' });
      assert.equal((await zk.get('/a/b')).data?.toString(), 'x');
      await refused(zk.createWithParents('/'), 'NODEEXISTS');
    },
  },
  {
    name: 'createWithParents creates sequential nodes too, even if their name is only the number',
    async run({ zk }) {
      const options = { mode: 'PERSISTENT_SEQUENTIAL' } as const;
      assert.equal((await zk.createWithParents('/q/r/job-', 'x', options)).path, '/q/r/job-0000000000');
      assert.equal((await zk.createWithParents('/q/s/', 'x', options)).path, '/q/s/0000000000');
    },
  },
  {
    name: 'createWithParents: many concurrent calls of several clients create one tree',
    async run({ zk, connect }) {
      const clients = [zk, await connect(), await connect()];
      const paths = clients.flatMap((_client, who) =>
        Array.from({ length: 20 }, (_, index) => `/x/${index % 3}/${index % 5}/y/${who}-${index}`),
      );
      await Promise.all(paths.map((path, index) => clients[index % 3]!.createWithParents(path, path)));
      for (const path of paths) assert.equal((await zk.get(path)).data?.toString(), path);
    },
  },
  {
    name: 'createWithParents stops at an ancestor that forbids it',
    async run({ zk }) {
      await zk.create('/mine', '', { mode: 'EPHEMERAL' });
      await refused(zk.createWithParents('/mine/a/b'), 'NOCHILDRENFOREPHEMERALS', { path: '/mine/a' });
      await zk.create('/closed', '', { acl: READ_ACL });
      await refused(zk.createWithParents('/closed/a/b'), 'NOAUTH', { path: '/closed/a' });
    },
  },
  {
    name: 'deleteRecursive deletes a node and its subtree, and nothing else',
    async run({ zk }) {
      await zk.createWithParents('/a/b/c/d');
      await zk.createWithParents('/a/b/e');
      await zk.create('/ab');
      await zk.create('/a/mine', '', { mode: 'EPHEMERAL' });
      await zk.deleteRecursive('/a');
      assert.equal(await zk.exists('/a'), null);
      assert.ok(await zk.exists('/ab'));
      await refused(zk.deleteRecursive('/a'), 'NONODE', { path: '/a' });
    },
  },
  {
    name: 'deleteRecursive of 2,000 nodes',
    inChroot: false,
    async run({ zk }) {
      await zk.create('/wide');
      await Promise.all(Array.from({ length: 1990 }, (_, index) => zk.create(`/wide/${index}`)));
      await zk.createWithParents(`/wide/${Array.from({ length: 10 }, (_, index) => index).join('/deep/')}`);
      await zk.deleteRecursive('/wide');
      assert.equal(await zk.exists('/wide'), null);
    },
  },
  {
    name: 'deleteRecursive completes while other clients create and delete nodes in the subtree',
    async run({ zk, connect }) {
      const other = await connect();
      await zk.create('/a');
      await Promise.all(Array.from({ length: 50 }, (_, index) => zk.createWithParents(`/a/${index}/x`)));
      const late = Array.from({ length: 20 }, (_, index) => other.create(`/a/late-${index}`).catch(() => {}));
      const gone = Array.from({ length: 20 }, (_, index) => other.delete(`/a/${index}/x`).catch(() => {}));
      await zk.deleteRecursive('/a');
      await Promise.all([...late, ...gone]);
      assert.equal(await zk.exists('/a'), null);
    },
  },
  {
    name: 'deleteRecursive names the node that it was not allowed to delete',
    async run({ zk, connect }) {
      const owner = await connect({ auth: [{ scheme: 'digest', auth: 'bob:secret' }] });
      await zk.createWithParents('/a/b');
      await owner.create('/a/private', '', { acl: CREATOR_ALL_ACL });
      await owner.create('/a/private/x');
      await refused(zk.deleteRecursive('/a'), 'NOAUTH', { path: '/a/private' });
      assert.ok(await zk.exists('/a'));
      await owner.deleteRecursive('/a');
      assert.equal(await zk.exists('/a'), null);
    },
  },
  {
    name: 'deleteRecursive of the root needs an option, and keeps the nodes of the server',
    inChroot: false,
    async run({ zk }) {
      await zk.createWithParents('/a/b');
      await zk.create('/zoo');
      const advice = /to delete everything, give \{ wholeTree: true \}/;
      await refused(zk.deleteRecursive('/'), 'BADARGUMENTS', { outcome: 'not-sent', message: advice });
      assert.ok(await zk.exists('/a/b'));
      await zk.deleteRecursive('/', { wholeTree: true });
      assert.deepEqual((await zk.children('/')).children, ['zookeeper']);
      assert.deepEqual((await zk.children('/zookeeper')).children.sort(), ['config', 'quota']);
    },
  },
  {
    name: 'helpers pass their limits to every request that they make',
    async run({ zk }) {
      const signal = AbortSignal.abort(new Error('enough'));
      const aborted = { outcome: 'not-sent' } as const;
      await refused(zk.createWithParents('/a/b', '', { signal }), 'ABORTED', aborted);
      await zk.createWithParents('/a/b');
      await refused(zk.deleteRecursive('/a', { signal }), 'ABORTED', aborted);
      assert.ok(await zk.exists('/a/b'));
    },
  },
];
