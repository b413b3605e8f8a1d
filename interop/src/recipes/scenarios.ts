import assert from 'node:assert/strict';
import type { ZooKeeper } from '@nodekeeper/client';
import type { Library, Peer } from './peer.js';

/** What a scenario may use. `start` starts another process of a library. */
export interface Stage {
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

/** All scenarios of the suite. */
export const scenarios: readonly Scenario[] = [...exclusive('mutex')];
