import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lock } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';

test('a waiting client whose session is renewed stands in the line again, although nothing before it has changed', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect({ renewSession: true })];
  const held = await new Lock(first, '/a').acquire();
  const waiting = new Lock(second, '/a').acquire();
  while ((await first.children('/a')).children.length < 2);
  await bench.expire(second);
  while ((await first.children('/a')).children.length < 2);
  await held.release();
  await (await waiting).release();
});

test('a waiting client whose session is over for good stops waiting', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect()];
  await using held = await new Lock(first, '/a').acquire();
  const waiting = new Lock(second, '/a').acquire();
  while ((await first.children('/a')).children.length < 2);
  await bench.expire(second);
  await refused(waiting, 'SESSIONEXPIRED');
  assert.deepEqual((await first.children('/a')).children, [held.path.slice('/a/'.length)]);
});
