import assert from 'node:assert/strict';
import type { ZooKeeper } from '@nodekeeper/client';
import { until } from '../peers/index.js';
import type { Library, Peer } from './peer.js';

/** What a scenario may use. `start` starts another process of a library. */
interface Stage {
  /** Reads and prepares nodes. It is no participant. */
  readonly zk: ZooKeeper;
  /** An unused path. */
  readonly path: string;
  start(library: Library): Promise<Peer>;
}

/** A scenario with two processes of different libraries on one path. */
interface Scenario {
  readonly name: string;
  /** The libraries that have the recipe, besides nodekeeper. */
  readonly with: readonly Library[];
  /** `first` and `second` are of different libraries. Each scenario runs in both orders. */
  readonly run: (stage: Stage, first: Peer, second: Peer) => Promise<void>;
}

const both: readonly Library[] = ['curator', 'kazoo'];

/** A client that waits must stay waiting for this time. */
const waitsMs = 400;

/** Expects that a command is still waiting after a while. */
async function waits(command: Promise<unknown>): Promise<void> {
  const early = await Promise.race([command, new Promise((resolve) => setTimeout(resolve, waitsMs, 'waits'))]);
  assert.equal(early, 'waits', 'the command must wait');
}

async function acquires(peer: Peer, path: string, kind: string, handle: string, more: object = {}): Promise<void> {
  assert.equal(await peer.do('acquire', { path, kind, handle, ...more }), true, `${peer.library} gets ${kind}`);
}

function exclusive(kind: string): Scenario[] {
  return [
    {
      name: `${kind}: the second waits until the first releases, and the other way round`,
      with: both,
      run: async ({ path }, first, second) => {
        await acquires(first, path, kind, 'one');
        const waiting = second.do('acquire', { path, kind, handle: 'two' });
        await waits(waiting);
        await first.do('end', { handle: 'one' });
        assert.equal(await waiting, true);
        const again = first.do('acquire', { path, kind, handle: 'three' });
        await waits(again);
        await second.do('end', { handle: 'two' });
        assert.equal(await again, true);
        await first.do('end', { handle: 'three' });
      },
    },
    {
      name: `${kind}: a killed holder gives way to the other, and a killed waiter is skipped`,
      with: both,
      run: async ({ path, start }, first, second) => {
        const victim = await start(first.library);
        await acquires(victim, path, kind, 'one');
        const waiter = await start(second.library);
        const killed = waiter.do('acquire', { path, kind, handle: 'w' }).catch(() => 'killed');
        await waits(killed);
        const third = first.do('acquire', { path, kind, handle: 'three' });
        await waits(third);
        await waiter.kill();
        await victim.kill();
        assert.equal(await killed, 'killed');
        assert.equal(await third, true);
        await first.do('end', { handle: 'three' });
        await acquires(second, path, kind, 'four');
        await second.do('end', { handle: 'four' });
      },
    },
    {
      name: `${kind}: no increment under the lock is lost`,
      with: both,
      run: async ({ path, zk, start }, first, second) => {
        const counter = `${path}-counter`;
        const times = 25;
        await zk.create(counter, '0');
        const more = [await start(first.library), await start(second.library)];
        await Promise.all([first, second, ...more].map((peer) => peer.do('increment', { path, kind, counter, times })));
        const { data } = await zk.get(counter);
        assert.equal(String(data), String(4 * times));
      },
    },
  ];
}

const shared: Scenario[] = [
  {
    name: 'read/write lock: readers share, and a writer waits for all of them',
    with: both,
    run: async ({ path }, first, second) => {
      await acquires(first, path, 'read', 'one');
      await acquires(second, path, 'read', 'two');
      const writing = first.do('acquire', { path, kind: 'write', handle: 'three' });
      await waits(writing);
      const reading = second.do('acquire', { path, kind: 'read', handle: 'four' });
      await waits(reading);
      await first.do('end', { handle: 'one' });
      await waits(writing);
      await second.do('end', { handle: 'two' });
      assert.equal(await writing, true);
      await waits(reading);
      await first.do('end', { handle: 'three' });
      assert.equal(await reading, true);
      await second.do('end', { handle: 'four' });
    },
  },
];

