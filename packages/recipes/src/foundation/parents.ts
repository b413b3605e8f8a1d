import { ZooKeeperError } from '@nodekeeper/client';
import type { Call } from './call.js';

/** Returns the path of the node above `path`; `/` for a node at the top. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** Returns the last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function childOf(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`;
}

/**
 * Creates a node and the missing nodes above it, if the node does not exist. The new nodes are containers, as in
 * Curator: the server deletes them after their last child.
 */
export function ensureContainer(call: Call, path: string): Promise<void> {
  return ensureNode(call, path, 'CONTAINER');
}

/** Creates an empty node and the missing nodes above it, if the node does not exist. */
export async function ensureNode(call: Call, path: string, mode: 'CONTAINER' | 'PERSISTENT'): Promise<void> {
  const { zk, acl } = call.caller;
  const options = { mode, ...(acl && { acl }), ...call.limits } as const;
  for (;;) {
    try {
      await call.retry(() => zk.create(path, '', options));
      return;
    } catch (error) {
      if (ZooKeeperError.is(error, 'NODEEXISTS')) return;
      if (!ZooKeeperError.is(error, 'NONODE') || path === '/') throw error;
    }
    await ensureNode(call, parentOf(path), mode);
  }
}
