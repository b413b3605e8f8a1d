import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { json, type StandardSchema, utf8, type ZooKeeper } from '@nodekeeper/client';
import { type CacheEvent, RecipeError, TreeCache } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { contentOf, likeOldServer, readTree, until, watchCount } from '../support/cached.js';
import { caughtLater } from '../support/caught-later.js';
import { disturbed } from '../support/line.js';

const port: StandardSchema<{ port: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof (value as { port?: unknown })?.port === 'number'
        ? { value: value as { port: number } }
        : { issues: [{ message: 'must be a number', path: ['port'] }] },
  },
};

async function makeTree(zk: ZooKeeper, root: string, parents: number, children: number): Promise<void> {
  await zk.createWithParents(root, 'root');
  for (let parent = 0; parent < parents; parent++) {
    await zk.create(`${root}/p${parent}`, `p${parent}`);
    await Promise.all(
      Array.from({ length: children }, (_, child) => zk.create(`${root}/p${parent}/c${child}`, `c${child}`)),
    );
  }
}

for (const mode of ['a recursive watch', 'one-shot watches'] as const) {
  const prepared = (zk: ZooKeeper) => (mode === 'one-shot watches' ? likeOldServer(zk) : zk);

  test(`with ${mode}, a started cache has every earlier change, and follows the later ones`, async (context) => {
    const bench = await recipeBench(context);
    const [zk, writer] = [prepared(await bench.connect()), await bench.connect()];
    await makeTree(writer, '/a', 3, 5);
    await using cache = new TreeCache(zk, '/a', { codec: utf8 });
    const events: string[] = [];
    for (const type of ['added', 'changed', 'removed'] as const) {
      cache.on(type, ({ path, value }) => events.push(`${type} ${path} ${value}`));
    }
    await cache.start();
    assert.equal(cache.size, 19);
    assert.equal(events.length, 19);
    assert.equal(events[0], 'added /a root');
    assert.deepEqual(contentOf(cache), await readTree(writer, '/a'));
    assert.deepEqual(cache.children('/a').sort(), ['p0', 'p1', 'p2']);
    assert.equal(cache.get('/a/p1/c4')?.value, 'c4');
    assert.equal(JSON.stringify(cache.get('/a/p1/c4')?.stat), JSON.stringify(await writer.exists('/a/p1/c4')));
    assert.equal(cache.get('/a/x'), undefined);
    assert.equal(cache.get('/b'), undefined);
    events.length = 0;
    await writer.set('/a/p1/c4', 'new');
    await until(zk, () => events.length === 1);
    await writer.create('/a/p3', 'p3');
    await writer.create('/a/p3/deep', 'deep');
    await until(zk, () => events.length === 3);
    await writer.deleteRecursive('/a/p3');
    await until(zk, () => events.length === 5);
    const expected = ['changed /a/p1/c4 new', 'added /a/p3 p3', 'added /a/p3/deep deep'];
    assert.deepEqual(events, [...expected, 'removed /a/p3/deep deep', 'removed /a/p3 p3']);
  });

  test(`with ${mode}, a cache follows a root that is created, deleted and created again`, async (context) => {
    const bench = await recipeBench(context);
    const [zk, writer] = [prepared(await bench.connect()), await bench.connect()];
    await using cache = new TreeCache(zk, '/a/root', { codec: utf8 });
    await cache.start();
    assert.equal(cache.size, 0);
    await writer.createWithParents('/a/root/b', '1');
    await until(zk, () => cache.get('/a/root/b')?.value === '1');
    await writer.deleteRecursive('/a');
    await until(zk, () => cache.size === 0);
    await writer.createWithParents('/a/root/b', '2');
    await until(zk, () => cache.get('/a/root/b')?.value === '2');
    assert.deepEqual(contentOf(cache), await readTree(writer, '/a/root'));
  });

  test(`with ${mode}, a cache converges to the tree and never goes back, over lost connections`, async (context) => {
    const bench = await recipeBench(context);
    const [{ zk, network }, writer] = [await disturbed(bench), await bench.connect()];
    prepared(zk);
    await makeTree(writer, '/a', 3, 3);
    await using cache = new TreeCache(zk, '/a', { codec: utf8 });
    const newest = new Map<string, number>();
    const check = ({ path, stat }: { path: string; stat: { mzxid: number } }) => {
      assert.ok(stat.mzxid > (newest.get(path) ?? 0), `${path} went back`);
      newest.set(path, stat.mzxid);
    };
    cache.on('added', check).on('changed', check);
    await cache.start();
    const changes: Promise<unknown>[] = [];
    let seed = 42;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    for (let step = 0; step < 400; step++) {
      const path = `/a/p${random(4)}${random(3) === 0 ? '' : `/c${random(4)}`}`;
      const change = [
        () => writer.set(path, `${step}`),
        () => writer.createWithParents(path, `${step}`),
        () => writer.deleteRecursive(path),
      ][random(3)]!;
      // the node may be missing or exist already
      const changing = change().catch(() => {});
      changes.push(changing);
      if (step % 40 === 0) network.cut();
      if (random(4) === 0) await changing;
    }
    await Promise.all(changes);
    const expected = await readTree(writer, '/a');
    const isEqual = () => {
      const content = contentOf(cache);
      return content.size === expected.size && [...expected].every(([path, text]) => content.get(path) === text);
    };
    await until(zk, isEqual);
  });

  test(`with ${mode}, a cache continues with the next session of a client that renews it`, async (context) => {
    const bench = await recipeBench(context);
    const zk = prepared(await bench.connect({ renewSession: true, reconnectDelayMs: { base: 5, max: 10 } }));
    const writer = await bench.connect();
    await makeTree(writer, '/a', 2, 2);
    await using cache = new TreeCache(zk, '/a', { codec: utf8 });
    await cache.start();
    const expired = once(zk, 'Expired');
    await bench.expire(zk);
    await writer.set('/a/p0/c0', 'new');
    await writer.delete('/a/p1/c1');
    await expired;
    await until(zk, () => cache.get('/a/p0/c0')?.value === 'new' && cache.get('/a/p1/c1') === undefined);
    await writer.set('/a/p0/c0', 'newer');
    await until(zk, () => cache.get('/a/p0/c0')?.value === 'newer');
  });

  test(`with ${mode}, a closed cache leaves no watch, and refuses calls`, async (context) => {
    const bench = await recipeBench(context);
    const zk = prepared(await bench.connect());
    await makeTree(zk, '/a', 2, 3);
    const cache = new TreeCache(zk, '/a');
    await cache.start();
    const events = cache.events();
    await cache.close();
    await cache.close();
    assert.deepEqual(await events.next(), { value: undefined, done: true });
    assert.equal(watchCount(zk), 0);
    assert.throws(() => cache.get('/a'), { code: 'CLOSED', message: 'TreeCache /a: the cache is closed (CLOSED)' });
    assert.throws(() => [...cache], { code: 'CLOSED' });
    await refused(cache.start(), 'CLOSED');
  });
}

