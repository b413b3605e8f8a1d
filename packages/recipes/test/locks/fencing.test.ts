import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Lock, ReadWriteLock, Semaphore } from '../../src/index.js';
import { recipeBench } from '../support/bench.js';
import { FencedStore } from '../support/fenced-store.js';

test('a late write of a former holder is refused by its token', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect()];
  const store = new FencedStore();
  const former = await new Lock(first, '/a').acquire();
  assert.ok(store.write(former.token, 'one'));
  const lost = once(former.signal, 'abort');
  await bench.expire(first);
  const holder = await new Lock(second, '/a').acquire();
  assert.ok(store.write(holder.token, 'two'));
  // a program that does not look at the signal
  assert.equal(store.write(former.token, 'late'), false);
  await lost;
  assert.ok(store.write(holder.token, 'three'));
  assert.deepEqual(store.values, ['one', 'two', 'three']);
});

test('the tokens of all exclusive recipes grow from holder to holder', async (context) => {
  const bench = await recipeBench(context);
  const clients = [await bench.connect(), await bench.connect()];
  const recipes = [
    (index: number) => new Lock(clients[index]!, '/lock'),
    (index: number) => new ReadWriteLock(clients[index]!, '/rw').write,
    (index: number) => new Semaphore(clients[index]!, '/semaphore', { permits: 1 }),
  ];
  for (const recipe of recipes) {
    let last = 0;
    for (let round = 0; round < 6; round++) {
      const held = await recipe(round % 2).acquire();
      assert.ok(held.token > last);
      last = held.token;
      await held.release();
      // the parent may be deleted when it is empty, and its numbers start again
      if (round === 3) await clients[0]!.deleteRecursive(recipe(0).path);
    }
  }
});
