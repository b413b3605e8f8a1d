import assert from 'node:assert/strict';
import { Events, refused, type Scenario } from './scenario.js';

export const persistentWatches: Scenario[] = [
  {
    name: 'a persistent watch sees every change of the node and of its list of children',
    async run({ zk }) {
      const events = new Events();
      await zk.addWatch('/a', events.watch, { mode: 'PERSISTENT' });
      await zk.create('/a');
      await zk.set('/a', '1');
      await zk.set('/a', '2');
      await zk.create('/a/b');
      await zk.set('/a/b', 'x');
      await zk.create('/a/b/c');
      await zk.delete('/a/b/c');
      await zk.delete('/a/b');
      await zk.delete('/a');
      await zk.create('/a');
      assert.deepEqual(events.rest(), [
        'NodeCreated /a',
        'NodeDataChanged /a',
        'NodeDataChanged /a',
        'NodeChildrenChanged /a',
        'NodeChildrenChanged /a',
        'NodeDeleted /a',
        'NodeCreated /a',
      ]);
    },
  },
  {
    name: 'a recursive watch, the default, sees every creation, change and deletion in the subtree',
    async run({ zk }) {
      const events = new Events();
      await zk.addWatch('/a', events.watch);
      await zk.create('/a');
      await zk.create('/a/b');
      await zk.create('/a/b/c');
      await zk.set('/a/b/c', 'x');
      await zk.create('/ab');
      await zk.delete('/a/b/c');
      await zk.delete('/a/b');
      await zk.delete('/a');
      assert.deepEqual(events.rest(), [
        'NodeCreated /a',
        'NodeCreated /a/b',
        'NodeCreated /a/b/c',
        'NodeDataChanged /a/b/c',
        'NodeDeleted /a/b/c',
        'NodeDeleted /a/b',
        'NodeDeleted /a',
      ]);
      assert.deepEqual(zk.stats().watches, { data: 0, exists: 0, children: 0, persistent: 0, recursive: 1 });
    },
  },
  {
    name: 'a recursive watch on the root sees everything',
    async run({ zk }) {
      const events = new Events();
      await zk.addWatch('/', events.watch);
      await zk.create('/a');
      await zk.create('/a/b', '', { mode: 'EPHEMERAL' });
      await zk.delete('/a/b');
      assert.deepEqual(events.rest(), ['NodeCreated /a', 'NodeCreated /a/b', 'NodeDeleted /a/b']);
    },
  },
  {
    name: 'with watches of both modes and one-shot watches on one node, each callback gets a change once',
    async run({ zk }) {
      await zk.create('/a');
      const [all, persistent, recursive] = [new Events(), new Events(), new Events()];
      await zk.get('/a', { watch: all.watch });
      for (const events of [all, persistent]) await zk.addWatch('/a', events.watch, { mode: 'PERSISTENT' });
      for (const events of [all, recursive]) await zk.addWatch('/a', events.watch);
      await zk.set('/a', 'x');
      await zk.create('/a/b');
      assert.deepEqual(persistent.rest(), ['NodeDataChanged /a', 'NodeChildrenChanged /a']);
      assert.deepEqual(recursive.rest(), ['NodeDataChanged /a', 'NodeCreated /a/b']);
      assert.deepEqual(all.rest(), ['NodeDataChanged /a', 'NodeCreated /a/b', 'NodeChildrenChanged /a']);
    },
  },
  {
    name: 'nested recursive watches both see changes below both',
    async run({ zk }) {
      await zk.create('/a');
      const [outer, inner] = [new Events(), new Events()];
      await zk.addWatch('/a', outer.watch);
      await zk.addWatch('/a/b', inner.watch);
      await zk.create('/a/b');
      await zk.create('/a/c');
      assert.deepEqual(outer.rest(), ['NodeCreated /a/b', 'NodeCreated /a/c']);
      assert.deepEqual(inner.rest(), ['NodeCreated /a/b']);
    },
  },
  {
    name: 'a persistent watch is removed by its kind, and notified once',
    async run({ zk }) {
      await zk.create('/a');
      const [persistent, recursive] = [new Events(), new Events()];
      await zk.addWatch('/a', persistent.watch, { mode: 'PERSISTENT' });
      await zk.addWatch('/a', recursive.watch);
      await refused(zk.removeWatches('/a', { kind: 'data' }), 'NOWATCHER', { outcome: 'not-sent' });
      await zk.removeWatches('/a', { kind: 'persistent' });
      assert.deepEqual(persistent.rest(), ['PersistentWatchRemoved /a']);
      await zk.set('/a', 'x');
      assert.deepEqual(persistent.rest(), []);
      assert.deepEqual(recursive.rest(), ['NodeDataChanged /a']);
      await zk.removeWatches('/a', { kind: 'persistentRecursive' });
      assert.deepEqual(recursive.rest(), ['PersistentWatchRemoved /a']);
      await zk.set('/a', 'y');
      assert.deepEqual(recursive.rest(), []);
    },
  },
  {
    name: 'a watch that is added while the last one on its path is removed stays',
    async run({ zk }) {
      await zk.create('/a');
      const [old, young] = [new Events(), new Events()];
      await zk.addWatch('/a', old.watch);
      const added = zk.addWatch('/a', young.watch);
      await zk.removeWatches('/a', { kind: 'persistentRecursive', callback: old.watch });
      await added;
      await zk.set('/a', 'x');
      assert.deepEqual(young.rest(), ['NodeDataChanged /a']);
      assert.deepEqual(old.rest(), ['PersistentWatchRemoved /a']);
    },
  },
  {
    name: 'concurrent removals of watches on one path leave none on the server',
    async run({ zk, word, chroot }) {
      await zk.create('/a');
      const callbacks = [new Events(), new Events(), new Events()];
      for (const { watch } of callbacks) await zk.addWatch('/a', watch);
      const kind = 'persistentRecursive';
      await Promise.all(callbacks.map(({ watch: callback }) => zk.removeWatches('/a', { kind, callback })));
      for (const events of callbacks) assert.deepEqual(events.rest(), ['PersistentWatchRemoved /a']);
      assert.ok(!(await word('wchp')).includes(`${chroot}/a\n`));
    },
  },
  {
    name: 'the paths of watches are checked before they are sent',
    async run({ zk }) {
      const wrong = { outcome: 'not-sent', path: 'a' } as const;
      await refused(
        zk.addWatch('a', () => {}),
        'BADARGUMENTS',
        { ...wrong, op: 'addWatch' },
      );
      await refused(zk.removeWatches('a'), 'BADARGUMENTS', { ...wrong, op: 'removeWatches' });
      await refused(zk.exists('a', { watch: () => {} }), 'BADARGUMENTS', wrong);
      assert.throws(() => zk.watch('a'), { code: 'BADARGUMENTS', ...wrong, op: 'watch' });
    },
  },
];