test('after a lost connection, a cache reads only the data that changed', async (context) => {
  const bench = await recipeBench(context);
  const [{ zk, network }, writer] = [await disturbed(bench), await bench.connect()];
  await makeTree(writer, '/a', 10, 20);
  await using cache = new TreeCache(zk, '/a', { codec: utf8 });
  await cache.start();
  const reads = { get: 0, exists: 0, children: 0 };
  for (const name of ['get', 'exists', 'children'] as const) {
    const original = zk[name].bind(zk) as (...values: unknown[]) => Promise<never>;
    zk[name] = (...values: unknown[]) => {
      reads[name]++;
      return original(...values);
    };
  }
  network.refuse();
  network.cut();
  await Promise.all([writer.set('/a/p3/c7', 'new'), writer.delete('/a/p4/c1'), writer.create('/a/p5/c20', 'c20')]);
  const changed = once(cache, 'changed');
  network.accept();
  await changed;
  // a list for the root and each parent, a Stat for each leaf, and the data of the two new values
  assert.deepEqual(reads, { get: 2, exists: 199, children: 11 });
  assert.equal(cache.get('/a/p3/c7')?.value, 'new');
  assert.equal(cache.get('/a/p4/c1'), undefined);
  await until(writer, () => cache.get('/a/p5/c20')?.value === 'c20');
  // a reconnection without a change in between costs nothing
  const { requestsSent } = zk.stats();
  const connected = once(zk, 'SyncConnected');
  network.cut();
  await connected;
  await zk.sync('/');
  assert.equal(zk.stats().requestsSent - requestsSent, 1);
});

