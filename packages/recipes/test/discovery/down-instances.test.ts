import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scheduler } from '@nodekeeper/client';
import { DownInstances } from '../../src/discovery/down-instances.js';

function movable(): { scheduler: Scheduler; clock: { nowMs: number } } {
  const clock = { nowMs: 5000 };
  const scheduler = { monotonicMs: () => clock.nowMs, nextTurn: () => {}, after: () => () => {} };
  return { scheduler, clock };
}

test('the errors of an instance are forgotten some time after the first of them', () => {
  const { scheduler, clock } = movable();
  const down = new DownInstances({ errorsMax: 2, timeoutMs: 100 }, scheduler);
  assert.equal(down.nextChangeMs(), undefined);
  down.note('a');
  clock.nowMs += 60;
  down.note('b');
  assert.equal(down.isDown('a'), false);
  down.note('a');
  down.note('b');
  assert.deepEqual([down.isDown('a'), down.isDown('b'), down.nextChangeMs()], [true, true, 40]);
  clock.nowMs += 40;
  assert.deepEqual([down.isDown('a'), down.isDown('b'), down.nextChangeMs()], [false, true, 60]);
  down.note('a');
  assert.equal(down.isDown('a'), false, 'the count starts again');
  clock.nowMs += 60;
  assert.deepEqual([down.isDown('b'), down.nextChangeMs()], [false, 40]);
});

test('by default, an instance is down after two errors in 30 seconds', () => {
  const { scheduler, clock } = movable();
  const down = new DownInstances({}, scheduler);
  down.note('a');
  clock.nowMs += 29_999;
  down.note('a');
  assert.equal(down.isDown('a'), true);
  clock.nowMs += 1;
  assert.equal(down.isDown('a'), false);
});
