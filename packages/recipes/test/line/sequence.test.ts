import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Caller } from '../../src/foundation/call.js';
import { entryOf } from '../../src/line/naming.js';
import { compareSequence, readSequence } from '../../src/line/sequence.js';
import { WaitingLine } from '../../src/line/waiting-line.js';

const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });

/** Formats a number as the server does: `%010d`. */
function formatted(value: number): string {
  return value < 0 ? `-${String(-value).padStart(9, '0')}` : String(value).padStart(10, '0');
}

test('every number that a server can append is read back', () => {
  fc.assert(fc.property(int32, (value) => assert.equal(readSequence(formatted(value)), value)));
});

test('text that no server appends is not a number', () => {
  for (const text of ['', '1', '000000001', '00000000001', '-00000001', '-00000000001', '000000000x', ' 000000001']) {
    assert.equal(readSequence(text), undefined, text);
  }
});

test('kazoo#730: after the wrap at 2^31, earlier nodes still come first', () => {
  fc.assert(
    fc.property(int32, fc.integer({ min: 1, max: 0x7fffffff }), (value, distance) => {
      const later = (value + distance) | 0;
      assert.ok(compareSequence(value, later) < 0);
      assert.ok(compareSequence(later, value) > 0);
      assert.equal(compareSequence(value, value), 0);
    }),
  );
});

test('the minus sign of a negative number does not belong to the marker', () => {
  const markers = ['-lock-'];
  assert.equal(entryOf('_c_x-lock-0000000007', markers)?.sequence, 7);
  assert.equal(entryOf('_c_x-lock--000000007', markers)?.sequence, -7);
  assert.equal(entryOf('_c_x-lock--2147483648', markers)?.sequence, -2147483648);
});

test('a foreign name is no entry', () => {
  for (const name of ['config', 'x-lock-', 'x-lock-12', '-lock-0000000001x', 'x__lock__0000000001']) {
    assert.equal(entryOf(name, ['-lock-']), undefined, name);
  }
});

test('kazoo#730: the entries of a line keep their order across the wrap, and a reader follows its own writer', () => {
  const caller = { recipe: 'Lock', path: '/a' } as Caller;
  const markers = ['-__WRIT__', '-__READ__'];
  const line = new WaitingLine(caller, { naming: 'curator', marker: markers[0]!, markers });
  const names = [
    'd-__WRIT__-2147483647',
    'c-__READ__-2147483648',
    'b-__READ__2147483647',
    'a-__WRIT__2147483647',
    'config',
    'z-__WRIT__2147483646',
  ];
  assert.deepEqual(
    line.entries(names).map(({ name }) => name[0]),
    ['z', 'a', 'b', 'c', 'd'],
  );
});
