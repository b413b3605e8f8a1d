import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '@nodekeeper/server/testing';
import { HostList } from '../../src/core/host-list.js';
import { addressText, type ServerAddress } from '../../src/core/ports.js';
import { resolveOptions } from '../../src/options.js';
import { TestSession } from '../support/test-session.js';

const clients = 9000;

/** Returns a server for each letter: `ab` stands for the servers a and b. */
function servers(names: string): ServerAddress[] {
  return [...names].map((host) => ({ host, port: 2181 }));
}

function rounds(list: HostList, count: number): string {
  return Array.from({ length: count }, () => list.next().host).join('');
}

test('without shuffling, servers are tried in the order of the list, again and again', () => {
  assert.equal(rounds(new HostList(servers('abc'), Math.random, false), 7), 'abcabca');
});

test('a list is shuffled once: every round has the same order and each server once', () => {
  const list = new HostList(servers('abcde'), randomFrom(1), true);
  const first = rounds(list, 5);
  assert.equal([...first].sort().join(''), 'abcde');
  assert.equal(rounds(list, 10), first + first);
});

test('shuffling spreads first attempts evenly', () => {
  const random = randomFrom(2);
  const firsts = count(() => new HostList(servers('abc'), random, true).next());
  for (const share of Object.values(firsts)) assertNear(share, clients / 3);
});

test('after a connection the next attempt goes to the next server of the list', () => {
  const list = new HostList(servers('abcd'), Math.random, false);
  list.next();
  list.connected({ host: 'c', port: 2181 });
  assert.equal(rounds(list, 4), 'dabc');
});

test('a server that is not in the list changes nothing', () => {
  const list = new HostList(servers('abc'), Math.random, false);
  list.next();
  list.connected({ host: 'x', port: 2181 });
  assert.equal(list.next().host, 'b');
});

test('7.1.3 a session shuffles its list once and repeats it, without an extra pause after a round', () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const test = new TestSession({ servers: servers('abcde'), shuffle: true }, randomFrom(seed));
    test.session.start();
    const dialled: string[] = [];
    for (let count = 0; count < 15; count++) {
      dialled.push(test.link.server.host);
      const lostMs = test.ports.scheduler.nowMs;
      test.link.close('refused');
      test.waitForDial();
      // the bound is 100 ms in the first round and doubles with each round, whereas Java waits for 1 s after each round
      const boundMs = 100 * 2 ** Math.floor((count + 1) / 5);
      assert(test.ports.scheduler.nowMs - lostMs <= boundMs + 10, `seed ${seed}, attempt ${count + 1}`);
    }
    const first = dialled.slice(0, 5).join('');
    assert.equal([...first].sort().join(''), 'abcde');
    assert.equal(dialled.join(''), first.repeat(3));
    orders.add(first);
  }
  assert(orders.size > 10, 'clients use different orders');
});

test('7.1.3 with shuffle: false a session keeps the order of its list, and continues after its last server', () => {
  const test = new TestSession({ servers: servers('abc'), shuffle: false });
  test.session.start();
  const dialled: string[] = [];
  for (let count = 0; count < 7; count++) {
    dialled.push(test.link.server.host);
    if (count === 4) test.accept();
    test.link.close('lost');
    test.waitForDial();
  }
  assert.equal(dialled.join(''), 'abcabca');
});

test('7.1.3 a client shuffles by default', () => {
  assert.equal(resolveOptions('a', {}).session.shuffle, true);
  assert.equal(resolveOptions('a', { shuffle: false }).session.shuffle, false);
});

// ---- rebalancing (spec 7.1.5): evenly spread clients get a new list, and each connects to a server of the new list

const changes: [before: string, after: string][] = [
  ['abc', 'abcd'],
  ['abc', 'abcdef'],
  ['abc', 'ab'],
  ['abcde', 'ab'],
  ['abc', 'def'],
  ['abc', 'de'],
  ['abc', 'cd'],
  ['abc', 'bcd'],
  ['abcd', 'cde'],
  ['abc', 'abc'],
];

for (const [before, after] of changes) {
  test(`clients of ${before} spread evenly over ${after}`, () => {
    const random = randomFrom(3);
    let moved = 0;
    const load = count((client) => {
      const list = new HostList(servers(before), random, true);
      const current = servers(before)[client % before.length]!;
      list.connected(current);
      const leaves = list.update(servers(after), current);
      if (leaves) moved++;
      return leaves ? list.next() : current;
    });
    assert.deepEqual(Object.keys(load).sort().join(''), after);
    for (const share of Object.values(load)) assertNear(share, clients / after.length);
    const stayed = [...before].filter((name) => after.includes(name)).length;
    assertNear(
      clients - moved,
      (clients * stayed) / Math.max(before.length, after.length),
      'no client moves without need',
    );
  });
}

test('a client that must move tries every server of the new list once before it tries one twice', () => {
  for (let seed = 0; seed < 50; seed++) {
    const list = new HostList(servers('abcde'), randomFrom(seed), true);
    assert.equal(list.update(servers('cdefg'), servers('a')[0]), true);
    assert.equal([...rounds(list, 5)].sort().join(''), 'cdefg');
  }
});

test('after it has connected, a client repeats its new list in order', () => {
  const list = new HostList(servers('abc'), randomFrom(4), true);
  list.update(servers('def'), servers('a')[0]);
  const found = list.next();
  list.connected(found);
  assert.equal([...rounds(list, 3)].sort().join(''), 'def');
  list.connected(found);
  assert.notEqual(list.next().host, found.host);
});

test('a session that moved to a new list repeats that list after a lost connection', () => {
  for (let seed = 0; seed < 10; seed++) {
    const test = new TestSession({}, randomFrom(seed)).connected();
    assert.equal(test.session.updateServers(servers('def')), true);
    test.waitForDial();
    test.accept();
    const dialled = [test.link.server.host];
    for (let count = 0; count < 6; count++) {
      test.link.close();
      test.waitForDial();
      dialled.push(test.link.server.host);
    }
    const [found, ...later] = dialled;
    assert.deepEqual(later.slice(0, 3), later.slice(3));
    assert.equal(later[2], found);
  }
});

test('a client whose server stays in a list that does not grow stays there', () => {
  for (let seed = 0; seed < 200; seed++) {
    const list = new HostList(servers('abcd'), randomFrom(seed), true);
    assert.equal(list.update(servers('abx'), servers('a')[0]), false);
  }
});

test('servers are compared by name and port', () => {
  const list = new HostList([{ host: 'a', port: 1 }], randomFrom(5), true);
  assert.equal(list.update([{ host: 'a', port: 2 }], { host: 'a', port: 1 }), true);
  assert.equal(addressText(list.next()), 'a:2');
});

test('a client without a server accepts a new list without a disconnection', () => {
  const list = new HostList(servers('ab'), randomFrom(6), true);
  list.update(servers('cd'), undefined);
  assert.equal(list.size, 2);
  assert.equal([...rounds(list, 2)].sort().join(''), 'cd');
});

function count(serverOf: (client: number) => ServerAddress): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let client = 0; client < clients; client++) {
    const { host } = serverOf(client);
    counts[host] = (counts[host] ?? 0) + 1;
  }
  return counts;
}

/** Allows a deviation from `expected` of slightly more than four standard deviations. */
function assertNear(actual: number, expected: number, what = 'a fair share'): void {
  const slack = 4 * Math.sqrt(clients / 4);
  assert(Math.abs(actual - expected) <= slack, `${what}: ${actual} where about ${expected} is due`);
}
