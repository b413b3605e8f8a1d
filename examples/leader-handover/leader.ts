// A service that one process at a time provides: it counts. The next leader continues where the last one stopped.
// Run it with: node examples/dist/leader-handover/leader.js [name]
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, json, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Held, LeaderElection } from '@nodekeeper/recipes';

interface State {
  readonly count: number;
  readonly writtenBy: string;
}

const election = '/examples/leader-handover/election';
const statePath = '/examples/leader-handover/state';
const codec = json<State>();
const name = process.argv[2] ?? `process ${process.pid}`;

async function readState(zk: ZooKeeper): Promise<State> {
  // after `sync`, this server has everything that the last leader has written
  await zk.sync(statePath);
  try {
    return (await zk.get(statePath, { codec })).data!;
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NONODE')) throw error;
    const initial = { count: 0, writtenBy: name };
    await zk.createWithParents(statePath, initial, { codec });
    return initial;
  }
}

async function lead(zk: ZooKeeper, held: Held, signal: AbortSignal): Promise<void> {
  let { count, writtenBy } = await readState(zk);
  console.log(`leads with token ${held.token}, continues at ${count}, which ${writtenBy} wrote`);
  while (!signal.aborted) {
    count++;
    // The check makes the write fail if the node of this leader is gone. So a leader that was stopped for a while
    // cannot overwrite the state of the next one.
    await zk.transaction().check(held.path).set(statePath, { count, writtenBy: name }, { codec }).commit();
    console.log(count);
    await sleep(1000, undefined, { signal }).catch(() => {});
  }
  console.log('leads no longer');
}

const zk = await connect(process.env.ZOOKEEPER, { sessionTimeoutMs: 4000, renewSession: true });
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
console.log('is a candidate');
try {
  const { signal } = stop;
  await new LeaderElection(zk, election, { id: name }).run((held, ended) => lead(zk, held, ended), {
    requeue: true,
    signal,
  });
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
await zk.close();
