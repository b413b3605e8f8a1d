// A lock, as described in ZooKeeper's recipes.
// Run it with: node examples/dist/by-hand/lock.js [connect string] [milliseconds]
// Start it in two terminals: the second process gets the lock when the first one releases it or is killed.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

export interface Held {
  /**
   * Aborted when this client may no longer hold the lock. Stop the work then, because another client may get the lock.
   */
  readonly signal: AbortSignal;
  /**
   * A number that is larger for each new holder of the lock. Send it with writes to other systems, so that these
   * systems can reject late writes of an earlier holder.
   */
  readonly token: number;
}

/** Waits for the lock, runs `work`, and then releases the lock. */
export async function withLock(zk: ZooKeeper, lock: string, work: (held: Held) => Promise<void>): Promise<void> {
  const node = await enqueue(zk, lock);
  const doubt = new AbortController();
  const onDisconnected = () => doubt.abort(new Error(`the lock ${lock} is in doubt: the connection was lost`));
  try {
    await waitForTurn(zk, lock, node);
    // While disconnected, we cannot know whether the session has expired and the next client has the lock. So the work
    // stops at once.
    zk.once('Disconnected', onDisconnected);
    const stat = await again(() => zk.exists(`${lock}/${node}`));
    if (stat === null) throw new Error(`${lock}/${node} was deleted by another client`);
    await work({ signal: doubt.signal, token: stat.czxid });
  } finally {
    zk.off('Disconnected', onDisconnected);
    await leave(zk, `${lock}/${node}`);
  }
}

/** Adds this client to the queue: creates an ephemeral node with the next number. Returns the name of the node. */
async function enqueue(zk: ZooKeeper, lock: string): Promise<string> {
  const id = randomUUID();
  for (;;) {
    try {
      const { path } = await zk.createWithParents(`${lock}/${id}-`, hostname(), { mode: 'EPHEMERAL_SEQUENTIAL' });
      return path.slice(lock.length + 1);
    } catch (error) {
      if (!ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
      if (error.outcome === 'not-sent') continue;
      // The reply was lost with the connection, so our node may exist under a name that we do not know. Creating a
      // second node would cause a deadlock: the second waits for the first, which exists as long as our session. So we
      // search the queue for the random id in our node's name. After `sync`, the server that we are connected to has
      // all earlier writes.
      await again(() => zk.sync('/'));
      const mine = (await queue(zk, lock)).find((name) => name.startsWith(id));
      if (mine !== undefined) return mine;
    }
  }
}

/** Resolves when the node is the first in the queue. */
async function waitForTurn(zk: ZooKeeper, lock: string, node: string): Promise<void> {
  for (;;) {
    const names = await queue(zk, lock);
    const place = names.indexOf(node);
    if (place < 0) throw new Error(`${lock}/${node} was deleted by another client`);
    if (place === 0) return;
    // Watch only the node before ours. If all clients watched the first node, each release would wake all of them.
    await untilGone(zk, `${lock}/${names[place - 1]}`);
  }
}

/** Resolves when the node changes or is deleted, or at once if it does not exist. */
async function untilGone(zk: ZooKeeper, path: string): Promise<void> {
  try {
    // `once: 'data'` sets the watch by reading the node's data. If the node does not exist, the read fails with NONODE
    // and sets no watch. `exists` would set a watch even then, and this watch would remain.
    for await (const _event of zk.watch(path, { once: 'data' })) return;
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NONODE') && !ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
  }
}

/** Returns the names of the nodes in the queue, ordered by number. The number is the last ten digits of a name. */
async function queue(zk: ZooKeeper, lock: string): Promise<string[]> {
  try {
    const { children } = await again(() => zk.children(lock));
    return children.sort((a, b) => Number(a.slice(-10)) - Number(b.slice(-10)));
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return [];
    throw error;
  }
}

/**
 * Deletes this client's node. If the node is already deleted, or the session has ended, there is nothing left to do.
 */
async function leave(zk: ZooKeeper, path: string): Promise<void> {
  await again(() => zk.delete(path)).catch((error) => {
    if (!['NONODE', 'SESSIONEXPIRED', 'CLOSED'].includes(error.code)) throw error;
  });
}

/**
 * Repeats the request until it does not fail with CONNECTIONLOSS. Use it only for requests that can safely be sent
 * twice. The loop is not busy, because a request waits while the client is disconnected.
 */
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
  if (!(holdMs >= 0)) throw new Error(`${process.argv[3]} is not a number of milliseconds`);
  await using zk = await connect(process.argv[2]);
  // `close` ends the session, so that the next client gets the lock at once instead of after the session timeout.
  process.once('SIGINT', () => void zk.close().then(() => process.exit(130)));
  console.log('waiting');
  await withLock(zk, '/examples/lock', async ({ signal, token }) => {
    console.log(`have it, token ${token}`);
    await sleep(holdMs, undefined, { signal });
    console.log('done');
  });
}

if (process.argv[1] === import.meta.filename) await main();
