// A leader election.
// Run it with: node examples/dist/by-hand/leader.js [connect string] [name]
// Start it in two terminals and stop the leader: the other process then becomes the leader.
import { connect, type WatchStream, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

const path = '/examples/leader';

export interface Leadership {
  /** Aborted when this process may no longer be the leader. `lead` must then stop leading. */
  readonly signal: AbortSignal;
  /**
   * A number that is larger for each new leader. Other systems can use it to reject late requests of an earlier leader.
   */
  readonly epoch: number;
}

/**
 * Takes part in the election until `stop` is aborted. Each time this candidate wins, `lead` runs until its signal is
 * aborted.
 */
export async function campaign(
  connectString: string | undefined,
  name: string,
  lead: (leadership: Leadership) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    // `using` closes the client at the end of this round. The session then ends. If this process was the leader, the
    // end of the session deletes its node.
    await using zk = await connect(connectString);
    try {
      while (!stop.aborted) await oneTerm(zk, name, lead, stop);
    } catch (error) {
      // The session has expired, so ZooKeeper has deleted its node. Start again as a candidate with a new session.
      if (!ZooKeeperError.is(error, 'SESSIONEXPIRED') && !stop.aborted) throw error;
    }
  }
}

/** Leads if no other candidate leads. Otherwise waits until the leader's node is deleted. */
async function oneTerm(
  zk: ZooKeeper,
  name: string,
  lead: (leadership: Leadership) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  try {
    // Set the watch before the create. If the create fails and the leader's node is then deleted, we get an event.
    await using changes = zk.watch(path, { signal: stop });
    await changes.ready;
    const epoch = await tryToWin(zk, name);
    if (epoch === undefined) await untilGone(changes);
    else await leadWhileConnected(zk, epoch, lead, stop);
  } catch (error) {
    // When the connection is lost, the requests of this term fail. The requests of the next term wait until the client
    // is connected again.
    if (!ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
  }
}

/** Returns the epoch if this candidate is the leader, or undefined if another candidate is. */
async function tryToWin(zk: ZooKeeper, name: string): Promise<number | undefined> {
  try {
    const { stat } = await zk.createWithParents(path, name, { mode: 'EPHEMERAL' });
    return stat.czxid;
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
  }
  // The existing node may be our own. A lost connection may have ended our earlier term, or lost the reply to our
  // create (CONNECTIONLOSS with the outcome `unknown`). The node is ours if our session owns it.
  const stat = await zk.exists(path);
  return stat?.ephemeralOwner === zk.session.id ? stat.czxid : undefined;
}

/**
 * Resolves when the node is deleted, or when its deletion may have been missed. Each deletion wakes all candidates,
 * which is acceptable if there are only a few. For hundreds of candidates, use a queue as in lock.ts.
 */
async function untilGone(changes: WatchStream): Promise<void> {
  for await (const { type } of changes) {
    if (type === 'NodeDeleted' || type === 'PossiblyMissed') return;
  }
}

async function leadWhileConnected(
  zk: ZooKeeper,
  epoch: number,
  lead: (leadership: Leadership) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  const doubt = new AbortController();
  // While disconnected, we cannot know whether the session has expired on the servers and another candidate leads.
  const onDisconnected = () => doubt.abort();
  zk.once('Disconnected', onDisconnected);
  try {
    if (zk.state === 'CONNECTED') await lead({ signal: AbortSignal.any([doubt.signal, stop]), epoch });
  } finally {
    zk.off('Disconnected', onDisconnected);
  }
}

async function main(): Promise<void> {
  const [, , connectString, name = `process ${process.pid}`] = process.argv;
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  console.log(`${name} is a candidate`);
  const lead = async ({ signal, epoch }: Leadership) => {
    console.log(`${name} leads, epoch ${epoch}`);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    console.log(`${name} no longer leads`);
  };
  await campaign(connectString, name, lead, stop.signal);
}

if (process.argv[1] === import.meta.filename) await main();
