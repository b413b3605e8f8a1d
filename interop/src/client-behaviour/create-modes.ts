import assert from 'node:assert/strict';
import type { CreateMode } from '@nodekeeper/client';
import { refused, type Scenario, until } from './scenario.js';

export const createModes: Scenario[] = [
  {
    name: 'sequential nodes get the next number of their parent, ten digits wide',
    async run({ zk }) {
      await zk.create('/q');
      const sequential = { mode: 'PERSISTENT_SEQUENTIAL' } as const;
      const first = await zk.create('/q/job-', 'x', sequential);
      assert.equal(first.path, '/q/job-0000000000');
      assert.equal(first.stat.ephemeralOwner, 0n);
      assert.equal((await zk.create('/q/job-', 'x', sequential)).path, '/q/job-0000000001');
      await zk.create('/q/plain');
      assert.equal((await zk.create('/q/other-', 'x', sequential)).path, '/q/other-0000000003');
      await zk.delete('/q/plain');
      assert.equal((await zk.create('/q/', 'x', sequential)).path, '/q/0000000004');
      await refused(zk.create('/q/plain/job-', 'x', sequential), 'NONODE', { path: '/q/plain/job-' });
      assert.deepEqual((await zk.children('/q')).children.sort(), [
        '0000000004',
        'job-0000000000',
        'job-0000000001',
        'other-0000000003',
      ]);
    },
  },
  {
    name: 'many concurrent sequential creates get different numbers in order',
    async run({ zk, connect }) {
      await zk.create('/q');
      const other = await connect();
      const make = (client: typeof zk) =>
        Array.from({ length: 100 }, () => client.create('/q/n-', '', { mode: 'PERSISTENT_SEQUENTIAL' }));
      const mine = (await Promise.all(make(zk))).map(({ path }) => path);
      const both = await Promise.all([Promise.all(make(zk)), Promise.all(make(other))]);
      assert.deepEqual(mine, [...mine].sort());
      for (const list of both) {
        const paths = list.map(({ path }) => path);
        assert.deepEqual(paths, [...paths].sort());
      }
      const all = new Set([...mine, ...both.flat().map(({ path }) => path)]);
      assert.equal(all.size, 300);
    },
  },
  {
    name: 'an ephemeral node names its session, cannot have children, and can be deleted like any other',
    async run({ zk, connect }) {
      const { stat } = await zk.create('/mine', 'x', { mode: 'EPHEMERAL' });
      assert.equal(stat.ephemeralOwner, zk.session.id);
      await refused(zk.create('/mine/child'), 'NOCHILDRENFOREPHEMERALS', { path: '/mine/child' });
      await refused(zk.create('/mine/child', '', { mode: 'EPHEMERAL_SEQUENTIAL' }), 'NOCHILDRENFOREPHEMERALS');
      assert.equal((await zk.set('/mine', 'y')).ephemeralOwner, zk.session.id);
      const other = await connect();
      await refused(other.create('/mine', '', { mode: 'EPHEMERAL' }), 'NODEEXISTS');
      await other.delete('/mine');
      assert.equal(await zk.exists('/mine'), null);
    },
  },
  {
    name: 'ephemeral sequential nodes are both',
    async run({ zk }) {
      await zk.create('/q');
      const { path, stat } = await zk.create('/q/m-', 'x', { mode: 'EPHEMERAL_SEQUENTIAL' });
      assert.equal(path, '/q/m-0000000000');
      assert.equal(stat.ephemeralOwner, zk.session.id);
    },
  },
  {
    name: 'a container shows no owner, has children of all kinds, and is deleted some time after its last child',
    inChroot: false,
    async run({ zk }) {
      const { path, stat } = await zk.create('/box', 'x', { mode: 'CONTAINER' });
      assert.equal(path, '/box');
      assert.equal(stat.ephemeralOwner, 0n);
      await zk.create('/box/a');
      await zk.create('/box/b', '', { mode: 'EPHEMERAL' });
      await zk.create('/box/inner', '', { mode: 'CONTAINER' });
      await refused(zk.create('/box', '', { mode: 'CONTAINER' }), 'NODEEXISTS', { op: 'create' });
      await zk.create('/unused', '', { mode: 'CONTAINER' });
      for (const child of ['a', 'b', 'inner']) await zk.delete(`/box/${child}`);
      await until('the container is reaped', async () => (await zk.exists('/box')) === null);
      assert.ok(await zk.exists('/unused'), 'a container that never had a child stays');
    },
  },
  {
    name: 'a node with a TTL is deleted when it has had no child and no change for that time',
    inChroot: false,
    async run({ zk }) {
      const { stat } = await zk.create('/short', 'x', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 });
      assert.equal(stat.ephemeralOwner, 0n);
      await zk.create('/long', 'x', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 2 ** 40 - 1 });
      await zk.create('/parent', 'x', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 100 });
      await zk.create('/parent/child');
      const options = { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', ttlMs: 3_600_000 } as const;
      assert.match((await zk.create('/seq-', 'x', options)).path, /^\/seq-\d{10}$/);
      await until('the node is reaped', async () => (await zk.exists('/short')) === null);
      assert.ok(await zk.exists('/long'));
      assert.ok(await zk.exists('/parent'), 'a child keeps its parent');
      await zk.delete('/parent/child');
      await until('the parent is reaped', async () => (await zk.exists('/parent')) === null);
    },
  },
  {
    name: 'mode and ttlMs must fit each other, which the client checks before it sends anything',
    async run({ zk }) {
      const wrong = (options: object, message: RegExp) =>
        refused(zk.create('/a', '', options), 'BADARGUMENTS', { outcome: 'not-sent', message });
      const ttl = { mode: 'PERSISTENT_WITH_TTL' };
      await wrong(ttl, /options\.mode PERSISTENT_WITH_TTL needs options\.ttlMs/);
      for (const ttlMs of [0, -1, 1.5, Number.NaN, 2 ** 40])
        await wrong({ ...ttl, ttlMs }, /options\.ttlMs must be an integer from 1 to 1099511627775, got/);
      await wrong({ ttlMs: 5 }, /options\.ttlMs needs a mode with TTL, got PERSISTENT/);
      await wrong({ mode: 'CONTAINER', ttlMs: 5 }, /needs a mode with TTL, got CONTAINER/);
      await wrong(
        { mode: 'EPHEMRAL' as CreateMode },
        /options\.mode must be one of PERSISTENT, EPHEMERAL, .*, got "EPHEMRAL"/,
      );
      assert.equal(await zk.exists('/a'), null);
    },
  },
];
