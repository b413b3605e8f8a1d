// An HTTP service that registers itself. At Ctrl-C it first leaves the registry, then answers the last requests.
// Run it with: node examples/dist/http-service/service.js [port]
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nodekeeper/client';
import { ServiceRegistry } from '@nodekeeper/recipes';

const server = createServer(async (_request, response) => {
  await sleep(100);
  response.end(`hello from port ${port}\n`);
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as { port: number };

// register only when the service can answer
const zk = await connect(process.env.ZOOKEEPER, { sessionTimeoutMs: 4000, renewSession: true });
const registry = new ServiceRegistry(zk, '/examples/services');
await registry.register({ name: 'hello', address: '127.0.0.1', port });
console.log(`registered on port ${port}`);

process.once('SIGINT', async () => {
  await registry.close();
  console.log('unregistered');
  // clients that have chosen this instance a moment ago may still come
  await sleep(500);
  server.close();
  await once(server, 'close');
  await zk.close();
  console.log('answered the last request');
});
