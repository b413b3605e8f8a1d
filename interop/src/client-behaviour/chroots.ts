import assert from 'node:assert/strict';
import { Events, refused, type Scenario } from './scenario.js';

export const chroots: Scenario[] = [
  {
    name: 'the client adds the chroot to every path that it sends, and removes it from every path that it receives',
    async run({ zk, connectTo }) {
      await zk.create('/app');
      await using inside = await connectTo('/app');
      assert.ok(inside.chroot.endsWith('/app'));
      const events = new Events();
      await inside.addWatch('/', events.watch);
      assert.equal((await inside.create('/a', 'x')).path, '/a');
      assert.equal((await inside.create('/a/s-', '', { mode: 'PERSISTENT_SEQUENTIAL' })).path, '/a/s-0000000000');
      await inside.create('/mine', '', { mode: 'EPHEMERAL' });
      assert.equal((await zk.get('/app/a')).data?.toString(), 'x');
      assert.deepEqual((await zk.children('/app/a')).children, ['s-0000000000']);
      assert.deepEqual((await inside.children('/')).children.sort(), ['a', 'mine']);
      assert.deepEqual(await inside.getEphemerals(), ['/mine']);
      assert.deepEqual(await inside.getEphemerals('/m'), ['/mine']);
      assert.equal(await inside.getAllChildrenNumber('/'), 3);
      await inside.sync('/a');
      assert.deepEqual(events.rest(), ['NodeCreated /a', 'NodeCreated /a/s-0000000000', 'NodeCreated /mine']);
      await refused(inside.get('/app/a'), 'NONODE', { path: '/app/a' });
    },
  },
  {
    name: 'the root of a chroot is an ordinary node: it has data, a Stat and watches, and can be deleted',
    async run({ zk, connectTo }) {
      await zk.create('/app', 'root');
      await using inside = await connectTo('/app');
      assert.equal((await inside.get('/')).data?.toString(), 'root');
      const [data, children, outside] = [new Events(), new Events(), new Events()];
      await inside.get('/', { watch: data.watch });
      await inside.children('/', { watch: children.watch });
      await zk.addWatch('/app', outside.watch);
      await inside.set('/', 'changed');
      await inside.create('/a');
      assert.deepEqual(data.rest(), ['NodeDataChanged /']);
      assert.deepEqual(children.rest(), ['NodeChildrenChanged /']);
      await zk.sync();
      assert.deepEqual(outside.rest(), ['NodeDataChanged /app', 'NodeCreated /app/a']);
      await inside.delete('/a');
      await inside.delete('/');
      assert.equal(await zk.exists('/app'), null);
      assert.equal(await inside.exists('/'), null);
      assert.equal((await inside.create('/', 'again')).path, '/');
      assert.equal((await zk.get('/app')).data?.toString(), 'again');
    },
  },
  {
    name: 'transactions, multiRead and errors use the paths of the client',
    async run({ zk, connectTo }) {
      await zk.create('/app');
      await using inside = await connectTo('/app');
      const [a, s] = await inside
        .transaction()
        .create('/a', 'x')
        .create('/a/s-', '', { mode: 'PERSISTENT_SEQUENTIAL' })
        .set('/a', 'y')
        .check('/a', 1)
        .commit();
      assert.deepEqual([a.path, s.path], ['/a', '/a/s-0000000000']);
      const error = await refused(inside.transaction().set('/a', 'z').delete('/none').commit(), 'NONODE', {
        path: '/none',
      });
      assert.deepEqual(
        error.results?.map(({ path }) => path),
        ['/a', '/none'],
      );
      const [read, missing] = await inside.multiRead().get('/a').get('/none').run();
      assert.ok(read.status === 'fulfilled' && read.value.data?.toString() === 'y');
      assert.ok(missing.status === 'rejected' && missing.reason.path === '/none');
      assert.equal((await zk.get('/app/a')).data?.toString(), 'y');
      await refused(inside.delete('/a'), 'NOTEMPTY', { path: '/a' });
    },
  },
  {
    name: 'watches inside a chroot are removed by the client’s path, and are set again after a reconnect',
    async run({ zk, connectTo, port }) {
      await zk.create('/app');
      await zk.create('/app/a');
      await using inside = await connectTo('/app', { reconnectDelayMs: { base: 1, max: 5 } });
      const [removed, kept, persistent] = [new Events(), new Events(), new Events()];
      await inside.children('/a', { watch: removed.watch });
      await inside.removeWatches('/a', { kind: 'children' });
      assert.deepEqual(removed.rest(), ['ChildWatchRemoved /a']);
      await inside.get('/a', { watch: kept.watch });
      await inside.addWatch('/', persistent.watch);
      inside.updateServers('127.0.0.1:1');
      await zk.set('/app/a', 'x');
      inside.updateServers(`127.0.0.1:${port}`);
      await inside.connected();
      await inside.sync();
      assert.deepEqual(kept.rest(), ['NodeDataChanged /a']);
      // the server sends NodeDataChanged because of the one-shot watch only, but the client passes an event to all
      // watches that match it
      assert.deepEqual(persistent.rest(), ['NodeDataChanged /a', 'PossiblyMissed /']);
      await zk.create('/app/a/b');
      await inside.sync();
      assert.deepEqual(persistent.rest(), ['NodeCreated /a/b']);
    },
  },
  {
    name: 'a missing chroot gives NONODE, until the client creates its last part from the inside',
    async run({ zk, connectTo }) {
      await using inside = await connectTo('/later');
      await refused(inside.create('/a'), 'NONODE', { path: '/a' });
      assert.equal((await inside.createWithParents('/a/b')).path, '/a/b');
      assert.ok(await zk.exists('/later/a/b'));
      await using deeper = await connectTo('/none/of/these');
      await refused(deeper.createWithParents('/a'), 'NONODE');
      await refused(inside.deleteRecursive('/'), 'BADARGUMENTS', { outcome: 'not-sent' });
      assert.ok(await inside.exists('/a/b'));
      await inside.deleteRecursive('/', { wholeTree: true });
      assert.deepEqual((await zk.children('/later')).children, []);
    },
  },
  {
    name: 'a node whose name begins like the chroot is not inside it',
    async run({ zk, connectTo }) {
      await zk.create('/app');
      await zk.create('/apple', '', { mode: 'EPHEMERAL' });
      await using inside = await connectTo('/app');
      await inside.create('/a', '', { mode: 'EPHEMERAL' });
      await inside.create('/', '').catch(() => {});
      assert.deepEqual(await inside.getEphemerals('/a'), ['/a']);
      assert.deepEqual((await inside.children('/')).children, ['a']);
    },
  },
  {
    name: 'getConfig, sync and whoAmI work in a chroot as they do without one',
    async run({ zk, connectTo }) {
      await zk.create('/app');
      await using inside = await connectTo('/app');
      assert.deepEqual(await inside.getConfig(), await zk.getConfig());
      assert.deepEqual(await inside.whoAmI(), await zk.whoAmI());
      await inside.sync();
      await inside.sync('/none');
    },
  },
];
