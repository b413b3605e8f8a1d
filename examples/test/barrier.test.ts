import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram, startTestServer } from './support/setup.js';

test('barrier: nobody runs before all are there, and nobody goes home before all have finished', async (context) => {
  const server = await startTestServer(context);
  const order: string[] = [];
  const names = ['Anna', 'Ben', 'Cleo'];
  const runners = names.map((name) => runProgram(context, 'barrier/runner', server, name, '3'));
  const follow = async (index: number) => {
    for (const step of ['runs', 'is at the finish', 'goes home']) {
      await runners[index]!.line(new RegExp(step));
      order.push(step);
    }
    assert.equal(await runners[index]!.exited, 0);
  };
  await Promise.all(names.map((_, index) => follow(index)));
  assert.ok(order.indexOf('goes home') > order.lastIndexOf('is at the finish'), order.join());
});
