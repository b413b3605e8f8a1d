import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DoubleBarrier } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { untilChildren, untilClean } from '../support/until.js';
import { Wire } from '../support/wire.js';

/** Returns true if the promise is still pending after a few round trips. */
async function isPending(promise: Promise<unknown>, roundTrip: () => Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  for (let time = 0; time < 5; time++) await roundTrip();
  return !isSettled;
}

for (const naming of ['curator', 'kazoo'] as const) {
  test(`${naming}: all members enter together and leave together, many times`, async (context) => {
    const bench = await recipeBench(context);
    const clients = await Promise.all([bench.connect(), bench.connect(), bench.connect()]);
    const members = clients.map((zk) => new DoubleBarrier(zk, '/b', 3, { naming }));
    let inside = 0;
    let outside = 3;
    const rounds = async (member: DoubleBarrier) => {
      for (let round = 0; round < 5; round++) {
        outside--;
        await member.enter();
        assert.equal(outside % 3, 0, 'all members have called enter');
        inside++;
        await clients[0]!.exists('/');
        while (inside < 3 && outside === 0) await clients[0]!.exists('/');
        await member.leave();
        outside++;
        while (outside < 3) await clients[0]!.exists('/');
        inside = 0;
        await clients[0]!.exists('/');
      }
    };
    await Promise.all(members.map(rounds));
    assert.deepEqual((await clients[0]!.children('/b')).children, []);
    for (const zk of clients) {
      while (Object.values(zk.stats().watches).some((watched) => watched > 0)) await zk.exists('/');
    }
  });
}

test('the names are those of Curator and kazoo', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  for (const [naming, pattern] of [
    ['curator', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
    ['kazoo', /^[0-9a-f]{32}$/],
  ] as const) {
    const member = new DoubleBarrier(zk, `/${naming}`, 1, { naming, data: 'me' });
    await member.enter();
    const [ready, name] = (await zk.children(`/${naming}`)).children.sort().reverse();
    assert.equal(ready, 'ready');
    assert.match(name!, pattern);
    assert.equal(String((await zk.get(`/${naming}/${name}`)).data), 'me');
    await member.leave();
    await untilClean(zk, `/${naming}`);
  }
});

test('a member that gives up does not count, and leaves no node', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  await refused(new DoubleBarrier(one, '/b', 2).enter({ timeoutMs: 30 }), 'TIMEOUT');
  await untilClean(two, '/b');
  const entering = new DoubleBarrier(two, '/b', 2).enter();
  assert.ok(await isPending(entering, () => two.exists('/')));
  await new DoubleBarrier(one, '/b', 2).enter();
  await entering;
});

test('a member that dies before the opening does not count', async (context) => {
  const bench = await recipeBench(context);
  const [one, two, dying] = [await bench.connect(), await bench.connect(), await bench.connect()];
  const dead = new DoubleBarrier(dying, '/b', 3).enter();
  const first = new DoubleBarrier(one, '/b', 3).enter();
  await untilChildren(one, '/b', 2);
  await bench.expire(dying);
  await refused(dead, 'SESSIONEXPIRED');
  await untilChildren(one, '/b', 1);
  const second = new DoubleBarrier(two, '/b', 3).enter();
  assert.ok(await isPending(Promise.race([first, second]), () => two.exists('/')));
  await new DoubleBarrier(one, '/b', 3).enter();
  await Promise.all([first, second]);
});

test('a member with a renewed session, or whose node was deleted, joins again', async (context) => {
  const bench = await recipeBench(context);
  const [one, renewing] = [await bench.connect(), await bench.connect({ renewSession: true })];
  const entering = new DoubleBarrier(renewing, '/b', 2).enter();
  await untilChildren(one, '/b', 1);
  await bench.expire(renewing);
  await renewing.connected();
  await untilChildren(one, '/b', 1);
  const [name] = (await one.children('/b')).children;
  await one.delete(`/b/${name}`);
  await new DoubleBarrier(one, '/b', 2).enter();
  await entering;
});

test('a member that dies inside does not block the others', async (context) => {
  const bench = await recipeBench(context);
  const [one, two, dying] = [await bench.connect(), await bench.connect(), await bench.connect()];
  const members = [one, two, dying].map((zk) => new DoubleBarrier(zk, '/b', 3));
  await Promise.all(members.map((member) => member.enter()));
  const leaving = [members[0]!.leave(), members[1]!.leave()];
  assert.ok(await isPending(Promise.race(leaving), () => one.exists('/')));
  await bench.expire(dying);
  await Promise.all(leaving);
});

test('a ready node of members that all died inside does not open the barrier', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  await one.create('/b');
  await one.create('/b/ready');
  const first = new DoubleBarrier(one, '/b', 2);
  const entering = first.enter();
  assert.ok(await isPending(entering, () => two.exists('/')));
  const second = new DoubleBarrier(two, '/b', 2);
  await second.enter();
  await entering;
  await Promise.all([first.leave(), second.leave()]);
  await untilClean(one, '/b');
});

test('a member that replaces a dead one enters at once while others are inside', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  const members = [new DoubleBarrier(one, '/b', 2), new DoubleBarrier(two, '/b', 2)];
  await Promise.all(members.map((member) => member.enter()));
  const third = new DoubleBarrier(one, '/b', 2);
  await third.enter({ timeoutMs: 5000 });
  await Promise.all([...members, third].map((member) => member.leave()));
  await untilClean(one, '/b');
});

test('a lost reply to the opening opens the barrier for all', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports });
  const first = new DoubleBarrier(other, '/b', 2).enter();
  await untilChildren(other, '/b', 1);
  wire.loseRepliesAfter(zk, 'children');
  const second = new DoubleBarrier(zk, '/b', 2).enter();
  await first;
  wire.cut();
  await second;
});

test('a member that stops waiting for the others has left', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  const [first, second] = [new DoubleBarrier(one, '/b', 2), new DoubleBarrier(two, '/b', 2)];
  await Promise.all([first.enter(), second.enter()]);
  await refused(first.leave({ timeoutMs: 30 }), 'TIMEOUT');
  await second.leave();
  await refused(first.leave(), 'NOT_HELD');
});

test('foreign nodes do not count, and wrong calls are refused', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/b');
  await zk.create('/b/config');
  const member = new DoubleBarrier(zk, '/b', 2);
  await refused(member.enter({ timeoutMs: 30 }), 'TIMEOUT');
  await refused(member.leave(), 'NOT_HELD');
  assert.throws(() => new DoubleBarrier(zk, '/b', 0), { code: 'BADARGUMENTS' });
  const single = new DoubleBarrier(zk, '/c', 1);
  await single.enter();
  await refused(single.enter(), 'BADARGUMENTS');
  await single.leave();
});
