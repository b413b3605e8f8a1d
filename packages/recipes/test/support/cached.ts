import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { CacheEntry } from '../../src/index.js';

/** Waits until a condition is true. The requests let the events of the server arrive. */
export async function until(zk: ZooKeeper, condition: () => boolean): Promise<void> {
  while (!condition()) await zk.exists('/');
}

/** Makes a client refuse `addWatch`, as with a server older than ZooKeeper 3.6. */
export function likeOldServer(zk: ZooKeeper): ZooKeeper {
  zk.addWatch = (path) =>
    Promise.reject(new ZooKeeperError({ code: 'UNIMPLEMENTED', outcome: 'rejected' }, 'addWatch', path));
  return zk;
}

/** Reads a subtree as text by path, without a cache. */
export async function readTree(zk: ZooKeeper, path: string, into = new Map<string, string>()) {
  try {
    const { data } = await zk.get(path);
    const { children } = await zk.children(path);
    into.set(path, String(data));
    for (const name of children) await readTree(zk, `${path}/${name}`, into);
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NONODE')) throw error;
  }
  return into;
}

/** Returns the content of a cache as text by path. */
export function contentOf(cache: Iterable<CacheEntry<unknown>>): Map<string, string> {
  return new Map([...cache].map(({ path, value }) => [path, String(value)]));
}

/** Returns the number of watched paths of a client. */
export function watchCount(zk: ZooKeeper): number {
  return Object.values(zk.stats().watches).reduce((sum, count) => sum + count, 0);
}