const semaphores: Scenario[] = [
  {
    name: 'semaphore: at most two leases, and a killed holder frees its lease',
    with: both,
    run: async ({ path, start }, first, second) => {
      const victim = await start(first.library);
      const kind = 'semaphore';
      const leases = 2;
      await acquires(victim, path, kind, 'one', { leases });
      await acquires(second, path, kind, 'two', { leases });
      const third = first.do('acquire', { path, kind, leases, handle: 'three' });
      await waits(third);
      await second.do('end', { handle: 'two' });
      assert.equal(await third, true);
      const fourth = second.do('acquire', { path, kind, leases, handle: 'four' });
      await waits(fourth);
      await victim.kill();
      assert.equal(await fourth, true);
      await first.do('end', { handle: 'three' });
      await second.do('end', { handle: 'four' });
    },
  },
];

const items = ['a', 'b', 'c', 'd', 'e', 'f'];

const queues: Scenario[] = [
  {
    name: 'queue: each item is taken once, in the order in which the items were put',
    with: both,
    run: async ({ path }, first, second) => {
      for (const [index, item] of items.entries()) {
        await (index % 2 === 0 ? first : second).do('put', { path, item });
      }
      const taken: unknown[] = [];
      for (const index of items.keys()) {
        taken.push(await (index % 3 === 0 ? first : second).do('take', { path, timeoutMs: 1000 }));
      }
      assert.deepEqual(taken, items);
      assert.equal(await first.do('take', { path, timeoutMs: 100 }), null);
    },
  },
  {
    name: 'queue: no item is lost or taken twice by consumers at the same time',
    with: both,
    run: async ({ path }, first, second) => {
      const count = 60;
      const peers = [first, second];
      await Promise.all(
        Array.from({ length: count }, (_, index) => peers[index % 2]!.do('put', { path, item: String(index) })),
      );
      const taken: number[] = [];
      const consume = async (peer: Peer, handle: string) => {
        for (;;) {
          const item = await peer.do<string | null>('take', { path, handle, timeoutMs: 500 });
          if (item === null) return;
          taken.push(Number(item));
        }
      };
      await Promise.all(peers.flatMap((peer) => [consume(peer, 'x'), consume(peer, 'y')]));
      assert.deepEqual(
        taken.sort((one, other) => one - other),
        Array.from({ length: count }, (_, index) => index),
      );
    },
  },
  {
    name: 'locking queue: the item of a killed consumer is delivered again, and a consumed item is not',
    with: ['kazoo'],
    run: async ({ path, start }, first, second) => {
      await first.do('putLocking', { path, item: 'one' });
      await second.do('putLocking', { path, item: 'two' });
      const victim = await start(first.library);
      assert.equal(await victim.do('takeLocking', { path, handle: 'v' }), 'one');
      assert.equal(await second.do('takeLocking', { path, handle: 's' }), 'two');
      await second.do('end', { handle: 's' });
      const again = second.do('takeLocking', { path, handle: 't' });
      await waits(again);
      await victim.kill();
      assert.equal(await again, 'one');
      await second.do('end', { handle: 't' });
    },
  },
];

const elections: Scenario[] = [
  {
    name: 'election: the second leads when the first resigns or is killed, and both list the contenders',
    with: both,
    run: async ({ path, start }, first, second) => {
      const victim = await start(first.library);
      assert.equal(await victim.do('lead', { path, member: 'a', handle: 'a' }), true);
      const next = second.do('lead', { path, member: 'b', handle: 'b' });
      await waits(next);
      const last = first.do('lead', { path, member: 'c', handle: 'c' });
      await waits(last);
      for (const peer of [first, second]) {
        assert.deepEqual(await peer.do('contenders', { path }), ['a', 'b', 'c'], peer.library);
      }
      await victim.kill();
      assert.equal(await next, true);
      await waits(last);
      await second.do('end', { handle: 'b' });
      assert.equal(await last, true);
      await first.do('end', { handle: 'c' });
    },
  },
];

