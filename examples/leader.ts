// A hand-written election: node examples/dist/leader.js [connect string] [name]
// Start it in two terminals and stop the leader: the other one takes over.
import { connect, type WatchStream, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

const path = '/examples/leader';

export interface Leadership {
  /** Aborted when leadership is in doubt or over. Stop leading then. */
  readonly signal: AbortSignal;
  /** Larger for every new leader, so that other systems can reject late requests of an old one. */
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
    // `using` closes the client and so ends the session. A leader of this session stops leading then.
    await using zk = await connect(connectString);
    try {
      while (!stop.aborted) await oneTerm(zk, name, lead, stop);
    } catch (error) {
      // An expired session cannot be used again, and its node is deleted. Start again as a new candidate.
      if (!ZooKeeperError.is(error, 'SESSIONEXPIRED') && !stop.aborted) throw error;
    }
  }
}

/** Leads if there is no leader. Otherwise waits until the leader is gone. */
async function oneTerm(
  zk: ZooKeeper,
  name: string,
  lead: (leadership: Leadership) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  try {
    // Watch first, then create: if the leader's node is deleted after our create failed, we get an event.
    await using changes = zk.watch(path, { signal: stop });
    await changes.ready;
    const epoch = await tryToWin(zk, name);
    if (epoch === undefined) await untilGone(changes);
    else await leadWhileConnected(zk, epoch, lead, stop);
  } catch (error) {
    // Requests of a lost connection fail. Those of the next term wait for a new connection.
    if (!ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
  }
}

/** Returns the epoch, or undefined if another candidate leads. */
async function tryToWin(zk: ZooKeeper, name: string): Promise<number | undefined> {
  try {
    const { stat } = await zk.createWithParents(path, name, { mode: 'EPHEMERAL' });
    return stat.czxid;
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
  }
  // The node may still be ours: from an earlier term that a lost connection ended, or from a create whose reply was
  // lost (CONNECTIONLOSS with outcome `unknown`). The owner of an ephemeral node tells.
  const stat = await zk.exists(path);
  return stat?.ephemeralOwner === zk.session.id ? stat.czxid : undefined;
}

/**
 * Resolves when the node is gone, or may be. This wakes all candidates, and one wins, which is fine for a few of them.
 * For hundreds, use a queue as in lock.ts.
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
  // Without a connection we cannot know when the session expires on the servers and another candidate wins.
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
