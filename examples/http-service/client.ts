// A client that spreads its requests over all instances of the service. No request fails while instances come and go.
// Run it with: node examples/dist/http-service/client.js [number of requests]
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nodekeeper/client';
import { ServiceProvider, strategies } from '@nodekeeper/recipes';

const requests = Number(process.argv[2] ?? 10);
await using zk = await connect(process.env.ZOOKEEPER, { renewSession: true });
await using provider = new ServiceProvider(zk, '/examples/services', 'hello', { strategy: strategies.roundRobin() });
await provider.start();

/** Asks one instance after the other, until one answers. */
async function ask(): Promise<string> {
  for (;;) {
    const instance = await provider.wait({ timeoutMs: 30_000 });
    try {
      return await (await fetch(`http://${instance.address}:${instance.port}/`)).text();
    } catch {
      // after two errors the provider does not choose this instance for a while
      provider.noteError(instance);
      console.log(`port ${instance.port} does not answer`);
    }
  }
}

for (let count = 1; count <= requests; count++) {
  console.log(`${count}: ${(await ask()).trim()}`);
  await sleep(200);
}
