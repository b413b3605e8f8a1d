import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { isConnectionLoss } from './call.js';
import { childOf } from './parents.js';

/** After these errors, an ephemeral node of this session does not exist, or will not exist any more. */
const gone = ['NONODE', 'SESSIONEXPIRED', 'CLOSED', 'AUTHFAILED'];

/**
 * Deletes an ephemeral node of this client's session, and repeats that until a server has answered or the session is
 * over. Rejects if the server refuses the deletion.
 */
export async function deleteSurely(zk: ZooKeeper, path: string): Promise<void> {
  await untilAnswered(() => zk.delete(path));
}

/**
 * Deletes the nodes in `parent` whose names start with `prefix`. The reply to their creation may have been lost, so
 * their full names are unknown.
 */
export async function deleteUnseen(zk: ZooKeeper, parent: string, prefix: string): Promise<void> {
  await untilAnswered(async () => {
    // the server may have carried out the lost request without having applied it yet
    await zk.sync(parent);
    const { children } = await zk.children(parent);
    const own = children.filter((name) => name.startsWith(prefix));
    await Promise.all(own.map((name) => deleteSurely(zk, childOf(parent, name))));
  });
}

async function untilAnswered(request: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await request();
      return;
    } catch (error) {
      if (ZooKeeperError.is(error) && gone.includes(error.code)) return;
      // the next request waits for a connection, so this loop is not busy
      if (!isConnectionLoss(error)) throw error;
    }
  }
}