test('a change costs one read, and a deletion none', async (context) => {
  const bench = await recipeBench(context);
  const [zk, writer] = [await bench.connect(), await bench.connect()];
  await makeTree(writer, '/a', 3, 3);
  await using cache = new TreeCache(zk, '/a', { codec: utf8 });
  await cache.start();
  const before = zk.stats().requestsSent;
  await writer.set('/a/p1', 'new');
  await until(writer, () => cache.get('/a/p1')?.value === 'new');
  assert.equal(zk.stats().requestsSent - before, 1);
  await writer.delete('/a/p1/c1');
  await until(writer, () => cache.get('/a/p1/c1') === undefined);
  assert.equal(zk.stats().requestsSent - before, 1);
});

test('a node that the codec refuses keeps its last good value, and does not affect other nodes', async (context) => {
  const bench = await recipeBench(context);
  const [{ zk, network }, writer] = [await disturbed(bench), await bench.connect()];
  await writer.createWithParents('/a/good', '{"port":1}');
  await writer.create('/a/bad', '{"port":"none"}');
  await writer.set('/a', null);
  await using cache = new TreeCache(zk, '/a', { codec: json(port) });
  const invalid: string[] = [];
  cache.on('invalid', ({ path, error, stat }) => {
    assert.ok(error.cause instanceof Error);
    invalid.push(`${path} ${stat?.version} ${error.message}`);
  });
  await cache.start();
  const message = 'must be a number (INVALID_DATA)';
  assert.deepEqual(invalid, [`/a/bad 0 TreeCache /a: /a/bad, version 0: port: ${message}`]);
  assert.deepEqual(
    [...cache].map(({ path, value }) => [path, value]),
    [
      ['/a', null],
      ['/a/good', { port: 1 }],
    ],
  );
  await writer.set('/a/good', 'no JSON at all').catch(() => {});
  await until(zk, () => invalid.length === 2);
  assert.deepEqual(cache.get('/a/good')?.value, { port: 1 });
  assert.equal(cache.get('/a/good')?.stat.version, 0);
  // the invalid nodes did not change while the connection was lost, so the cache does not report them again
  network.refuse();
  network.cut();
  await writer.create('/a/later', '{"port":2}');
  const later = once(cache, 'added');
  network.accept();
  await later;
  await zk.sync('/');
  assert.equal(invalid.length, 2);
  const adding = once(cache, 'added');
  await writer.set('/a/bad', '{"port":3}');
  const [added] = await adding;
  assert.deepEqual([added.path, added.value], ['/a/bad', { port: 3 }]);
});

test('a subtree that the client may not read is reported, and the rest works', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await makeTree(zk, '/a', 2, 2);
  await zk.create('/a/secret', '', { acl: [{ scheme: 'digest', id: 'u:hash', perms: 31 }] });
  await using cache = new TreeCache(zk, '/a');
  const invalid: [string, string][] = [];
  cache.on('invalid', ({ path, error }) => invalid.push([path, error.message]));
  await cache.start();
  assert.equal(cache.size, 7);
  assert.equal(invalid.length, 1);
  assert.equal(invalid[0]![0], '/a/secret');
  assert.match(invalid[0]![1], /^TreeCache \/a: get \/a\/secret: .*\(NOAUTH\)$/);
});

test('a root that the client may not read is an error of start', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/secret', '', { acl: [{ scheme: 'digest', id: 'u:hash', perms: 31 }] });
  await refused(new TreeCache(zk, '/secret').start(), 'NOAUTH');
  await zk.sync('/');
  assert.equal(watchCount(zk), 0);
});

