import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type RunningServer,
  type ServerKind,
  type StartOptions,
  startApache,
  startNodekeeper,
  tail,
} from './peers/index.js';

export type { ServerKind };

/** The options of the command line, and what else every suite needs. */
export interface Context {
  /**
   * The kind of server under test. To find out whether ZooKeeper fails a test too, run the test with `--subject
   * apache`.
   */
  subject: ServerKind;
  /** The `--name value` options of the command line that a suite reads itself. */
  options: Map<string, string>;
  say(line: string): void;
  /**
   * A new directory for the suite. If the suite passes, the directory is removed. If it fails, the directory is kept
   * and its path printed.
   */
  workDirectory: string;
}

/**
 * A row of the table in main.ts. `run` returns a line for the summary. If `run` throws MissingTool, the suite is
 * skipped; any other error means that the suite failed.
 */
export interface Suite {
  name: string;
  shows: string;
  run(context: Context): Promise<string>;
}

export function startServer(kind: ServerKind, options: StartOptions): Promise<RunningServer> {
  return kind === 'apache' ? startApache(options) : startNodekeeper(options);
}

/**
 * Runs `use` with servers, and stops the servers afterwards. If `use` fails, the error contains the end of each
 * server's log.
 */
export async function withServers<Result>(
  starts: (() => Promise<RunningServer>)[],
  use: (servers: RunningServer[]) => Promise<Result>,
): Promise<Result> {
  const servers: RunningServer[] = [];
  try {
    for (const start of starts) servers.push(await start());
    return await use(servers);
  } catch (error) {
    const logs = servers.map(
      (server) => `\n--- log of port ${server.port} ends:\n${tail(interesting(server.log()), 25)}`,
    );
    throw new Error(`${error instanceof Error ? error.message : String(error)}${logs.join('')}`, { cause: error });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** Removes the log lines about the polls with which a test waits until the server serves. */
function interesting(log: string): string {
  return log.replaceAll(/^.*Processing srvr command.*\n/gm, '');
}

export function makeWorkDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `nodekeeper-interop-${name}-`));
}

export function removeWorkDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
