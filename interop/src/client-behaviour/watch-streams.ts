import assert from 'node:assert/strict';
import type { WatchEvent, WatchStream } from '@nodekeeper/client';
import { type BehaviourContext, refused, type Scenario, text, until } from './scenario.js';

async function take(stream: WatchStream, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const { value, done } = await stream.next();
    if (done) break;
    taken.push(text(value as WatchEvent));
  }
  return taken;
}

const isWatched = async ({ word, chroot }: BehaviourContext, path: string) =>
  (await word('wchp')).split('\n').includes(`${chroot}${path}`);

export const watchStreams: Scenario[] = [
  {
    name: 'a stream gives the events of a node and its children in order, even if they are read late',
    async run({ zk }) {
      await zk.create('/a');
      const stream = zk.watch('/a');
      await stream.ready;
      const early = take(stream, 1);
      await zk.set('/a', 'x');
      assert.deepEqual(await early, ['NodeDataChanged /a']);
      await zk.create('/a/b');
      await zk.create('/a/b/c');
      await zk.delete('/a/b/c');
      await zk.delete('/a/b');
      await zk.delete('/a');
      assert.deepEqual(await take(stream, 3), ['NodeChildrenChanged /a', 'NodeChildrenChanged /a', 'NodeDeleted /a']);
      await stream.return();
    },
  },
  {
    name: 'a recursive stream gives the events of the subtree',
    async run({ zk }) {
      const stream = zk.watch('/a', { recursive: true });
      await stream.ready;
      await zk.create('/a');
      await zk.create('/a/b');
      await zk.set('/a/b', 'x');
      assert.deepEqual(await take(stream, 3), ['NodeCreated /a', 'NodeCreated /a/b', 'NodeDataChanged /a/b']);
      await stream.return();
    },
  },
  {
    name: 'a one-shot stream gives one event of its kind and ends',
    async run({ zk }) {
      await zk.create('/a');
      const streams = (['data', 'exists', 'children'] as const).map((once) => zk.watch('/a', { once }));
      await Promise.all(streams.map(({ ready }) => ready));
      await zk.create('/a/b');
      await zk.set('/a', 'x');
      await zk.set('/a', 'y');
      const all = await Promise.all(streams.map((stream) => take(stream, 5)));
      assert.deepEqual(all, [['NodeDataChanged /a'], ['NodeDataChanged /a'], ['NodeChildrenChanged /a']]);
      const missing = zk.watch('/none', { once: 'data' });
      await refused(missing.ready, 'NONODE');
      await refused(missing.next(), 'NONODE');
      assert.deepEqual(await missing.next(), { value: undefined, done: true });
      const later = zk.watch('/later', { once: 'exists' });
      await later.ready;
      await zk.create('/later');
      assert.deepEqual(await take(later, 5), ['NodeCreated /later']);
    },
  },
  {
    name: 'leaving a for-await loop removes the watch from the server',
    async run(context) {
      const { zk } = context;
      const stream = zk.watch('/a', { recursive: true });
      await stream.ready;
      assert.equal(await isWatched(context, '/a'), true);
      await zk.create('/a');
      for await (const event of stream) {
        assert.equal(text(event), 'NodeCreated /a');
        break;
      }
      assert.equal(await isWatched(context, '/a'), false);
      assert.equal(zk.stats().watches.recursive, 0);
      assert.deepEqual(await stream.next(), { value: undefined, done: true });
    },
  },
  {
    name: 'a throw in the loop, return, await using and a signal remove the watch as well',
    async run(context) {
      const { zk } = context;
      await zk.create('/a');
      const broken = zk.watch('/a');
      await broken.ready;
      await zk.set('/a', 'x');
      await assert.rejects(async () => {
        for await (const _event of broken) throw new Error('mine');
      }, /mine/);
      assert.equal(await isWatched(context, '/a'), false);
      const returned = zk.watch('/a');
      await returned.ready;
      const waiting = returned.next();
      assert.deepEqual(await returned.return(), { value: undefined, done: true });
      assert.deepEqual(await waiting, { value: undefined, done: true });
      assert.equal(await isWatched(context, '/a'), false);
      {
        await using used = zk.watch('/a');
        await used.ready;
        assert.equal(await isWatched(context, '/a'), true);
      }
      assert.equal(await isWatched(context, '/a'), false);
      const controller = new AbortController();
      const aborted = zk.watch('/a', { signal: controller.signal });
      await aborted.ready;
      const next = aborted.next();
      controller.abort(new Error('enough'));
      const error = await refused(next, 'ABORTED', { outcome: 'not-sent', path: '/a' });
      assert.equal((error.cause as Error).message, 'enough');
      assert.deepEqual(await aborted.next(), { value: undefined, done: true });
      await until('the watch is removed', async () => !(await isWatched(context, '/a')));
    },
  },
  {
    name: 'a stream that ends before the server has its watch leaves no watch',
    async run(context) {
      const { zk } = context;
      await zk.create('/a');
      const streams = [zk.watch('/a'), zk.watch('/a', { recursive: true }), zk.watch('/a', { once: 'data' })];
      await Promise.all(streams.map((stream) => stream.return()));
      await Promise.allSettled(streams.map(({ ready }) => ready));
      const signal = AbortSignal.abort();
      await refused(zk.watch('/a', { signal }).next(), 'ABORTED', { outcome: 'not-sent' });
      const controller = new AbortController();
      const aborted = zk.watch('/a', { signal: controller.signal });
      controller.abort();
      await refused(aborted.next(), 'ABORTED', { outcome: 'not-sent' });
      // replies come in the order of the requests, so the reply to `exists` shows that the server has removed the watch
      await zk.exists('/a');
      assert.equal(await isWatched(context, '/a'), false);
      assert.deepEqual(zk.stats().watches, { data: 0, exists: 0, children: 0, persistent: 0, recursive: 0 });
    },
  },
  {
    name: 'two streams on one node are independent, and the server removes its watch with the last',
    async run(context) {
      const { zk } = context;
      await zk.create('/a');
      const [one, two] = [zk.watch('/a'), zk.watch('/a')];
      await Promise.all([one.ready, two.ready]);
      await one.return();
      await zk.set('/a', 'x');
      assert.deepEqual(await take(two, 1), ['NodeDataChanged /a']);
      assert.equal(await isWatched(context, '/a'), true);
      await two.return();
      assert.equal(await isWatched(context, '/a'), false);
    },
  },
  {
    name: 'a slow consumer gets PossiblyMissed for the events that did not fit into its buffer',
    async run({ zk }) {
      await zk.create('/a');
      const stream = zk.watch('/a', { bufferMax: 3 });
      await stream.ready;
      for (let index = 0; index < 4; index++) await zk.set('/a', String(index));
      const zxid = zk.lastZxid;
      await zk.set('/a', 'last');
      assert.deepEqual(await stream.next(), { value: { type: 'PossiblyMissed', path: '/a', zxid }, done: false });
      assert.deepEqual(await take(stream, 1), ['NodeDataChanged /a']);
      await zk.create('/a/b');
      assert.deepEqual(await take(stream, 1), ['NodeChildrenChanged /a']);
      await stream.return();
    },
  },
  {
    name: 'removeWatches ends a stream after its final event, and closing the client ends all streams',
    async run({ zk, connect }) {
      await zk.create('/a');
      const removed = zk.watch('/a');
      await removed.ready;
      await zk.set('/a', 'x');
      await zk.removeWatches('/a');
      assert.deepEqual(await take(removed, 5), ['NodeDataChanged /a', 'PersistentWatchRemoved /a']);
      const other = await connect();
      const [kept, waiting] = [other.watch('/a'), other.watch('/b')];
      await Promise.all([kept.ready, waiting.ready]);
      await other.set('/a', 'y');
      const next = waiting.next();
      await other.close();
      assert.deepEqual(await take(kept, 5), ['NodeDataChanged /a']);
      assert.deepEqual(await next, { value: undefined, done: true });
      const late = other.watch('/a');
      await refused(late.next(), 'CLOSED', { outcome: 'not-sent' });
    },
  },
];
