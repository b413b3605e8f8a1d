// The program of a user of the packages. pack-check.mjs compiles it in several ways and runs the results.
import { connect, type ZooKeeper } from '@nodekeeper/client';
import { OpCode } from '@nodekeeper/protocol';
import { Lock } from '@nodekeeper/recipes';
import { zooKeeperPlugin } from '@nodekeeper/recipes/fastify';
import { ZooKeeperModule } from '@nodekeeper/recipes/nest';
import { instrumentZooKeeper } from '@nodekeeper/recipes/opentelemetry';
import { defaultConfig } from '@nodekeeper/server';
import { startServer } from '@nodekeeper/testing';

async function main(): Promise<void> {
  const server = await startServer();
  const zk: ZooKeeper = await connect(server.connectString);
  const stop = instrumentZooKeeper({});
  const held = await new Lock(zk, '/lock').acquire();
  const { providers } = ZooKeeperModule.forRoot({ zk });
  console.log(held.token > 0, OpCode.create, typeof zooKeeperPlugin, providers.length, defaultConfig().tickTimeMs);
  await held.release();
  stop();
  await zk.close();
  await server.close();
}

main();
