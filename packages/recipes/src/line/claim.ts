import { type Stat, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, isConnectionLoss } from '../foundation/call.js';
import { uuid } from '../foundation/unique-id.js';
import { type Ticket, ticketOf } from './ticket.js';

/**
 * Creates the ephemeral node `claimPath`, by which this client reserves what the node stands for. Returns undefined if
 * another client has reserved it, or the node `neededPath` does not exist. If the call ends early, the node is deleted in
 * the background.
 */
export async function claimNode(call: Call, neededPath: string, claimPath: string): Promise<Ticket | undefined> {
  const { zk } = call.caller;
  // only this call uses the id, so after a lost reply it tells whose claim the node is
  const id = uuid(zk.ports.random).replaceAll('-', '');
  let mayExist = false;
  try {
    return await call.retry(async () => {
      if (mayExist) {
        const stat = await findClaim(call, claimPath, id, false);
        if (stat !== undefined) return ticketOf(claimPath, stat);
      }
      try {
        return await create(call, neededPath, claimPath, id);
      } catch (error) {
        if (isTaken(error, neededPath)) return undefined;
        mayExist ||= ZooKeeperError.is(error) && error.outcome === 'unknown';
        throw error;
      }
    });
  } catch (error) {
    if (mayExist) void deleteUnseenClaim(call, claimPath, id).catch(() => {});
    throw error;
  }
}

async function create(call: Call, neededPath: string, claimPath: string, id: string): Promise<Ticket> {
  const { zk, acl } = call.caller;
  const [, created] = await zk
    .transaction()
    .check(neededPath)
    .create(claimPath, id, { mode: 'EPHEMERAL', ...(acl && { acl }) })
    .commit(call.limits);
  return ticketOf(claimPath, created.stat);
}

function isTaken(error: unknown, neededPath: string): boolean {
  if (ZooKeeperError.is(error, 'NODEEXISTS')) return true;
  return ZooKeeperError.is(error, 'NONODE') && error.path === neededPath;
}

/** Returns the Stat of the claim if it has this id and belongs to the session of this client. */
async function findClaim(call: Call, claimPath: string, id: string, isLate: boolean): Promise<Stat | undefined> {
  const { zk } = call.caller;
  const limits = isLate ? {} : call.limits;
  // after `sync`, the server has applied the lost request, if the ensemble has carried it out at all
  await zk.sync(claimPath, limits);
  try {
    const { data, stat } = await zk.get(claimPath, limits);
    return String(data) === id && stat.ephemeralOwner === zk.session.id ? stat : undefined;
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return undefined;
    throw error;
  }
}

async function deleteUnseenClaim(call: Call, claimPath: string, id: string): Promise<void> {
  const { zk } = call.caller;
  await untilAnswered(async () => {
    const stat = await findClaim(call, claimPath, id, true);
    if (stat !== undefined) await dropClaim(zk, ticketOf(claimPath, stat));
  });
}

/**
 * Deletes a claim, and repeats that until a server has answered or the session of the claim is over. A claim of another
 * client may have the same path by then, and stays.
 */
export async function dropClaim(zk: ZooKeeper, claim: Ticket): Promise<void> {
  await untilAnswered(async () => {
    if (await isStanding(zk, claim)) await zk.delete(claim.path);
  });
}

/** True if the node of a claim exists. Its path may also be the one of a later claim of another client. */
export async function isStanding(zk: ZooKeeper, { path, czxid, sessionId }: Ticket): Promise<boolean> {
  const stat = await zk.exists(path);
  // only this session can have the node, and a request of this session fails when the session is over
  return stat?.czxid === czxid && zk.session.id === sessionId;
}

async function untilAnswered(request: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await request();
    } catch (error) {
      // the servers delete the node when its session is over
      if (ZooKeeperError.is(error) && ['NONODE', 'SESSIONEXPIRED', 'CLOSED', 'AUTHFAILED'].includes(error.code)) return;
      // the next request waits for a connection, so this loop is not busy
      if (!isConnectionLoss(error)) throw error;
    }
  }
}
