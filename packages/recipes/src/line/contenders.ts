import { ZooKeeperError } from '@nodekeeper/client';
import type { Call } from '../foundation/call.js';
import { childOf } from '../foundation/parents.js';
import type { WaitingLine } from './waiting-line.js';

/** A client that holds something, or waits for it. */
export interface LockContender {
  /** The path of its node. */
  readonly path: string;
  /** The data of its node, for example the option `data` of a recipe. */
  readonly data: Buffer | null;
  /** The fencing token that it has, or will have when it is its turn. */
  readonly token: number;
  /** The session of the client. */
  readonly sessionId: bigint;
}

/** Returns the clients in a line whose nodes have the marker of the line, in their order. */
export async function contendersOf(line: WaitingLine, call: Call): Promise<LockContender[]> {
  const entries = line.entries(await line.list(call)).filter(({ marker }) => marker === line.options.marker);
  return contendersAt(
    entries.map(({ name }) => childOf(line.caller.path, name)),
    call,
  );
}

/** Returns the clients whose nodes have these paths. Ignores paths without a node. */
export async function contendersAt(paths: readonly string[], call: Call): Promise<LockContender[]> {
  const contenders = await Promise.all(paths.map((path) => contenderAt(path, call)));
  return contenders.filter((contender) => contender !== undefined);
}

/** Returns undefined if the node is gone. */
async function contenderAt(path: string, call: Call): Promise<LockContender | undefined> {
  const { zk } = call.caller;
  try {
    const { data, stat } = await call.retry(() => zk.get(path, call.limits));
    return { path, data, token: stat.czxid, sessionId: stat.ephemeralOwner };
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return undefined;
    throw error;
  }
}
