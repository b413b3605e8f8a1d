import { ZooKeeperError } from '@nodekeeper/client';
import { childPath, type Requests } from './requests.js';

/**
 * Visits a node and all its descendants in the order of ZooKeeper's shell: first all children of a node, then the
 * children of the first child, and so on. Skips the children of a node that is deleted during the walk.
 */
export async function visitSubtree(
  zk: Requests,
  root: string,
  visit: (path: string) => Promise<void> | void,
  isWatched = false,
): Promise<void> {
  await zk.get(root, isWatched);
  await visit(root);
  const pending = [root];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const paths = await childPaths(zk, path, isWatched);
    for (const child of paths) await visit(child);
    pending.push(...paths.toReversed());
  }
}

async function childPaths(zk: Requests, path: string, isWatched: boolean): Promise<string[]> {
  try {
    const { children } = await zk.children(path, isWatched);
    return children.sort().map((child) => childPath(path, child));
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return [];
    throw error;
  }
}
