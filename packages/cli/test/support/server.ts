import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { defaultConfig, type ServerConfig, silentLogger, startServer } from '@nodekeeper/server';

export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-cli-'));
  context.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}

/** Starts a server in this process and returns its port. The server stops at the end of the test. */
export async function serverPort(context: TestContext, config: Partial<ServerConfig> = {}): Promise<number> {
  const directory = temporaryDirectory(context);
  const paths = { dataDir: directory, dataLogDir: directory, clientPort: 0, clientPortAddress: '127.0.0.1' };
  const server = await startServer({ ...defaultConfig(), ...paths, preAllocSizeKb: 64, ...config }, silentLogger);
  context.after(() => server.stop());
  return server.port;
}
