import { connect, json, type Stat, utf8, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { ErrorCode } from '@nodekeeper/protocol';
import { type Held, Lock, TreeCache } from '@nodekeeper/recipes';
import { startServer } from '@nodekeeper/server';
import { startEnsemble } from '@nodekeeper/testing';

/** Never called. The test only compiles this function, against the packages as they are published. */
export async function program(): Promise<Stat> {
  const zk: ZooKeeper = await connect('127.0.0.1:2181', { sessionTimeoutMs: 1000 });
  const codec = json<{ x: number }>();
  await zk.create('/a', { x: 1 }, { codec });
  const { data } = await zk.get('/a', { codec });
  const x: number | undefined = data?.x;
  const text: string | null = (await zk.get('/a', { codec: utf8 })).data;
  const [created, stat] = await zk.transaction().create('/b').set('/a', 'y', { version: 3 }).commit();
  for await (const event of zk.watch('/a')) console.log(event.type, x, text, created.path, ErrorCode.NONODE);
  zk.on('state', ({ state }) => console.log(state, startServer.name));
  const held: Held = await new Lock(zk, '/lock').acquire({ timeoutMs: 1000 });
  const cache = new TreeCache(zk, '/a', { codec });
  cache.on('changed', ({ path, value }) => console.log(path, value?.x, held.token, startEnsemble.name));
  zk.close().catch((error: unknown) => console.log(error instanceof ZooKeeperError && error.code));
  return stat;
}
