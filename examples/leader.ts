// An election by hand: node examples/dist/leader.js [connect string] [name]
// Start it in two terminals and stop the one that leads: the other takes over.
import { connect, type WatchStream, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

const path = '/examples/leader';

export interface Leadership {
  /** Aborted when leadership is in doubt or over: stop leading then. */
  readonly signal: AbortSignal;
  /** Larger with every new leader: lets other systems refuse what an old one still sends. */
  readonly epoch: number;
}

/** Takes part in the election until `stop` is aborted; `lead` runs each time that it is won, until its signal says so. */
export async function campaign(
  connectString: string | undefined,
  name: string,
  lead: (leadership: Leadership) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    // `using` closes the client, and with it the session: whoever leads by it leads no more.
    await using zk = await connect(connectString);
    try {
      while (!stop.aborted) await oneTerm(zk, name, lead, stop);
    } catch (error) {
      // An expired session cannot be used again, and our node is gone with it. Begin anew, as a new candidate.
      if (!ZooKeeperError.is(error, 'SESSIONEXPIRED') && !stop.aborted) throw error;
    }
  }
}

/** Leads, if nobody else does, or waits until whoever does is gone. */
async function oneTerm(
  zk: ZooKeeper,
  name: string,
  lead: (leadership: Leadership) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  try {
    // Watching before trying: if the other one goes right after we have failed, that is an event.
    await using changes = zk.watch(path, { signal: stop });
    await changes.ready;
    const epoch = await tryToWin(zk, name);
    if (epoch === undefined) await untilGone(changes);
    else await leadWhileConnected(zk, epoch, lead, stop);
  } catch (error) {
    // Requests of a lost connection fail, those of the next term wait for the next one.
    if (!ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
  }
}

/** Gives the epoch, or nothing where somebody else leads. */
async function tryToWin(zk: ZooKeeper, name: string): Promise<number | undefined> {
  try {
    const { stat } = await zk.createWithParents(path, name, { mode: 'EPHEMERAL' });
    return stat.czxid;
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
  }
  // It may be ours all the same: from an earlier term that a lost connection has ended, or by a create whose answer never
  // came (CONNECTIONLOSS with outcome `unknown`). The owner of an ephemeral node tells whose it is.
  const stat = await zk.exists(path);
  return stat?.ephemeralOwner === zk.session.id ? stat.czxid : undefined;
}

/**
 * Resolves when the node is gone, or may be. All candidates wake up then, and one wins: right for a handful of them. For
 * hundreds make a queue, as in lock.ts.
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
  // Without a connection we cannot know when the session times out on the servers and another one is elected.
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
    console.log(`${name} leads no more`);
  };
  await campaign(connectString, name, lead, stop.signal);
}

if (process.argv[1] === import.meta.filename) await main();
