import { parentPath } from '@nodekeeper/protocol';
import { calls } from './calls.js';
import type { ZooKeeper } from './client.js';
import type { Created } from './create.js';
import { badArgument, ZooKeeperError } from './errors.js';
import type { RequestOptions } from './requests.js';

/** Options of `deleteRecursive`. */
export interface DeleteRecursiveOptions extends RequestOptions {
  /**
   * Must be true for the path `/`, and is forbidden for other paths. It confirms that the call may delete all nodes
   * that this client can reach, except `/zookeeper`.
   */
  readonly wholeTree?: boolean;
}

/**
 * Throws if the path is `/` and `wholeTree` is false, and if `wholeTree` is true for another path. This protects
 * against an accidental `/`, for example from `prefix + '/'` with an empty prefix.
 */
export function checkWholeTree(path: string, { wholeTree = false }: DeleteRecursiveOptions): void {
  if (wholeTree === (path === '/')) return;
  const advice = wholeTree ? 'options.wholeTree is for the path /' : 'to delete everything, give { wholeTree: true }';
  throw badArgument(calls.deleteRecursive.op, path, advice);
}

/**
 * A call makes this many attempts before it fails. An attempt fails because of other clients, for example if they
 * delete a parent that the call has just created.
 */
const attemptsMax = 10;

/** Runs `create`. If `create` fails because the parent is missing, creates the parent and runs `create` again. */
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

/** Creates a node and all missing nodes above it. */
async function ensurePath(zk: ZooKeeper, path: string, options: RequestOptions): Promise<void> {
  const create = () => zk.create(path, '', options);
  try {
    await withParents(zk, path, create, options);
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
  }
}

/**
 * Deletes a node and its descendants, leaves first. The client sends all deletes without waiting for replies, and the
 * server carries them out in order. If other clients create nodes in the subtree during the call, the deletion starts
 * again. After `attemptsMax` attempts, the call fails.
 */
export async function deleteTree(zk: ZooKeeper, path: string, options: RequestOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const paths = await subtree(zk, path, options);
    if (path === '/') paths.shift(); // the server does not allow a client to delete the root
    const outcomes = await Promise.allSettled(paths.reverse().map((each) => zk.delete(each, options)));
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    const grave = failures.find((error) => !ZooKeeperError.is(error, 'NONODE'));
    if (grave === undefined) return;
    if (!ZooKeeperError.is(grave, 'NOTEMPTY') || attempt === attemptsMax) throw grave;
  }
}

/** Returns the paths of a subtree that this client may delete, parents before children. */
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
