import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAbsence } from '../src/checks/absence.js';
import { checkOneHistory } from '../src/checks/one-history.js';
import { ZxidOrder } from '../src/checks/zxid-order.js';
import type { Operation } from '../src/history/operations.js';
import { operation } from './support.js';

const orderFaults = (...operations: Operation[]) => new ZxidOrder(operations).check().map(({ what }) => what);
const historyFaults = (...operations: Operation[]) => checkOneHistory(operations).map(({ what }) => what);

const write = (from: number, to: number, zxid: number, client = 'a', key = '/k') =>
  operation('set', from, to, { value: `v${zxid}`, saw: [`v${zxid}`, zxid, zxid], client, key });
const read = (from: number, to: number, zxid: number, client = 'a', key = '/k') =>
  operation('read', from, to, { saw: [`v${zxid}`, zxid, zxid], client, key });

test('a write has a later zxid than writes that were acknowledged before its invocation', () => {
  assert.deepEqual(orderFaults(write(0, 1, 5), write(2, 3, 6, 'b')), []);
  assert.deepEqual(orderFaults(write(0, 4, 6), write(2, 3, 5, 'b')), []);
  assert.equal(orderFaults(write(0, 1, 6, 'a', '/x'), write(2, 3, 5, 'b', '/y')).length, 1);
});

test('a read after a sync misses no acknowledged write', () => {
  const late = (zxid: number) => ({ ...read(4, 5, zxid, 'b'), kind: 'sync+read' as const });
  assert.deepEqual(orderFaults(write(0, 1, 5), write(2, 3, 6), late(6)), []);
  assert.equal(orderFaults(write(0, 1, 5), write(2, 3, 6), late(5)).length, 1);
  assert.deepEqual(orderFaults(write(0, 1, 5), write(2, 3, 6), read(4, 5, 5, 'b')), [], 'a plain read may be stale');
});

test('a session reads its own writes, and never an older state than before', () => {
  assert.equal(orderFaults(write(0, 1, 5, 'b'), write(2, 3, 6), read(4, 5, 5)).length, 1);
  const others = [write(0, 1, 5, 'b'), write(2, 3, 6, 'b')];
  assert.equal(orderFaults(...others, read(4, 5, 6), read(6, 7, 5)).length, 1);
  assert.deepEqual(orderFaults(...others, read(4, 5, 5), read(6, 7, 6)), []);
});

test('a session that has seen a zxid at one node sees no older state of another node', () => {
  const others = [write(0, 1, 5, 'b', '/x'), write(2, 3, 6, 'b', '/x'), write(4, 5, 7, 'b', '/y')];
  assert.deepEqual(orderFaults(...others, read(6, 7, 7, 'a', '/y'), read(8, 9, 6, 'a', '/x')), []);
  assert.equal(orderFaults(...others, read(6, 7, 7, 'a', '/y'), read(8, 9, 5, 'a', '/x')).length, 1);
});

test('concurrent requests of one session are carried out in order', () => {
  const together = [write(0, 9, 5), write(0, 9, 6), read(0, 9, 6)];
  assert.deepEqual(orderFaults(...together), []);
  assert.equal(orderFaults(write(0, 9, 6), write(0, 9, 5)).length, 1);
  assert.equal(orderFaults(write(0, 9, 5), write(0, 9, 6), read(0, 9, 5)).length, 1);
});

test('a node has one state at one zxid, on every server', () => {
  const writer = operation('create', 0, 1, { value: 'a', saw: ['a', 0, 5, 5] });
  assert.deepEqual(historyFaults(writer, operation('read', 2, 3, { saw: ['a', 0, 5, 5] })), []);
  assert.deepEqual(historyFaults(writer, operation('read', 2, 3, { saw: ['a', 1, 5, 5] })), [
    '/k had two states at one zxid',
  ]);
});

test('versions increase with zxids, and start again with a new node', () => {
  const create = operation('create', 0, 1, { value: 'a', saw: ['a', 0, 5, 5] });
  const set = operation('set', 2, 3, { value: 'b', saw: ['b', 1, 6, 5] });
  const again = operation('create', 4, 5, { value: 'c', saw: ['c', 0, 8, 8] });
  assert.deepEqual(historyFaults(create, set, again), []);
  const wrong = operation('set', 2, 3, { value: 'b', saw: ['b', 0, 6, 5] });
  assert.deepEqual(historyFaults(create, wrong), ['/k has a later zxid with an earlier version']);
});

test('every value that is read was written', () => {
  assert.deepEqual(historyFaults(operation('read', 0, 1, { saw: ['x', 0] })), ['/k held a value that no client wrote']);
  const notSent = operation('set', 0, 1, { value: 'x', outcome: 'void', error: 'CONNECTIONLOSS' });
  const unknown = operation('set', 0, undefined, { value: 'x' });
  const seen = operation('read', 2, 3, { saw: ['x', 1] });
  assert.deepEqual(historyFaults(notSent, seen), ['/k held the value of a write that was not carried out']);
  assert.deepEqual(historyFaults(unknown, seen), []);
});

test('a node that a session has seen disappears only if a client deleted it', () => {
  const create = operation('create', 0, 1, { value: 'a', saw: ['a', 0] });
  const gone = operation('read', 4, 5, { saw: null });
  assert.equal(checkAbsence([create, gone]).length, 1);
  assert.deepEqual(checkAbsence([create, operation('delete', 2, 3, { client: 'b' }), gone]), []);
  assert.deepEqual(checkAbsence([create, operation('delete', 2, undefined, { client: 'b' }), gone]), []);
  const before = operation('delete', -3, -2, { client: 'b' });
  assert.equal(checkAbsence([before, create, gone]).length, 1);
  assert.deepEqual(checkAbsence([create, { ...gone, session: 'b' }]), [], 'another session may see an older state');
});
