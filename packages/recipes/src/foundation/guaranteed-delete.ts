import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { isConnectionLoss } from './call.js';
import { childOf } from './parents.js';
import { isRenewed } from './session-guard.js';

/** After these errors, an ephemeral node of this client does not exist, or will not exist any more. */
const gone = ['NONODE', 'SESSIONEXPIRED', 'CLOSED', 'AUTHFAILED'];

/**
 * Deletes an ephemeral node of this client, and repeats that until a server has answered or the client has no session
 * any more. Rejects if the server refuses the deletion.
 */
export async function deleteSurely(zk: ZooKeeper, path: string): Promise<void> {
  await untilAnswered(zk, () => zk.delete(path));
}

/**
 * Deletes the nodes in `parent` whose names start with `prefix`. The reply to their creation may have been lost, so
 * their full names are unknown.
 */
export async function deleteUnseen(zk: ZooKeeper, parent: string, prefix: string): Promise<void> {
  await untilAnswered(zk, async () => {
    // the server may have carried out the lost request without having applied it yet
    await zk.sync(parent);
    const { children } = await zk.children(parent);
    const own = children.filter((name) => name.startsWith(prefix));
    await Promise.all(own.map((name) => deleteSurely(zk, childOf(parent, name))));
  });
}

/**
 * Repeats a deletion until a server has answered or the client has no session any more. Rejects if the server refuses
 * the deletion; a node that does not exist counts as deleted.
 */
export async function untilAnswered(zk: ZooKeeper, request: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await request();
      return;
    } catch (error) {
      // the servers may keep the node of an expired session for some time, so the new session deletes it
      const isLost = isConnectionLoss(error) || isRenewed(zk, error);
      if (!isLost && ZooKeeperError.is(error) && gone.includes(error.code)) return;
      // the next request waits for a connection, so this loop is not busy
      if (!isLost) throw error;
    }
  }
}
