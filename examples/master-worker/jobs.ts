// The part that all programs of this example share.
import { connect, type ZooKeeper } from '@nodekeeper/client';

/** The directory of the group in ZooKeeper. */
export const path = '/examples/master-worker';

/** The data of a task, as JSON. */
export interface Job {
  readonly number: number;
}

/** The result of a task, as JSON. */
export type Factors = readonly number[];

/** Connects to the server of `npm start`, or to the servers in the environment variable ZOOKEEPER. */
export function connectToServer(): Promise<ZooKeeper> {
  // with renewSession, the programs also survive a server that is away for longer than the session timeout
  return connect(process.env.ZOOKEEPER, { sessionTimeoutMs: 4000, renewSession: true, connectTimeoutMs: 5000 });
}

/** Calls `close` at the first Ctrl-C. A second Ctrl-C ends the process at once. */
export function closeAtCtrlC(close: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
}
