// A hand-written lock, as in ZooKeeper's recipes: node examples/dist/lock.js [connect string] [milliseconds]
// Start it in two terminals: the second one gets the lock when the first is done, or is killed.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

export interface Held {
  /** Aborted as soon as the lock is in doubt. Stop then, because another client may get the lock. */
  readonly signal: AbortSignal;
  /** Larger for every new holder. Send it with writes to other systems, so that they can reject late ones. */
  readonly token: number;
}

/** Waits for the lock, runs `work`, and releases the lock. */
export async function withLock(zk: ZooKeeper, lock: string, work: (held: Held) => Promise<void>): Promise<void> {
  const node = await enqueue(zk, lock);
  const doubt = new AbortController();
  const onDisconnected = () => doubt.abort(new Error(`the lock ${lock} is in doubt: the connection was lost`));
  try {
    await waitForTurn(zk, lock, node);
    // Without a connection we do not learn when the session expires and the next client gets the lock. So we stop at
    // once.
    zk.once('Disconnected', onDisconnected);
    const stat = await again(() => zk.exists(`${lock}/${node}`));
    if (stat === null) throw new Error(`${lock}/${node} was deleted by another client`);
    await work({ signal: doubt.signal, token: stat.czxid });
  } finally {
    zk.off('Disconnected', onDisconnected);
    await leave(zk, `${lock}/${node}`);
  }
}

/** Creates this client's place in the queue: an ephemeral node with the next number. Returns its name. */
async function enqueue(zk: ZooKeeper, lock: string): Promise<string> {
  const id = randomUUID();
  for (;;) {
    try {
      const { path } = await zk.createWithParents(`${lock}/${id}-`, hostname(), { mode: 'EPHEMERAL_SEQUENTIAL' });
      return path.slice(lock.length + 1);
    } catch (error) {
      if (!ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
      if (error.outcome === 'not-sent') continue;
      // The connection was lost before the reply came, so the node may exist under an unknown name. Creating another
      // one would be a deadlock: it would wait for the first, which lives as long as this session. So the name contains
      // an id. After `sync`, the server that we are connected to has seen all earlier writes.
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
    if (place < 0) throw new Error(`${lock}/${node} was deleted by another client`);
    if (place === 0) return;
    // Watch only the node before ours: if all clients watched the head, each release would wake all of them.
    await untilGone(zk, `${lock}/${names[place - 1]}`);
  }
}

/** Resolves at the next change of a node, or at once if it does not exist. */
async function untilGone(zk: ZooKeeper, path: string): Promise<void> {
  try {
    // A watch from a read of data. Unlike a watch from `exists`, it is not set if the node does not exist.
    for await (const _event of zk.watch(path, { once: 'data' })) return;
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NONODE') && !ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
  }
}

/** The names in the queue, ordered by number (the last ten digits). */
async function queue(zk: ZooKeeper, lock: string): Promise<string[]> {
  try {
    const { children } = await again(() => zk.children(lock));
    return children.sort((a, b) => Number(a.slice(-10)) - Number(b.slice(-10)));
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return [];
    throw error;
  }
}

/** A second delete does no harm, and the end of the session deletes the node anyway. */
async function leave(zk: ZooKeeper, path: string): Promise<void> {
  await again(() => zk.delete(path)).catch((error) => {
    if (!['NONODE', 'SESSIONEXPIRED', 'CLOSED'].includes(error.code)) throw error;
  });
}

/**
 * Retries a request that can safely be repeated. A request without a connection waits for one, so this is not a busy
 * loop.
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
  // Closing ends the session, so the next client gets the lock now, and not only after the session timeout.
  process.once('SIGINT', () => void zk.close().then(() => process.exit(130)));
  console.log('waiting');
  await withLock(zk, '/examples/lock', async ({ signal, token }) => {
    console.log(`have it, token ${token}`);
    await sleep(holdMs, undefined, { signal });
    console.log('done');
  });
}

if (process.argv[1] === import.meta.filename) await main();
