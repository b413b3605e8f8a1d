import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { defaultConfig, type RunningServer, silentLogger, startServer } from '@nodekeeper/server';
import { behaviour } from '../src/client-behaviour/index.js';
import { type BehaviourServer, chroot, runScenario, superDigest } from '../src/client-behaviour/runner.js';

/** The settings of the runner's `zooCfg`, for a server that runs in this process. */
const config = {
  ...defaultConfig(),
  clientPort: 0,
  clientPortAddress: '127.0.0.1',
  preAllocSizeKb: 64,
  maxClientCnxns: 0,
  tickTimeMs: 200,
  minSessionTimeoutMs: 400,
  maxSessionTimeoutMs: 40_000,
  extendedTypesEnabled: true,
  enforceQuota: true,
  containerCheckIntervalMs: 200,
  digestAuthSuperDigest: superDigest,
  fourLetterWordWhitelist: ['*'],
};

suite('the client on a nodekeeper server', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nodekeeper-behaviour-'));
  let running: RunningServer;
  const start = async (clientPort: number) => {
    running = await startServer({ ...config, dataDir, dataLogDir: dataDir, clientPort }, silentLogger);
  };
  before(() => start(0));
  after(async () => {
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  });
  const server: BehaviourServer = {
    get port() {
      return running.port;
    },
    async restart(whileDown) {
      const { port } = running;
      await running.stop();
      await whileDown();
      await start(port);
    },
  };
  for (const [topic, scenarios] of Object.entries(behaviour)) {
    suite(topic, () => {
      for (const scenario of scenarios) {
        test(scenario.name, { timeout: 30_000 }, () => runScenario(server, scenario, ''));
        if (scenario.inChroot === false) continue;
        test(`in a chroot: ${scenario.name}`, { timeout: 30_000 }, () => runScenario(server, scenario, chroot));
      }
    });
  }
});
