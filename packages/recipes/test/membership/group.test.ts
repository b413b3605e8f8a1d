import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { json } from '@nodekeeper/client';
import { Group, type Member, type RecipeError } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

const ids = (members: readonly Member<unknown>[]) => members.map(({ id }) => id);

/** Waits until the group has members with these ids. */
async function untilMembers<Value>(group: Group<Value>, expected: string): Promise<void> {
  for await (const members of group) {
    if (ids(members).join() === expected) return;
  }
  assert.fail(`closed before the members were ${expected}`);
}

test('members join and leave, and every client that follows the group sees it', async (context) => {
  const bench = await recipeBench(context);
  const observer = new Group(await bench.connect(), '/deep/group');
  await observer.start();
  assert.deepEqual(observer.members, []);
  const events: string[] = [];
  observer.on('joined', ({ id, value }) => events.push(`joined ${id} ${value}`));
  observer.on('left', ({ id }) => events.push(`left ${id}`));
  const a = new Group(await bench.connect(), '/deep/group', { id: 'a' });
  const b = new Group(await bench.connect(), '/deep/group', { id: 'b' });
  await b.join('first');
  await untilMembers(observer, 'b');
  await a.join();
  await untilMembers(observer, 'a,b');
  assert.deepEqual(observer.members[1], { id: 'b', path: '/deep/group/b', value: 'first' });
  await a.leave();
  await a.leave();
  await untilMembers(observer, 'b');
  await b.close();
  await untilMembers(observer, '');
  assert.deepEqual(events, ['joined b first', 'joined a ', 'left a', 'left b']);
  await refused(b.join(), 'CLOSED');
  await observer.close();
});

test('the loop over the members ends when the group is closed', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const group = new Group(zk, '/g', { id: 'a' });
  const seen: string[] = [];
  const loop = (async () => {
    for await (const members of group) seen.push(ids(members).join());
  })();
  await group.start();
  await group.join();
  await untilMembers(group, 'a');
  await group.close();
  await loop;
  assert.deepEqual([seen[0], seen.at(-1)], ['', 'a']);
  await zk.sync();
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
  while ((await zk.exists('/g'))?.numChildren);
});

test('a member comes back with a new session, also while the server keeps the old session', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { renewSession: true, sessionTimeoutMs: 4000 });
  await using observer = new Group(await bench.connect(), '/g');
  await using member = new Group(zk, '/g', { id: 'me' });
  await observer.start();
  await member.start();
  await member.join('x');
  await untilMembers(observer, 'me');
  for (const lose of [() => bench.expire(zk), () => network.giveSessionUp(zk)]) {
    const back = Promise.race([once(observer, 'joined'), once(observer, 'changed')]);
    await lose();
    assert.deepEqual(await back, [{ id: 'me', path: '/g/me', value: 'x' }]);
    await untilMembers(member, 'me');
  }
});

test('without a new session, the group ends with one error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const group = new Group(zk, '/g');
  const errors: RecipeError[] = [];
  const failed = new Promise<void>((resolve) => {
    group.on('error', (error) => {
      errors.push(error);
      resolve();
    });
  });
  await group.start();
  await group.join();
  await bench.expire(zk);
  await failed;
  await assert.rejects(group[Symbol.asyncIterator]().next(), { code: 'SESSIONEXPIRED' });
  await group.close();
  assert.deepEqual(
    errors.map(({ code, message }) => [code, message.startsWith('Group /g: ')]),
    [['SESSIONEXPIRED', true]],
  );
});

test('the last report in each interval is written', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const codec = json<{ done: number }>();
  await using observer = new Group(await bench.connect(), '/g', { codec });
  await using worker = new Group(zk, '/g', { id: 'w', codec, reportIntervalMs: 50 });
  assert.throws(() => worker.report({ done: 0 }), { code: 'NOT_HELD' });
  await observer.start();
  await worker.join({ done: 0 });
  const path = '/g/w';
  const reached = (async () => {
    for await (const [member] of observer) if (member?.value?.done === 100) return;
  })();
  for (let done = 1; done <= 100; done++) worker.report({ done });
  await reached;
  // the first report and the last one
  assert.equal((await zk.exists(path))?.version, 2);
  assert.throws(() => worker.report(undefined as never), { code: 'INVALID_DATA' });
  const changed = once(observer, 'changed');
  await worker.join({ done: 101 });
  assert.deepEqual(await changed, [{ id: 'w', path, value: { done: 101 } }]);
});

