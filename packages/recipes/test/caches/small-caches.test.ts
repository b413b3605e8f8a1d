import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8, type ZooKeeper } from '@nodekeeper/client';
import { ChildrenCache, NodeCache } from '../../src/index.js';
import { recipeBench } from '../support/bench.js';
import { contentOf, likeOldServer, until } from '../support/cached.js';
import { disturbed } from '../support/line.js';

for (const mode of ['a persistent watch', 'one-shot watches'] as const) {
  const prepared = (zk: ZooKeeper) => (mode === 'one-shot watches' ? likeOldServer(zk) : zk);

  test(`with ${mode}, a node cache follows one node and nothing below it`, async (context) => {
    const bench = await recipeBench(context);
    const [{ zk, network }, writer] = [await disturbed(bench), await bench.connect()];
    await using cache = new NodeCache(prepared(zk), '/a', { codec: utf8 });
    await cache.start();
    assert.equal(cache.current, undefined);
    await writer.create('/a', '1');
    await until(zk, () => cache.current?.value === '1');
    const { requestsSent } = writer.stats();
    await writer.create('/a/below', '');
    await writer.sync('/');
    assert.equal(writer.stats().requestsSent - requestsSent, 2);
    assert.deepEqual(contentOf(cache), new Map([['/a', '1']]));
    network.refuse();
    network.cut();
    await writer.set('/a', '2');
    network.accept();
    await until(zk, () => cache.current?.value === '2');
    await writer.deleteRecursive('/a');
    await until(zk, () => cache.current === undefined);
    await writer.create('/a', '3');
    await until(zk, () => cache.current?.value === '3');
  });

  test(`with ${mode}, a children cache has the children and not the node or deeper nodes`, async (context) => {
    const bench = await recipeBench(context);
    const [{ zk, network }, writer] = [await disturbed(bench), await bench.connect()];
    await writer.createWithParents('/a/b/deep', 'deep');
    await writer.create('/a/c', 'c');
    await using cache = new ChildrenCache(prepared(zk), '/a', { codec: utf8 });
    await cache.start();
    const initial = [
      ['/a/b', ''],
      ['/a/c', 'c'],
    ] as const;
    assert.deepEqual([...contentOf(cache)].sort(), initial);
    await writer.set('/a/b/deep', 'x');
    await writer.create('/a/b/deeper', 'x');
    await writer.set('/a', 'x');
    await writer.set('/a/c', 'd');
    await until(zk, () => cache.child('c')?.value === 'd');
    await writer.create('/a/e', 'e');
    await until(zk, () => cache.child('e')?.value === 'e');
    network.refuse();
    network.cut();
    await writer.delete('/a/e');
    await writer.create('/a/f', 'f');
    await writer.set('/a/c', 'g');
    network.accept();
    await until(zk, () => cache.child('f') !== undefined && cache.child('c')?.value === 'g');
    assert.deepEqual(cache.children().sort(), ['b', 'c', 'f']);
    assert.equal(cache.size, 3);
    await writer.deleteRecursive('/a');
    await until(zk, () => cache.size === 0);
    await writer.createWithParents('/a/h', 'h');
    await until(zk, () => cache.child('h')?.value === 'h');
  });
}
