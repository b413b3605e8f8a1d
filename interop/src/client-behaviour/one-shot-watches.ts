import assert from 'node:assert/strict';
import type { WatchEvent } from '@nodekeeper/client';
import { Events, refused, type Scenario } from './scenario.js';

export const oneShotWatches: Scenario[] = [
  {
    name: 'a data watch sees the next change or the deletion, once',
    async run({ zk }) {
      await zk.create('/a');
      const events = new Events();
      await zk.get('/a', { watch: events.watch });
      await zk.create('/a/child'); // a new child does not change the data of /a
      assert.deepEqual(events.rest(), []);
      await zk.set('/a', '1');
      await zk.set('/a', '2');
      assert.deepEqual(events.rest(), ['NodeDataChanged /a']);
      await zk.get('/a', { watch: events.watch });
      await zk.delete('/a/child');
      await zk.delete('/a');
      assert.deepEqual(events.rest(), ['NodeDeleted /a']);
    },
  },
  {
    name: 'an exists watch sees the creation, a change and the deletion of a node',
    async run({ zk }) {
      const events = new Events();
      assert.equal(await zk.exists('/a', { watch: events.watch }), null);
      await zk.create('/a');
      assert.deepEqual(events.rest(), ['NodeCreated /a']);
      await zk.exists('/a', { watch: events.watch });
      await zk.set('/a', 'x');
      assert.deepEqual(events.rest(), ['NodeDataChanged /a']);
      await zk.exists('/a', { watch: events.watch });
      await zk.delete('/a');
      assert.deepEqual(events.rest(), ['NodeDeleted /a']);
    },
  },
  {
    name: 'a child watch sees a child created or deleted, or the node itself deleted, once',
    async run({ zk }) {
      await zk.create('/a');
      const events = new Events();
      await zk.children('/a', { watch: events.watch });
      await zk.set('/a', 'x');
      assert.deepEqual(events.rest(), []);
      await zk.create('/a/b');
      await zk.create('/a/c');
      assert.deepEqual(events.rest(), ['NodeChildrenChanged /a']);
      await zk.children('/a', { watch: events.watch });
      await zk.create('/a/b/deep');
      await zk.set('/a/b', 'x');
      assert.deepEqual(events.rest(), []);
      await zk.delete('/a/c');
      assert.deepEqual(events.rest(), ['NodeChildrenChanged /a']);
      await zk.delete('/a/b/deep');
      await zk.delete('/a/b');
      await zk.children('/a', { watch: events.watch });
      await zk.delete('/a');
      assert.deepEqual(events.rest(), ['NodeDeleted /a']);
    },
  },
  {
    name: 'refused reads set no watch, but exists of a missing node does',
    async run({ zk }) {
      const events = new Events();
      await refused(zk.get('/a', { watch: events.watch }), 'NONODE');
      await refused(zk.children('/a', { watch: events.watch }), 'NONODE');
      assert.deepEqual(zk.stats().watches, { data: 0, exists: 0, children: 0, persistent: 0, recursive: 0 });
      await zk.create('/a');
      await zk.create('/a/b');
      assert.deepEqual(events.rest(), []);
    },
  },
  {
    name: 'a callback with several watches is called once, and different callbacks are all called',
    async run({ zk }) {
      await zk.create('/a');
      const [one, two] = [new Events(), new Events()];
      await zk.get('/a', { watch: one.watch });
      await zk.get('/a', { watch: one.watch });
      await zk.exists('/a', { watch: one.watch });
      await zk.get('/a', { watch: two.watch });
      assert.equal(zk.stats().watches.data, 1);
      await zk.set('/a', 'x');
      assert.deepEqual(one.rest(), ['NodeDataChanged /a']);
      assert.deepEqual(two.rest(), ['NodeDataChanged /a']);
      await zk.get('/a', { watch: one.watch });
      await zk.children('/a', { watch: one.watch });
      await zk.delete('/a');
      assert.deepEqual(one.rest(), ['NodeDeleted /a']);
    },
  },
  {
    name: 'setAcl, sync and failed writes trigger no watch',
    async run({ zk }) {
      await zk.create('/a');
      const events = new Events();
      await zk.get('/a', { watch: events.watch });
      await zk.children('/a', { watch: events.watch });
      await zk.setAcl('/a', (await zk.getAcl('/a')).acl);
      await zk.sync('/a');
      await refused(zk.set('/a', 'x', { version: 9 }), 'BADVERSION');
      await refused(zk.delete('/a', { version: 9 }), 'BADVERSION');
      assert.deepEqual(events.rest(), []);
    },
  },
  {
    name: 'an event comes before the reply of the write that caused it, and before reads that see the change',
    async run({ zk, connect }) {
      const other = await connect();
      await zk.create('/a', '0');
      const order: string[] = [];
      await zk.get('/a', { watch: () => order.push('event') });
      await zk.set('/a', '1').then(() => order.push('reply'));
      assert.deepEqual(order, ['event', 'reply']);
      const event = new Promise<WatchEvent>((resolve) => void zk.get('/a', { watch: resolve }));
      await zk.sync();
      await other.set('/a', '2');
      let seenBefore: string | undefined;
      void event.then(() => (seenBefore ??= 'event'));
      await zk.sync('/a');
      const { data } = await zk.get('/a');
      seenBefore ??= 'read';
      assert.equal(data?.toString(), '2');
      assert.equal(seenBefore, 'event');
    },
  },
  {
    name: 'an event has the zxid of the change',
    async run({ zk }) {
      await zk.create('/a');
      const events = new Events();
      await zk.get('/a', { watch: events.watch });
      const { mzxid } = await zk.set('/a', 'x');
      assert.deepEqual(events.all, [{ type: 'NodeDataChanged', path: '/a', zxid: mzxid }]);
    },
  },
  {
    name: 'changes by other clients and by expired sessions are seen as well',
    async run({ zk, connect }) {
      const other = await connect();
      await other.create('/theirs', '', { mode: 'EPHEMERAL' });
      const events = new Events();
      await zk.exists('/theirs', { watch: events.watch });
      await other.set('/theirs', 'x');
      assert.equal(await events.next(), 'NodeDataChanged /theirs');
      await zk.exists('/theirs', { watch: events.watch });
      await other.close();
      assert.equal(await events.next(), 'NodeDeleted /theirs');
    },
  },
  {
    name: 'removeWatches removes a watch by its kind, and notifies it',
    async run({ zk }) {
      await zk.create('/a');
      const [data, children] = [new Events(), new Events()];
      await zk.get('/a', { watch: data.watch });
      await zk.children('/a', { watch: children.watch });
      await zk.removeWatches('/a', { kind: 'data' });
      assert.deepEqual(data.all, [{ type: 'DataWatchRemoved', path: '/a', zxid: -1 }]);
      await zk.set('/a', 'x');
      assert.equal(data.all.length, 1);
      await zk.removeWatches('/a', { kind: 'children' });
      assert.deepEqual(children.rest(), ['ChildWatchRemoved /a']);
      await zk.create('/a/b');
      assert.deepEqual(children.rest(), []);
      for (const kind of ['any', 'data', 'children', 'persistent', 'persistentRecursive'] as const) {
        const options = { op: 'removeWatches', path: '/a', outcome: 'not-sent' } as const;
        await refused(zk.removeWatches('/a', { kind }), 'NOWATCHER', options);
      }
    },
  },
  {
    name: 'removeWatches removes the watch of an exists for a missing node',
    async run({ zk }) {
      const events = new Events();
      await zk.exists('/later', { watch: events.watch });
      assert.equal(zk.stats().watches.exists, 1);
      await zk.removeWatches('/later', { kind: 'data', callback: events.watch });
      assert.deepEqual(events.rest(), ['DataWatchRemoved /later']);
      await zk.create('/later');
      assert.deepEqual(events.rest(), []);
    },
  },
  {
    name: 'removeWatches of one callback keeps the others, and the server removes its watch with the last',
    async run({ zk, word, chroot }) {
      await zk.create('/a');
      const [one, two] = [new Events(), new Events()];
      await zk.get('/a', { watch: one.watch });
      await zk.get('/a', { watch: two.watch });
      const isWatched = async () => (await word('wchp')).includes(`${chroot}/a\n`);
      await zk.removeWatches('/a', { kind: 'data', callback: one.watch });
      assert.deepEqual([one.rest(), two.rest()], [['DataWatchRemoved /a'], []]);
      assert.equal(await isWatched(), true);
      await refused(zk.removeWatches('/a', { callback: one.watch }), 'NOWATCHER', { outcome: 'not-sent' });
      await zk.removeWatches('/a', { callback: two.watch });
      assert.deepEqual(two.rest(), ['DataWatchRemoved /a']);
      assert.equal(await isWatched(), false);
    },
  },
  {
    name: 'removeWatches without a kind removes all, and notifies each callback of each kind',
    async run({ zk, word, chroot }) {
      await zk.create('/a');
      const events = new Events();
      await zk.get('/a', { watch: events.watch });
      await zk.children('/a', { watch: events.watch });
      await zk.addWatch('/a', events.watch, { mode: 'PERSISTENT' });
      await zk.addWatch('/a', events.watch);
      await zk.removeWatches('/a');
      assert.deepEqual(events.rest().sort(), [
        'ChildWatchRemoved /a',
        'DataWatchRemoved /a',
        'PersistentWatchRemoved /a',
        'PersistentWatchRemoved /a',
      ]);
      assert.ok(!(await word('wchp')).includes(`${chroot}/a\n`));
      await zk.set('/a', 'x');
      assert.deepEqual(events.rest(), []);
    },
  },
];
