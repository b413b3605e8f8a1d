// A lock by hand, as in ZooKeeper's recipes: node examples/dist/lock.js [connect string] [milliseconds]
// Start it in two terminals: the second one gets the lock when the first is done, or is killed.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

export interface Held {
  /** Aborted as soon as the lock is in doubt: stop then, somebody else may get it. */
  readonly signal: AbortSignal;
  /** Larger with every holder. Send it along with writes to other systems, which then can refuse those that come late. */
  readonly token: number;
}

/** Waits for the lock, runs `work`, and gives the lock back. */
export async function withLock(zk: ZooKeeper, lock: string, work: (held: Held) => Promise<void>): Promise<void> {
  const node = await enqueue(zk, lock);
  const doubt = new AbortController();
  const onDisconnected = () => doubt.abort(new Error(`the lock ${lock} is in doubt: the connection was lost`));
  try {
    await waitForTurn(zk, lock, node);
    // While disconnected nobody tells us when the session expires and the next one gets the lock. So we stop at once.
    zk.once('Disconnected', onDisconnected);
    const stat = await again(() => zk.exists(`${lock}/${node}`));
    if (stat === null) throw new Error(`${lock}/${node} was deleted by somebody else`);
    await work({ signal: doubt.signal, token: stat.czxid });
  } finally {
    zk.off('Disconnected', onDisconnected);
    await leave(zk, `${lock}/${node}`);
  }
}

/** Creates this client's place in the queue: an ephemeral node with the next number. Gives its name. */
async function enqueue(zk: ZooKeeper, lock: string): Promise<string> {
  const id = randomUUID();
  for (;;) {
    try {
      const { path } = await zk.createWithParents(`${lock}/${id}-`, hostname(), { mode: 'EPHEMERAL_SEQUENTIAL' });
      return path.slice(lock.length + 1);
    } catch (error) {
      if (!ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
      if (error.outcome === 'not-sent') continue;
      // The connection was lost before the answer came, so the node may have been created, and its name is not known.
      // To create another one would be a deadlock: it would wait for the first, which stays as long as this session.
      // Therefore the id in the name. `sync` makes sure that the server we are with now has seen what came before.
      await again(() => zk.sync('/'));
      const mine = (await queue(zk, lock)).find((name) => name.startsWith(id));
      if (mine !== undefined) return mine;
    }
  }
}

/** Resolves when the node is at the head of the queue. */
async function waitForTurn(zk: ZooKeeper, lock: string, node: string): Promise<void> {
  for (;;) {
    const names = await queue(zk, lock);
    const place = names.indexOf(node);
    if (place < 0) throw new Error(`${lock}/${node} was deleted by somebody else`);
    if (place === 0) return;
    // Only the one in front of us matters: if all watched the head, all would wake up at each release.
    await untilGone(zk, `${lock}/${names[place - 1]}`);
  }
}

/** Resolves at the next change of a node, or at once if it is gone already. */
async function untilGone(zk: ZooKeeper, path: string): Promise<void> {
  try {
    // A watch left by a read of data: unlike one left by `exists` it leaves nothing behind where there is no node.
    for await (const _event of zk.watch(path, { once: 'data' })) return;
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NONODE') && !ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
  }
}

/** The names in the queue, by number: the last ten digits. */
async function queue(zk: ZooKeeper, lock: string): Promise<string[]> {
  try {
    const { children } = await again(() => zk.children(lock));
    return children.sort((a, b) => Number(a.slice(-10)) - Number(b.slice(-10)));
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return [];
    throw error;
  }
}

/** Deleting twice does no harm, and at the end of the session the node goes by itself. */
async function leave(zk: ZooKeeper, path: string): Promise<void> {
  await again(() => zk.delete(path)).catch((error) => {
    if (!['NONODE', 'SESSIONEXPIRED', 'CLOSED'].includes(error.code)) throw error;
  });
}

/** For what may be done twice. A request made while there is no connection waits for one, so this is no busy loop. */
async function again<Result>(request: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
    }
  }
}

async function main(): Promise<void> {
  const holdMs = Number(process.argv[3] ?? 5000);
  if (!(holdMs >= 0)) throw new Error(`${process.argv[3]} is no number of milliseconds`);
  await using zk = await connect(process.argv[2]);
  // Closing ends the session, so the next one gets the lock now and not only when the session has timed out.
  process.once('SIGINT', () => void zk.close().then(() => process.exit(130)));
  console.log('waiting');
  await withLock(zk, '/examples/lock', async ({ signal, token }) => {
    console.log(`have it, token ${token}`);
    await sleep(holdMs, undefined, { signal });
    console.log('done');
  });
}

if (process.argv[1] === import.meta.filename) await main();
