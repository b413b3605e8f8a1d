import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import { LeaderLatch, type RecipeError } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { caughtLater } from '../support/caught-later.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

/** Counts the latches that lead at the same time. */
class Leaders {
  leading = 0;
  most = 0;
  tokens: number[] = [];

  watch(latch: LeaderLatch): LeaderLatch {
    latch.on('leader', ({ token }) => {
      this.tokens.push(token);
      this.most = Math.max(this.most, ++this.leading);
    });
    latch.on('notLeader', () => this.leading--);
    return latch;
  }
}

async function untilEmpty(zk: ZooKeeper, path: string): Promise<void> {
  while (((await zk.exists(path))?.numChildren ?? 0) > 0);
}

test('one latch leads at a time, and the next one leads when it closes', async (context) => {
  const bench = await recipeBench(context);
  const leaders = new Leaders();
  const latches: LeaderLatch[] = [];
  for (const id of ['a', 'b', 'c']) {
    const latch = leaders.watch(new LeaderLatch(await bench.connect(), '/election/x', { id }));
    await latch.start();
    latches.push(latch);
  }
  const operator = await bench.connect();
  for (const latch of latches) {
    const held = await latch.waitForLeadership();
    assert.deepEqual(
      latches.map(({ isLeader }) => isLeader),
      latches.map((each) => each === latch),
    );
    const [first, ...rest] = await new LeaderLatch(operator, '/election/x').contenders();
    assert.equal(first!.path, held.path);
    assert.deepEqual([first!.isLeader, ...rest.map(({ isLeader }) => isLeader)], [true, ...rest.map(() => false)]);
    await latch.close();
    assert.equal(held.signal.reason.code, 'CLOSED');
    assert.equal(latch.isLeader, false);
  }
  assert.equal(leaders.most, 1);
  assert.deepEqual(
    leaders.tokens,
    [...leaders.tokens].sort((one, other) => one - other),
  );
  await untilEmpty(operator, '/election/x');
});

test('contenders are listed with their ids in the order in which they lead', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  assert.deepEqual(await new LeaderLatch(zk, '/none').contenders(), []);
  const latches = ['a', 'b', 'ü'].map((id) => new LeaderLatch(zk, '/e', { id }));
  for (const latch of latches) await latch.start();
  await zk.create('/e/garbage', 'x');
  await zk.create('/e/latch-x', 'x');
  const listed = await latches[0]!.contenders();
  assert.deepEqual(
    listed.map(({ id, isLeader }) => [id, isLeader]),
    [
      ['a', true],
      ['b', false],
      ['ü', false],
    ],
  );
  for (const latch of latches) await latch.close();
  assert.deepEqual((await namesIn(zk, '/e')).sort().reverse(), ['latch-x', 'garbage']);
});

test('the nodes have the names and the data of Curator, or of kazoo', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await using curator = new LeaderLatch(zk, '/c', { id: 'me' });
  await using kazoo = new LeaderLatch(zk, '/k', { id: 'me', naming: 'kazoo' });
  await Promise.all([curator.start(), kazoo.start()]);
  const [name] = await namesIn(zk, '/c');
  assert.match(name!, /^_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-latch-\d{10}$/);
  assert.match((await namesIn(zk, '/k'))[0]!, /^[0-9a-f]{32}__lock__\d{10}$/);
  assert.equal(String((await zk.get(`/c/${name}`)).data), 'me');
});

test('a leader that releases its hold stands at the end of the line', async (context) => {
  const bench = await recipeBench(context);
  await using first = new LeaderLatch(await bench.connect(), '/e');
  await using second = new LeaderLatch(await bench.connect(), '/e');
  await first.start();
  await second.start();
  const held = await first.waitForLeadership();
  const notLeader = once(first, 'notLeader');
  await held.release();
  await notLeader;
  assert.equal(first.isLeader, false);
  await refused(held.release(), 'NOT_HELD');
  const next = await second.waitForLeadership();
  await next.release();
  assert.ok((await first.waitForLeadership()).token > next.token);
});

