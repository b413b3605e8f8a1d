import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLinearizable } from '../src/checks/linearizability.js';
import { linearizablePart, registerModel } from '../src/checks/register-model.js';
import { checkRegister } from '../src/checks/registers.js';
import type { Operation } from '../src/history/operations.js';
import { Random } from '../src/random.js';
import { operation } from './support.js';

const isGood = (...operations: Operation[]) =>
  checkLinearizable(registerModel, linearizablePart(operations)).isLinearizable;

const created = () => operation('create', 0, 1, { value: 'a', saw: ['a', 0] });

test('a read after a write sees the write', () => {
  assert.equal(isGood(created(), operation('sync+read', 2, 3, { saw: ['a', 0] })), true);
  assert.equal(isGood(created(), operation('sync+read', 2, 3, { saw: null })), false);
});

test('a read concurrent with a write sees the state before or after it', () => {
  const write = () => operation('set', 2, 6, { value: 'b', saw: ['b', 1] });
  assert.equal(isGood(created(), write(), operation('sync+read', 3, 4, { saw: ['a', 0] })), true);
  assert.equal(isGood(created(), write(), operation('sync+read', 3, 4, { saw: ['b', 1] })), true);
});

test('no later read sees an older state than an earlier read', () => {
  const write = operation('set', 2, 9, { value: 'b', saw: ['b', 1] });
  const reads = [operation('sync+read', 3, 4, { saw: ['b', 1] }), operation('sync+read', 5, 6, { saw: ['a', 0] })];
  assert.equal(isGood(created(), write, ...reads), false);
});

test('a stale plain read is not a violation of linearizability', () => {
  assert.equal(isGood(created(), operation('read', 2, 3, { saw: null })), true);
});

test('the check finds a lost acknowledged write', () => {
  const set = operation('set', 2, 3, { value: 'b', saw: ['b', 1] });
  assert.equal(isGood(created(), set, operation('sync+read', 4, 5, { saw: ['a', 0] })), false);
});

test('a write of unknown outcome takes effect at any later time, or never', () => {
  const set = () => operation('set', 2, undefined, { value: 'b' });
  assert.equal(isGood(created(), set(), operation('sync+read', 50, 51, { saw: ['a', 0] })), true);
  assert.equal(isGood(created(), set(), operation('sync+read', 50, 51, { saw: ['b', 1] })), true);
  const late = [operation('sync+read', 50, 51, { saw: ['a', 0] }), operation('sync+read', 60, 61, { saw: ['b', 1] })];
  assert.equal(isGood(created(), set(), ...late), true);
});

test('a write of unknown outcome takes effect at most once, and not before its invocation', () => {
  const set = () => operation('set', 10, undefined, { value: 'b' });
  const other = operation('set', 20, 21, { value: 'c', saw: ['c', 2] });
  const again = operation('sync+read', 30, 31, { saw: ['b', 3] });
  assert.equal(isGood(created(), set(), other), true);
  assert.equal(isGood(created(), set(), other, again), false);
  assert.equal(isGood(created(), operation('sync+read', 5, 6, { saw: ['b', 1] }), set()), false);
});

test('no read sees a write that was certainly not carried out', () => {
  const notSent = operation('set', 2, 3, { value: 'b', outcome: 'void', error: 'CONNECTIONLOSS' });
  assert.equal(isGood(created(), notSent, operation('sync+read', 4, 5, { saw: ['a', 0] })), true);
  assert.equal(isGood(created(), notSent, operation('sync+read', 4, 5, { saw: ['b', 1] })), false);
});

test('a refusal tells the state of the node', () => {
  const refused = (error: string) => operation('create', 2, 3, { value: 'b', error });
  assert.equal(isGood(created(), refused('NODEEXISTS')), true);
  assert.equal(isGood(refused('NODEEXISTS')), false);
  const conditional = (ifVersion: number) => operation('set', 2, 3, { value: 'b', ifVersion, error: 'BADVERSION' });
  assert.equal(isGood(created(), conditional(7)), true);
  assert.equal(isGood(created(), conditional(0)), false);
});

test('only one of two conditional writes on one version succeeds', () => {
  const set = (value: string) => operation('set', 2, 5, { value, ifVersion: 0, saw: [value, 1] });
  assert.equal(isGood(created(), set('b')), true);
  assert.equal(isGood(created(), set('b'), set('c')), false);
});

test('versions start again after a delete and a create', () => {
  const gone = operation('delete', 2, 3);
  const again = operation('create', 4, 5, { value: 'b', saw: ['b', 0] });
  assert.equal(isGood(created(), gone, again, operation('sync+read', 6, 7, { saw: ['b', 0] })), true);
  assert.equal(isGood(created(), operation('create', 4, 5, { value: 'b', saw: ['b', 0] })), false);
});

test('a violation shows the longest order and the operations that do not fit', () => {
  const lost = operation('sync+read', 4, 5, { saw: null });
  const { violation } = checkRegister('/k', [created(), lost]);
  assert.match(violation!.what, /^\/k is not linearizable: after an order of 1 operations/);
  assert.ok(violation!.evidence.some((line) => line.includes(`#${lost.number}`) && line.includes('no such node')));
});

/**
 * The random history of a correct node with concurrent clients. Each operation takes effect between its invocation and
 * its completion.
 */
function randomHistory(random: Random, length: number): Operation[] {
  const moments = Array.from({ length }, (_, index) => ({ at: index * 10, isKnown: !random.chance(4) }));
  let version = -1;
  let value: string | undefined;
  return moments.map(({ at, isKnown }, index) => {
    const from = at - random.below(60);
    const to = isKnown ? at + 1 + random.below(60) : undefined;
    if (random.chance(40) && isKnown) {
      return operation('sync+read', from, to, { saw: value === undefined ? null : [value, version] });
    }
    const written = `v${index}`;
    if (value === undefined) {
      [value, version] = [written, 0];
      return operation('create', from, to, { value: written, ...(isKnown && { saw: [written, 0] as const }) });
    }
    [value, version] = [written, version + 1];
    return operation('set', from, to, { value: written, ...(isKnown && { saw: [written, version] as const }) });
  });
}

test('histories of a correct node are linearizable, and the check finds a changed reply', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = new Random(seed);
    const history = randomHistory(random, 120);
    assert.equal(isGood(...history), true, `seed ${seed}`);
    const changed = history.map((one) => ({ ...one }));
    const read = random.pick(changed.filter(({ kind, seen }) => kind === 'sync+read' && seen !== null));
    read.seen = { ...read.seen!, version: read.seen!.version + 1 };
    assert.equal(isGood(...changed), false, `seed ${seed}, changed`);
  }
});

test('the check decides a long history with many writes of unknown outcome', () => {
  const random = new Random(7);
  assert.equal(isGood(...randomHistory(random, 2_000)), true);
});

test('hundreds of concurrent reads beside unanswered writes are checked quickly', () => {
  const writes = Array.from({ length: 8 }, (_, index) => operation('set', 10, undefined, { value: `u${index}` }));
  const reads = Array.from({ length: 300 }, (_, index) =>
    operation('sync+read', 5, 5_000 + index, { saw: index % 2 === 0 ? ['a', 0] : ['u3', 1] }),
  );
  assert.equal(isGood(created(), ...writes, ...reads), true);
  assert.equal(isGood(created(), ...writes, ...reads, operation('sync+read', 6_000, 6_001, { saw: ['x', 3] })), false);
});
