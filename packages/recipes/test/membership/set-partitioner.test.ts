import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import { type Assignment, Lock, type RecipeError, SetPartitioner } from '../../src/index.js';
import { everyNth } from '../../src/membership/partition.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed } from '../support/line.js';

const items = ['a', 'b', 'c', 'd', 'e'];
const fast = { settleMs: 20 };

/** Works on the items of a partitioner until they must be given back. Notes all items that are worked on. */
function work(partitioner: SetPartitioner, working: Map<string, string>): SetPartitioner {
  partitioner.on('assigned', async (assignment) => {
    for (const item of assignment.items) {
      assert.equal(working.get(item), undefined, `two members work on ${item}`);
      working.set(item, partitioner.id);
    }
    if (!assignment.signal.aborted) await once(assignment.signal, 'abort');
    for (const item of assignment.items) working.delete(item);
    await assignment.release();
  });
  return partitioner;
}

/** Waits until the members have these numbers of items, and all items are assigned. */
async function untilDivided(zk: ZooKeeper, working: ReadonlyMap<string, string>, expected: string): Promise<void> {
  for (;;) {
    const counts: Record<string, number> = {};
    for (const id of working.values()) counts[id] = (counts[id] ?? 0) + 1;
    const text = Object.entries(counts).sort();
    if (text.map(([id, count]) => `${id}${count}`).join() === expected) return;
    await zk.exists('/');
  }
}

test('the members share the items, and each item has one member at any time', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  const working = new Map<string, string>();
  const members: SetPartitioner[] = [];
  for (const [id, expected] of [
    ['x', 'x5'],
    ['y', 'x3,y2'],
    ['z', 'x2,y2,z1'],
  ] as const) {
    const member = work(new SetPartitioner(await bench.connect(), '/deep/set', items, { id, ...fast }), working);
    await member.start();
    members.push(member);
    await untilDivided(operator, working, expected);
  }
  assert.deepEqual(Object.fromEntries(working), { a: 'x', b: 'y', c: 'z', d: 'x', e: 'y' });
  await members[0]!.close();
  await untilDivided(operator, working, 'y3,z2');
  await members[1]!.close();
  await members[2]!.close();
  for (const path of ['/deep/set/party', ...items.map((item) => `/deep/set/locks/${item}`)]) {
    while ((await operator.exists(path))?.numChildren);
  }
});

test('an item goes to another member only after its release', async (context) => {
  const bench = await recipeBench(context);
  await using first = new SetPartitioner(await bench.connect(), '/set', ['a'], { id: '2', ...fast });
  await first.start();
  const assignment = await first.waitForAssignment();
  assert.deepEqual(assignment.items, ['a']);
  assert.equal(first.state, 'ACQUIRED');
  await using second = new SetPartitioner(await bench.connect(), '/set', ['a'], { id: '1', ...fast });
  await second.start();
  if (!assignment.signal.aborted) await once(assignment.signal, 'abort');
  assert.equal(assignment.signal.reason.code, 'LOST');
  assert.equal(first.state, 'RELEASE');
  await refused(second.waitForAssignment({ timeoutMs: 100 }), 'TIMEOUT');
  const next = second.waitForAssignment();
  await assignment.release();
  assert.ok((await next).tokens.get('a')! > assignment.tokens.get('a')!);
  await refused(assignment.release(), 'NOT_HELD');
  assert.deepEqual((await first.waitForAssignment()).items, []);
});

test('the signal is aborted when the connection is lost, and the items come back', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { renewSession: true, sessionTimeoutMs: 10_000 });
  await using partitioner = new SetPartitioner(zk, '/set', items, fast);
  await partitioner.start();
  let before: Assignment | undefined;
  for (const lose of [() => network.cut(), () => bench.expire(zk), () => network.giveSessionUp(zk)]) {
    const assignment = await partitioner.waitForAssignment();
    assert.equal(assignment.items.length, 5);
    assert.ok(before === undefined || assignment.tokens.get('a')! > before.tokens.get('a')!);
    const lost = once(assignment.signal, 'abort');
    await lose();
    await lost;
    assert.equal(assignment.signal.reason.code, 'IN_DOUBT');
    await assignment.release();
    before = assignment;
  }
  assert.equal((await partitioner.waitForAssignment()).items.length, 5);
});

