import { parentPath } from '@nodekeeper/protocol';
import { calls } from './calls.js';
import type { ZooKeeper } from './client.js';
import type { Created } from './create.js';
import { badArgument, ZooKeeperError } from './errors.js';
import type { RequestOptions } from './requests.js';

/** What `deleteRecursive` can be given. */
export interface DeleteRecursiveOptions extends RequestOptions {
  /** For the path `/`, and needed there: delete all that this client can reach, but `/zookeeper`. */
  readonly wholeTree?: boolean;
}

/** A path that came out empty, as in `prefix + '/'`, must not cost everything. */
export function checkWholeTree(path: string, { wholeTree = false }: DeleteRecursiveOptions): void {
  if (wholeTree === (path === '/')) return;
  const advice = wholeTree ? 'options.wholeTree is for the path /' : 'to delete everything, give { wholeTree: true }';
  throw badArgument(calls.deleteRecursive.op, path, advice);
}

/** Parents can be deleted while they are made; a tree that is deleted as quickly as it is made ends the attempt. */
const attemptsMax = 10;

/** Runs `create`, and where it fails for want of a parent makes that first. */
export async function withParents(
  zk: ZooKeeper,
  path: string,
  create: () => Promise<Created>,
  options: RequestOptions,
): Promise<Created> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create();
    } catch (error) {
      if (!ZooKeeperError.is(error, 'NONODE') || attempt === attemptsMax || path === '/') throw error;
    }
    await ensurePath(zk, parentPath(path), options);
  }
}

/** Makes a node and all above it, where they are missing. */
async function ensurePath(zk: ZooKeeper, path: string, options: RequestOptions): Promise<void> {
  const create = () => zk.create(path, '', options);
  try {
    await withParents(zk, path, create, options);
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
  }
}

/**
 * Deletes a node and all below it, leaves first: the deletes are pipelined, and the server carries them out in order.
 * Nodes that others create or delete meanwhile are no obstacle, within reason.
 */
export async function deleteTree(zk: ZooKeeper, path: string, options: RequestOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const paths = await subtree(zk, path, options);
    if (path === '/') paths.shift(); // it cannot be deleted
    const outcomes = await Promise.allSettled(paths.reverse().map((each) => zk.delete(each, options)));
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    const grave = failures.find((error) => !ZooKeeperError.is(error, 'NONODE'));
    if (grave === undefined) return;
    if (!ZooKeeperError.is(grave, 'NOTEMPTY') || attempt === attemptsMax) throw grave;
  }
}

/** All paths of a subtree that this client may delete, each behind its parent. */
async function subtree(zk: ZooKeeper, root: string, options: RequestOptions): Promise<string[]> {
  const paths = [root];
  let level = (await zk.children(root, options)).children.map((name) => childPath(root, name));
  while (level.length > 0) {
    const found = level.filter((path) => path !== '/zookeeper');
    paths.push(...found);
    const lists = await Promise.all(found.map((path) => childPaths(zk, path, options)));
    level = lists.flat();
  }
  return paths;
}

async function childPaths(zk: ZooKeeper, path: string, options: RequestOptions): Promise<string[]> {
  try {
    return (await zk.children(path, options)).children.map((name) => childPath(path, name));
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return [];
    throw error;
  }
}

function childPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`;
}
