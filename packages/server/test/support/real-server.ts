import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { defaultConfig, type ServerConfig } from '../../src/config/server-config.js';
import { silentLogger } from '../../src/log/logger.js';
import { startServer } from '../../src/node.js';

/** Creates a directory that is deleted at the end of the test. */
export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-test-'));
  context.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}

/** Starts a server in this process, with a real port, disk and clock. */
export async function startRealServer(context: TestContext, config: Partial<ServerConfig> = {}) {
  const directory = temporaryDirectory(context);
  const full = { ...defaultConfig(), dataDir: directory, dataLogDir: directory, clientPort: 0, preAllocSizeKb: 64 };
  const server = await startServer({ ...full, clientPortAddress: '127.0.0.1', ...config }, silentLogger);
  context.after(() => server.stop());
  return server;
}