test('start that is aborted or takes too long leaves no watch, and can be called again', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench);
  const cache = new TreeCache(zk, '/a');
  network.refuse();
  network.cut();
  await refused(cache.start({ timeoutMs: 20 }), 'TIMEOUT');
  await refused(cache.start({ signal: AbortSignal.abort() }), 'ABORTED');
  network.accept();
  await zk.sync('/');
  assert.equal(watchCount(zk), 0);
  await cache.start();
  await refused(cache.start(), 'BADARGUMENTS');
  await cache.close();
  assert.equal(watchCount(zk), 0);
});

test('a cache whose session expires for good ends with an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const cache = new TreeCache(zk, '/a');
  await cache.start();
  const events = cache.events();
  const ended = once(cache, 'error');
  await bench.expire(zk);
  const [error] = await ended;
  assert.ok(RecipeError.is(error, 'SESSIONEXPIRED'), String(error));
  await refused(events.next(), 'SESSIONEXPIRED');
  assert.throws(() => cache.get('/a'), { code: 'SESSIONEXPIRED' });
  await cache.close();
});

test('a cache of a client that the program closes ends without an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const cache = new TreeCache(zk, '/a');
  await cache.start();
  const events = cache.events();
  const next = events.next();
  await zk.close();
  assert.deepEqual(await next, { value: undefined, done: true });
  assert.throws(() => cache.get('/a'), { code: 'CLOSED' });
  await refused(new TreeCache(zk, '/a').start(), 'CLOSED');
});

test('a listener that throws does not stop the cache or other listeners', async (context) => {
  const bench = await recipeBench(context);
  const [zk, writer] = [await bench.connect(), await bench.connect()];
  await makeTree(writer, '/a', 1, 1);
  const errors = caughtLater(context);
  await using cache = new TreeCache(zk, '/a');
  const paths: string[] = [];
  cache.on('added', () => {
    throw new Error('broken listener');
  });
  cache.on('added', ({ path }) => paths.push(path));
  await cache.start();
  assert.deepEqual(paths, ['/a', '/a/p0', '/a/p0/c0']);
  await zk.sync('/');
  assert.equal(errors.length, 3);
});

test('a cache watches again if another part of the program removes its watch', async (context) => {
  const bench = await recipeBench(context);
  const [zk, writer] = [await bench.connect(), await bench.connect()];
  await makeTree(writer, '/a', 1, 1);
  await using cache = new TreeCache(zk, '/a', { codec: utf8 });
  await cache.start();
  await zk.removeWatches('/a');
  await until(zk, () => watchCount(zk) === 1);
  await writer.set('/a/p0', 'new');
  await until(zk, () => cache.get('/a/p0')?.value === 'new');
});

test('a slow consumer of events gets the newest value of each changed node, once', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await makeTree(zk, '/a', 2, 0);
  await using cache = new TreeCache(zk, '/a', { codec: utf8 });
  await cache.start();
  const events = cache.events();
  for (const value of ['1', '2', '3']) {
    await zk.set('/a/p0', value);
    await until(zk, () => cache.get('/a/p0')?.value === value);
  }
  await zk.create('/a/short', '');
  await until(zk, () => cache.get('/a/short') !== undefined);
  await zk.delete('/a/short');
  await zk.delete('/a/p1');
  await until(zk, () => cache.get('/a/p1') === undefined);
  const seen: string[] = [];
  const note = (event: CacheEvent<string>) => seen.push(`${event.type} ${event.path}`);
  for await (const event of events) if (note(event) === 2) break;
  assert.deepEqual(seen, ['changed /a/p0', 'removed /a/p1']);
  const controller = new AbortController();
  const later = cache.events({ signal: controller.signal }).next();
  controller.abort();
  await refused(later, 'ABORTED');
});

test('an invalid option is refused', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  assert.throws(() => new TreeCache(zk, '/a', { readsMax: 0 }), { code: 'BADARGUMENTS' });
  assert.throws(() => new TreeCache(zk, '/a', { codec: {} as never }), /codec must be a codec/);
});
