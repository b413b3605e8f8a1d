import { ZooKeeperError } from '@nodekeeper/client';
import type { Call } from '../foundation/call.js';
import { ensureContainer } from '../foundation/parents.js';
import type { Naming } from '../line/naming.js';

/**
 * Creates a directory of items if it does not exist. For kazoo it is persistent, because kazoo's queues fail after the
 * server has deleted an empty container.
 */
export async function ensureDirectory(call: Call, path: string, naming: Naming): Promise<void> {
  if (naming === 'curator') return ensureContainer(call, path);
  const { zk, acl } = call.caller;
  try {
    await call.retry(() => zk.createWithParents(path, '', { ...(acl && { acl }), ...call.limits }));
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
  }
}
