import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { defaultConfig } from '../../src/config/server-config.js';
import { silentLogger } from '../../src/log/logger.js';
import { startServer } from '../../src/node.js';
import { createMember, EnsembleConfig } from '../../src/quorum/index.js';
import { RealClient } from '../support/real-client.js';
import { temporaryDirectory } from '../support/real-server.js';
import { createRequest } from '../support/test-client.js';

const host = '127.0.0.1';

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, host, () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function startEnsemble(context: TestContext, size: number) {
  const ports = await freePorts(size * 2);
  const ensemble = new EnsembleConfig(
    Array.from({ length: size }, (_, index) =>
      createMember(index + 1, [{ host, quorumPort: ports[index * 2], electionPort: ports[index * 2 + 1] }]),
    ),
  );
  const shared = { ...defaultConfig(), clientPort: 0, clientPortAddress: host, preAllocSizeKb: 64 };
  const timing = { tickTimeMs: 500, initLimitTicks: 10, syncLimitTicks: 6, maxSessionTimeoutMs: 10_000 };
  const start = (myId: number, dataDir: string) =>
    startServer({ ...shared, ...timing, dataDir, dataLogDir: dataDir, ensemble, myId }, silentLogger);
  const directories = Array.from({ length: size }, () => temporaryDirectory(context));
  const servers = await Promise.all(directories.map((directory, index) => start(index + 1, directory)));
  return { servers };
}

/** A session, as soon as there is a leader. */
async function connectWhenServing(port: number): Promise<RealClient> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      return await RealClient.connect(port);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`no session on port ${port}`);
}

test('three servers on real sockets and disks elect a leader, survive the loss of one, and lose nothing', async (context) => {
  const { servers } = await startEnsemble(context, 3);
  const running = new Set(servers);
  context.after(() => Promise.all([...running].map((server) => server.stop())));
  const first = await connectWhenServing(servers[0].port);
  for (let index = 0; index < 50; index++) {
    assert.equal((await first.call('create', createRequest(`/n${index}`))).err, 0);
  }
  // the largest id leads, since all are alike
  await servers[2].stop();
  running.delete(servers[2]);
  const second = await connectWhenServing(servers[1].port);
  assert.equal((await second.call('create', createRequest('/after'))).err, 0);
  const third = await connectWhenServing(servers[0].port);
  await third.call('sync', { path: '/' });
  const { children } = (await third.call('getChildren', { path: '/', watch: false })).body;
  assert.equal(children.length, 52);
  for (const client of [first, second, third]) client.socket.destroy();
});
