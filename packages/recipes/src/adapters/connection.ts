import { type ClientOptions, connect, type ZooKeeper } from '@nodekeeper/client';

/** Which client an adapter uses. */
export interface ConnectionOptions {
  /** A client of the program. The adapter does not close it. */
  readonly zk?: ZooKeeper;
  /** The servers for a client that the adapter opens and closes. Default `127.0.0.1:2181`. */
  readonly servers?: string;
  /** Options of that client. By default, it opens a new session when its session has expired. */
  readonly client?: ClientOptions;
}

/** Returns the client, and a function that closes it if the adapter has opened it. */
export async function openClient({
  zk,
  servers,
  client,
}: ConnectionOptions): Promise<{ zk: ZooKeeper; close: () => Promise<void> }> {
  if (zk !== undefined) return { zk, close: async () => {} };
  const opened = await connect(servers, { renewSession: true, ...client });
  return { zk: opened, close: () => opened.close() };
}