test('a report that waits is dropped when the client leaves', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const group = new Group(zk, '/g', { id: 'w', reportIntervalMs: 10 });
  await group.join();
  group.report('1');
  group.report('2');
  await group.leave();
  await group.join('3');
  assert.equal(String((await zk.get('/g/w')).data), '3');
  assert.throws(() => new Group(zk, '/g').report('x'), { code: 'NOT_HELD' });
  await group.close();
});

test('a node with invalid data is reported, and is not a member', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.createWithParents('/g/garbage', '{');
  await using group = new Group(zk, '/g', { id: 'a', codec: json<number>() });
  const invalid = once(group, 'invalid');
  await group.start();
  const [node] = await invalid;
  assert.deepEqual([node.path, node.error.code], ['/g/garbage', 'INVALID_DATA']);
  await group.join(7);
  await untilMembers(group, 'a');
});

test('a client joins after another client with its id has left', async (context) => {
  const bench = await recipeBench(context);
  await using first = new Group(await bench.connect(), '/g', { id: 'same' });
  await using second = new Group(await bench.connect(), '/g', { id: 'same' });
  await first.join('first');
  await refused(second.join('second', { timeoutMs: 20 }), 'TIMEOUT');
  const blocked = once(second, 'blocked');
  const joining = second.join('second');
  await blocked;
  await first.leave();
  await joining;
  await second.start();
  assert.equal(second.members[0]?.value, 'second');
});

test("kazoo's parties have its names, and the ids where kazoo has them", async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using party = new Group(zk, '/party', { id: 'me/1', naming: 'kazoo' });
  await using shallow = new Group(zk, '/shallow', { id: 'me-1', naming: 'kazoo', shallow: true });
  await zk.createWithParents('/party/config', 'x');
  for (const group of [party, shallow]) {
    await group.join();
    await group.start();
  }
  const [name] = (await namesIn(zk, '/party')).filter((each) => each !== 'config');
  assert.match(name!, /^[0-9a-f]{32}__party__$/);
  assert.equal(String((await zk.get(`/party/${name}`)).data), 'me/1');
  assert.deepEqual(ids(party.members), ['me/1']);
  const [shallowName] = await namesIn(zk, '/shallow');
  assert.match(shallowName!, /^[0-9a-f]{32}-me-1$/);
  assert.equal(String((await zk.get(`/shallow/${shallowName}`)).data), 'me-1');
  assert.deepEqual(ids(shallow.members), ['me-1']);
  assert.throws(() => party.report('x'), { code: 'BADARGUMENTS' });
  await refused(shallow.join('x'), 'BADARGUMENTS');
});

test('a join that fails leaves no node', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 10_000 });
  const operator = await bench.connect();
  await operator.create('/closed', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
  const error = await refused(new Group(zk, '/closed', { id: 'a' }).join(), 'NOAUTH');
  assert.match(error.message, /^Group \/closed: create \/closed\/a: /);
  network.refuse();
  network.cut();
  const group = new Group(zk, '/g', { id: 'a' });
  const aborting = new AbortController();
  const aborted = refused(group.join('x', { signal: aborting.signal }), 'ABORTED');
  aborting.abort();
  await aborted;
  network.accept();
  await group.join('y');
  assert.equal(String((await operator.get('/g/a')).data), 'y');
  await group.close();
  await untilCount(operator, '/g', 0).catch(() => {});
});

test('a deleted directory comes back with its members', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  await using group = new Group(await bench.connect(), '/deep/g', { id: 'a' });
  await group.start();
  await group.join();
  await untilMembers(group, 'a');
  const left = once(group, 'left');
  await operator.deleteRecursive('/deep');
  await Promise.race([left, once(group, 'changed')]);
  await untilMembers(group, 'a');
  await untilCount(operator, '/deep/g', 1);
});

test('a constructor refuses invalid arguments', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const bad = (options: object, message: RegExp) =>
    assert.throws(() => new Group(zk, '/g', options), { code: 'BADARGUMENTS', message });
  bad({ id: 'a/b' }, /Group \/g: id must be/);
  bad({ id: '..' }, /id must be/);
  bad({ id: '' }, /id must be/);
  bad({ shallow: true }, /shallow needs kazoo's naming/);
  bad({ naming: 'kazoo', codec: json() }, /have no value for a codec/);
  bad({ reportIntervalMs: -1 }, /reportIntervalMs must be a number of milliseconds/);
});
