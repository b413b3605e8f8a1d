import type { ZooKeeper } from '@nodekeeper/client';

/** Waits until the node has this version. */
export async function untilVersion(zk: ZooKeeper, path: string, version: number): Promise<void> {
  while ((await zk.exists(path))?.version !== version);
}

/** Waits until the node has this number of children. A node that does not exist has none. */
export async function untilChildren(zk: ZooKeeper, path: string, count: number): Promise<void> {
  while (((await zk.exists(path))?.numChildren ?? 0) !== count);
}

/** Waits until the directory is empty, or gone. */
export function untilClean(zk: ZooKeeper, path: string): Promise<void> {
  return untilChildren(zk, path, 0);
}