const groups: Scenario[] = [
  {
    name: 'group: both see all members, and not those that left or were killed',
    with: both,
    run: async ({ path, start }, first, second) => {
      const victim = await start(first.library);
      for (const [peer, member] of [
        [victim, 'v'],
        [first, 'one'],
        [second, 'two'],
      ] as const) {
        await peer.do('join', { path, member, handle: member });
      }
      const see = (members: string[]) =>
        until(`all see the members ${members}`, async () => {
          const seen = await Promise.all([first, second].map((peer) => peer.do<string[]>('members', { path })));
          return seen.every((each) => each.join() === members.join());
        });
      await see(['one', 'two', 'v']);
      await victim.kill();
      await see(['one', 'two']);
      await first.do('end', { handle: 'one' });
      await see(['two']);
      await second.do('end', { handle: 'two' });
    },
  },
  {
    name: 'set partitioner: each item belongs to one member, also after a member was killed',
    with: ['kazoo'],
    run: async ({ path, start }, first, second) => {
      const items = ['i0', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6'];
      const victim = await start(first.library);
      const members = [
        [victim, 'v'],
        [first, 'one'],
        [second, 'two'],
      ] as const;
      await Promise.all(members.map(([peer, member]) => peer.do('partition', { path, items, member, handle: member })));
      const divided = (of: readonly (readonly [Peer, string])[]) =>
        until(`${of.length} members have all items`, async () => {
          const parts = await Promise.all(
            of.map(([peer, handle]) => peer.do<string[] | null>('partitionItems', { handle })),
          );
          const all = parts.flatMap((part) => part ?? []);
          assert.equal(new Set(all).size, all.length, `an item belongs to two members: ${JSON.stringify(parts)}`);
          return all.length === items.length && parts.every((part) => part !== null && part.length >= 2);
        });
      await divided(members);
      await victim.kill();
      await divided(members.slice(1));
      await second.do('end', { handle: 'two' });
      await first.do('end', { handle: 'one' });
    },
  },
];

const barriers: Scenario[] = [
  {
    name: 'double barrier: all enter together and leave together',
    with: both,
    run: async ({ path }, first, second) => {
      const enter = (peer: Peer, member: string) => peer.do('enter', { path, member, handle: member, count: 3 });
      const one = enter(first, 'one');
      const two = enter(second, 'two');
      await waits(Promise.race([one, two]));
      const three = enter(first, 'three');
      assert.deepEqual(await Promise.all([one, two, three]), [true, true, true]);
      const leaving = [first.do('end', { handle: 'one' }), second.do('end', { handle: 'two' })];
      await waits(Promise.race(leaving));
      await first.do('end', { handle: 'three' });
      await Promise.all(leaving);
    },
  },
];

const counters: Scenario[] = [
  {
    name: 'counter: no addition is lost',
    with: both,
    run: async ({ path }, first, second) => {
      const add = (peer: Peer, by: number) => peer.do<number>('add', { path, by, times: 40 });
      await Promise.all([add(first, 3), add(second, 4)]);
      assert.equal(await first.do('add', { path, by: -1, times: 1 }), 40 * 7 - 1);
      assert.equal(await second.do('add', { path, by: -1, times: 1 }), 40 * 7 - 2);
    },
  },
];

const discovery: Scenario[] = [
  {
    name: 'discovery: both find what the other registers, and not what it unregisters or what is killed',
    with: ['curator'],
    run: async ({ path, start }, first, second) => {
      const victim = await start(first.library);
      const service = 'printer';
      const register = (peer: Peer, member: string, port: number) =>
        peer.do('register', { path, service, member, address: `${member}.example`, port, handle: member });
      const found = async (expected: string[]) => {
        for (const peer of [first, second]) {
          assert.deepEqual(await peer.do('instances', { path, service }), expected, peer.library);
        }
      };
      await register(victim, 'v', 1);
      await register(first, 'one', 80);
      await register(second, 'two', 443);
      await found(['one=one.example:80', 'two=two.example:443', 'v=v.example:1']);
      await victim.kill();
      await first.do('end', { handle: 'one' });
      await until('the session of the killed process ends', async () => {
        const left = await second.do<string[]>('instances', { path, service });
        return left.length === 1;
      });
      await found(['two=two.example:443']);
      await second.do('end', { handle: 'two' });
    },
  },
];

/** All scenarios of the suite. */
export const scenarios: readonly Scenario[] = [
  ...exclusive('mutex'),
  ...exclusive('write'),
  ...shared,
  ...semaphores,
  ...elections,
  ...groups,
  ...barriers,
  ...counters,
  ...queues,
  ...discovery,
];