test('CURATOR-171: a leader whose node an operator deletes is not leader any more, and stands for election again', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  await using latch = new LeaderLatch(await bench.connect(), '/e');
  await latch.start();
  const held = await latch.waitForLeadership();
  const notLeader = once(latch, 'notLeader');
  const leader = once(latch, 'leader');
  await operator.delete(held.path);
  const [reason] = (await notLeader) as [RecipeError];
  assert.equal(reason.code, 'LOST');
  await leader;
  assert.equal((await namesIn(operator, '/e')).length, 1);
});

test('CURATOR-724: a latch stands for election again after its directory was deleted', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  await using latch = new LeaderLatch(await bench.connect(), '/deep/e');
  await latch.start();
  await latch.waitForLeadership();
  const leader = once(latch, 'leader');
  await operator.deleteRecursive('/deep');
  await leader;
  await untilCount(operator, '/deep/e', 1);
});

test('a leader without a connection is not leader before the server ends its session', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { renewSession: true });
  const leaders = new Leaders();
  await using first = leaders.watch(new LeaderLatch(zk, '/e'));
  await using second = leaders.watch(new LeaderLatch(await bench.connect(), '/e'));
  await first.start();
  await second.start();
  const held = await first.waitForLeadership();
  network.refuse();
  network.cut();
  assert.equal(held.signal.reason.code, 'IN_DOUBT');
  assert.equal(first.isLeader, false);
  await second.waitForLeadership();
  assert.equal(leaders.most, 1);
  network.accept();
});

test('CURATOR-202: after a short loss of the connection, the node of the former leader does not stay', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench);
  await using first = new LeaderLatch(zk, '/e');
  await using second = new LeaderLatch(await bench.connect(), '/e');
  await first.start();
  await second.start();
  const held = await first.waitForLeadership();
  network.cut();
  assert.equal(first.isLeader, false);
  await second.waitForLeadership();
  const operator = await bench.connect();
  await untilCount(operator, '/e', 2);
  assert.equal(await operator.exists(held.path), null);
});

test('with the policy session, a leader leads on after a short loss of the connection', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 10_000 });
  await using latch = new LeaderLatch(zk, '/e', { policy: 'session' });
  await latch.start();
  const held = await latch.waitForLeadership();
  const connected = once(zk, 'SyncConnected');
  network.cut();
  assert.equal(latch.isLeader, true);
  await connected;
  await zk.sync();
  assert.equal(await latch.waitForLeadership(), held);
});

test('CURATOR-644: latches whose connections are cut at the same time elect one leader, and then write nothing more', async (context) => {
  const bench = await recipeBench(context);
  const clients = [await disturbed(bench), await disturbed(bench), await disturbed(bench)];
  const leaders = new Leaders();
  const latches = clients.map(({ zk }) => leaders.watch(new LeaderLatch(zk, '/e')));
  for (const latch of latches) await latch.start();
  const operator = await bench.connect();
  for (let round = 0; round < 20; round++) {
    for (const { network } of clients) network.cut();
    await Promise.race(latches.map((latch) => latch.waitForLeadership()));
  }
  await untilCount(operator, '/e', 3);
  await Promise.race(latches.map((latch) => latch.waitForLeadership()));
  const { pzxid } = (await operator.exists('/e'))!;
  for (const { zk } of clients) await zk.sync();
  assert.equal((await operator.exists('/e'))!.pzxid, pzxid);
  assert.equal(latches.filter(({ isLeader }) => isLeader).length, 1);
  assert.equal(leaders.most, 1);
  for (const latch of latches) await latch.close();
  await untilEmpty(operator, '/e');
});

