import { ZooKeeperError } from '@nodekeeper/client';
import type { Call } from '../foundation/call.js';
import { childOf } from '../foundation/parents.js';
import type { WaitingLine } from '../line/waiting-line.js';

/** A client that leads, or waits for the leadership. */
export interface Contender {
  /** The id that the client chose; empty if it chose none. */
  readonly id: string;
  /** The path of its node. */
  readonly path: string;
  /** True for the first contender. It is the leader, or becomes the leader at once. */
  readonly isLeader: boolean;
}

/** Returns the contenders in a line, in the order in which they become leader. */
export async function readContenders(call: Call, line: WaitingLine): Promise<Contender[]> {
  const names = await unlessMissing(() => line.list(call), []);
  const paths = line.entries(names).map(({ name }) => childOf(call.caller.path, name));
  const ids = await Promise.all(paths.map((path) => readId(call, path)));
  const found = paths.flatMap((path, index) => (ids[index] === undefined ? [] : [{ path, id: ids[index] }]));
  return found.map((contender, index) => ({ ...contender, isLeader: index === 0 }));
}

/** Returns undefined if the contender has left. */
function readId(call: Call, path: string): Promise<string | undefined> {
  const { zk } = call.caller;
  return unlessMissing(async () => {
    const { data } = await call.retry(() => zk.get(path, call.limits));
    return data?.toString('utf8') ?? '';
  }, undefined);
}

async function unlessMissing<Result, Missing>(
  read: () => Promise<Result>,
  missing: Missing,
): Promise<Result | Missing> {
  try {
    return await read();
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return missing;
    throw error;
  }
}
