import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type TestServerConfig, useServer } from '@nodekeeper/testing';

export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-cli-'));
  context.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}

/** Starts a server in this process and returns its port. The server stops at the end of the test. */
export async function serverPort(context: TestContext, config: TestServerConfig = {}): Promise<number> {
  const server = await useServer(context, { config: { tickTimeMs: 3000, ...config } });
  return Number(server.connectString.split(':')[1]);
}
