import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Digests } from '../src/checks/digests.js';
import { checkLocks } from '../src/checks/ephemerals.js';

const node = (number: number, czxid: number, session = '0x1', owner = session) => ({
  path: `/chaos/locks/lock-${String(number).padStart(10, '0')}`,
  session,
  owner,
  czxid,
});
const faults = (...given: Parameters<typeof checkLocks>) => checkLocks(...given).map(({ what }) => what);

test('numbers of sequential nodes increase with their zxids', () => {
  assert.deepEqual(faults([node(2, 9), node(1, 8), node(4, 12)], [], []), []);
  assert.equal(faults([node(1, 9), node(2, 8)], [], []).length, 1);
  assert.equal(faults([node(1, 8), node(1, 9)], [], []).length, 1);
});

test('an ephemeral node belongs to the session that created it', () => {
  assert.equal(faults([node(1, 8, '0x1', '0x2')], [], []).length, 1);
});

test('an ephemeral node is gone when the end of its session is acknowledged', () => {
  const listing = (invokedMs: number) => ({ client: 'b', names: ['lock-0000000001'], invokedMs });
  const ended = [{ session: '0x1', confirmedMs: 100 }];
  assert.deepEqual(faults([node(1, 8)], [listing(99)], ended), [], 'the session was alive at the listing');
  assert.equal(faults([node(1, 8)], [listing(101)], ended).length, 1);
  const unconfirmed = [{ session: '0x1', confirmedMs: Number.POSITIVE_INFINITY }];
  assert.deepEqual(faults([node(1, 8)], [listing(101)], unconfirmed), [], 'the servers need not know yet');
  assert.deepEqual(faults([node(1, 8, '0x2')], [listing(101)], ended), []);
});

test('servers have equal digests at one zxid', () => {
  const digests = new Digests();
  digests.add('server 1', '100000080: 5\n100000100: 6\n');
  digests.add('server 2', '100000100: 6\n');
  assert.equal(digests.agreements(2), 1);
  assert.deepEqual(digests.violations, []);
  digests.add('server 3', '100000080: 7\n');
  assert.deepEqual(
    digests.violations.map(({ evidence }) => evidence),
    [['server 1: 5', 'server 3: 7']],
  );
});
