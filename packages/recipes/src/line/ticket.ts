import { type Stat, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { Call } from '../foundation/call.js';
import { deleteSurely, deleteUnseen } from '../foundation/guaranteed-delete.js';
import { childOf } from '../foundation/parents.js';

/** An ephemeral node that this client has created, for example its node in a line. */
export interface Ticket {
  readonly name: string;
  readonly path: string;
  /** The zxid of the node's creation. It is larger for each later node, so it is the fencing token. */
  readonly czxid: number;
  /** The time of the node's creation by the clock of the leader, in milliseconds since 1970. */
  readonly ctimeMs: number;
  /** The session that owns the node. The client may have another session by now. */
  readonly sessionId: bigint;
}

export function ticketOf(path: string, { czxid, ctime, ephemeralOwner }: Stat): Ticket {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { path, name, czxid, ctimeMs: Number(ctime), sessionId: ephemeralOwner };
}

/**
 * Creates ephemeral nodes in `parent` whose names start with `prefix`. The reply may be lost, so the nodes may exist
 * under unknown names. Second nodes would block all other clients. So before it repeats the request, this function
 * looks for nodes with the prefix (CURATOR-18). If the call ends early, such nodes are deleted in the background.
 *
 * @param prefix must be unique for this call
 * @param create creates all nodes or none, with one request
 */
export async function createSurely(
  call: Call,
  parent: string,
  prefix: string,
  create: () => Promise<readonly Ticket[]>,
): Promise<readonly Ticket[]> {
  const { zk } = call.caller;
  let mayExist = false;
  try {
    return await call.retry(async () => {
      const found = mayExist ? await findOwn(call, parent, prefix) : [];
      if (found.length > 0) return found;
      try {
        return await create();
      } catch (error) {
        mayExist ||= ZooKeeperError.is(error) && error.outcome === 'unknown';
        throw error;
      }
    });
  } catch (error) {
    if (mayExist) void deleteUnseen(zk, parent, prefix).catch(() => {});
    throw error;
  }
}

/** Returns the nodes with the prefix that belong to the session of this client. */
async function findOwn(call: Call, parent: string, prefix: string): Promise<Ticket[]> {
  const { zk } = call.caller;
  // after `sync`, the server has applied the lost request, if the ensemble has carried it out at all
  await zk.sync(parent, call.limits);
  const names = (await childrenOf(zk, parent, call)).filter((name) => name.startsWith(prefix));
  const read = async (path: string) => ({ path, stat: await zk.exists(path, call.limits) });
  const nodes = await Promise.all(names.map((name) => read(childOf(parent, name))));
  const tickets = nodes.flatMap(({ path, stat }) => (stat === null ? [] : [ticketOf(path, stat)]));
  // a node of an earlier session will be deleted with that session (CURATOR-498)
  const isOwn = ({ sessionId }: Ticket) => sessionId === zk.session.id;
  for (const { path } of tickets.filter((ticket) => !isOwn(ticket))) void deleteSurely(zk, path).catch(() => {});
  return tickets.filter(isOwn);
}

/** Returns the names of the children of a node; none if the node does not exist. */
export async function childrenOf(zk: ZooKeeper, path: string, { limits }: Call): Promise<string[]> {
  try {
    return (await zk.children(path, limits)).children;
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return [];
    throw error;
  }
}