test('without a new session the partitioner ends, and the signal of its items is aborted', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const partitioner = new SetPartitioner(zk, '/set', items, fast);
  await partitioner.start();
  const assignment = await partitioner.waitForAssignment();
  const failed = new Promise<RecipeError>((resolve) => partitioner.once('error', resolve));
  await bench.expire(zk);
  assert.equal((await failed).code, 'SESSIONEXPIRED');
  assert.equal(assignment.signal.aborted, true);
  assert.equal(partitioner.state, 'FAILURE');
  await refused(partitioner.waitForAssignment(), 'SESSIONEXPIRED');
  await partitioner.close();
});

test('items that the program has not taken go to other members without it', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using first = new SetPartitioner(zk, '/set', ['a', 'b'], { id: '1', ...fast });
  await first.start();
  while (first.state !== 'ACQUIRED') await zk.exists('/');
  await using second = new SetPartitioner(await bench.connect(), '/set', ['a', 'b'], { id: '2', ...fast });
  await second.start();
  assert.deepEqual((await second.waitForAssignment()).items, ['b']);
  assert.deepEqual((await first.waitForAssignment()).items, ['a']);
});

test('the nodes are those of kazoo', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using partitioner = new SetPartitioner(zk, '/set', ['a'], { id: 'host-7', ...fast });
  await partitioner.start();
  await partitioner.waitForAssignment();
  const [member] = (await zk.children('/set/party')).children;
  assert.match(member!, /^[0-9a-f]{32}-host-7$/);
  const [lock] = (await zk.children('/set/locks/a')).children;
  assert.match(lock!, /^[0-9a-f]{32}__lock__\d{10}$/);
});

test('a change of the members ends the wait for a lock that another client holds', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const held = await new Lock(zk, '/set/locks/a', { naming: 'kazoo' }).acquire();
  const working = new Map<string, string>();
  await using first = work(new SetPartitioner(zk, '/set', ['a', 'b'], { id: '1', ...fast }), working);
  await first.start();
  while (((await zk.exists('/set/locks/a'))?.numChildren ?? 0) < 2);
  await using second = work(
    new SetPartitioner(await bench.connect(), '/set', ['a', 'b'], { id: '2', ...fast }),
    working,
  );
  await second.start();
  await untilDivided(zk, working, '21');
  await held.release();
  await untilDivided(zk, working, '11,21');
  await Promise.all([first.close(), second.close()]);
});

test('a partition function of the program divides the items, and its faults end the partitioner', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using all = new SetPartitioner(zk, '/all', items, { ...fast, partition: (_id, _members, every) => every });
  await all.start();
  assert.deepEqual((await all.waitForAssignment()).items, items);
  const faulty = [
    () => ['z'],
    () => {
      throw new RangeError('a fault');
    },
  ];
  for (const partition of faulty) {
    const partitioner = new SetPartitioner(zk, '/faulty', items, { ...fast, partition });
    const failed = new Promise<RecipeError>((resolve) => partitioner.once('error', resolve));
    await partitioner.start();
    assert.equal((await failed).code, 'BADARGUMENTS');
    await partitioner.close();
  }
});

test('a refused start, and use after close', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/closed', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
  await refused(new SetPartitioner(zk, '/closed', items).start(), 'NOAUTH');
  const partitioner = new SetPartitioner(zk, '/set', items, fast);
  await partitioner.start();
  const assignment = await partitioner.waitForAssignment();
  await partitioner.close();
  await partitioner.close();
  assert.equal(assignment.signal.reason.code, 'CLOSED');
  // so a listener can release in every case
  await assignment.release();
  await refused(assignment.release(), 'NOT_HELD');
  await refused(partitioner.start(), 'CLOSED');
  await refused(partitioner.waitForAssignment(), 'CLOSED');
  const bad = (list: unknown, message: RegExp) =>
    assert.throws(() => new SetPartitioner(zk, '/set', list as string[]), { code: 'BADARGUMENTS', message });
  bad('abc', /items must be an array/);
  bad(['a/b'], /each item must be a text without a slash/);
});

test('items and members are sorted as Python does', () => {
  const [astral, private_] = ['\u{10000}', '\u{ffff}'];
  assert.deepEqual(everyNth(private_, [astral, private_], [astral, 'b', private_, 'a']), ['a', private_]);
  assert.deepEqual(everyNth(astral, [astral, private_], [astral, 'b', private_, 'a']), ['b', astral]);
});