test('CURATOR-498, CURATOR-696: a latch does not lead with the node of its former session', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { renewSession: true, sessionTimeoutMs: 4000 });
  await using latch = new LeaderLatch(zk, '/e');
  await latch.start();
  const held = await latch.waitForLeadership();
  // the server keeps the old session and its node
  await network.giveSessionUp(zk);
  const next = await latch.waitForLeadership();
  assert.notEqual(next.path, held.path);
  const stat = await zk.exists(next.path);
  assert.equal(stat?.ephemeralOwner, zk.session.id);
});

test('a latch stands for election again with a new session', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect({ renewSession: true });
  await using latch = new LeaderLatch(zk, '/e');
  await latch.start();
  const held = await latch.waitForLeadership();
  const events: string[] = [];
  latch.on('notLeader', () => events.push('notLeader')).on('leader', () => events.push('leader'));
  const leader = once(latch, 'leader');
  await bench.expire(zk);
  await leader;
  assert.deepEqual(events, ['notLeader', 'leader']);
  assert.ok((await latch.waitForLeadership()).token > held.token);
});

test('without a new session the latch ends with an error, and calls reject', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const latch = new LeaderLatch(zk, '/e');
  await latch.start();
  await latch.waitForLeadership();
  const failed = new Promise<RecipeError>((resolve) => latch.once('error', resolve));
  await bench.expire(zk);
  assert.equal((await failed).code, 'SESSIONEXPIRED');
  await refused(latch.waitForLeadership(), 'SESSIONEXPIRED');
  await latch.close();
});

test('a closed client ends the latch without an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const latch = new LeaderLatch(zk, '/e');
  await latch.start();
  const held = await latch.waitForLeadership();
  const waiting = once(latch, 'notLeader');
  await zk.close();
  await waiting;
  assert.equal(held.signal.aborted, true);
  await refused(latch.waitForLeadership(), 'CLOSED');
  await latch.close();
});

test('CURATOR-3: a latch that is closed at any moment leaves no node', async (context) => {
  const bench = await recipeBench(context);
  const [zk, operator] = [await bench.connect(), await bench.connect()];
  await using other = new LeaderLatch(await bench.connect(), '/e');
  await other.start();
  for (let steps = 0; steps < 30; steps++) {
    const latch = new LeaderLatch(zk, '/e');
    const started = latch.start().catch((error: RecipeError) => error.code);
    for (let step = 0; step < steps; step++) await Promise.resolve();
    if (steps % 3 === 0) await zk.exists('/');
    await latch.close();
    assert.ok([undefined, 'CLOSED'].includes((await started) as undefined));
    await refused(latch.start(), 'CLOSED');
    await refused(latch.waitForLeadership(), 'CLOSED');
  }
  await untilCount(operator, '/e', 1);
});

test('a start that is refused, aborted or too late closes the latch and leaves nothing', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 10_000 });
  await zk.create('/closed', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
  const refusing = new LeaderLatch(zk, '/closed');
  const error = await refused(refusing.start(), 'NOAUTH');
  assert.match(error.message, /^LeaderLatch \/closed: create /);
  await refused(new LeaderLatch(zk, '/e').waitForLeadership(), 'CLOSED');
  network.refuse();
  network.cut();
  const late = new LeaderLatch(zk, '/e');
  const lateError = refused(late.start({ timeoutMs: 20 }), 'TIMEOUT');
  const controller = new AbortController();
  const aborted = refused(new LeaderLatch(zk, '/e').start({ signal: controller.signal }), 'ABORTED');
  controller.abort();
  await aborted;
  await lateError;
  network.accept();
  await zk.sync();
  await untilEmpty(zk, '/e');
});

test('a listener that throws does not stop the latch', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const thrown = caughtLater(context);
  await using latch = new LeaderLatch(zk, '/e');
  latch.on('leader', () => {
    throw new Error('a listener');
  });
  await latch.start();
  await (await latch.waitForLeadership()).release();
  await latch.waitForLeadership();
  await zk.exists('/');
  assert.equal(thrown.length, 2);
});
