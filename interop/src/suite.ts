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

/** The command line's values, and what every suite needs. */
export interface Context {
  /** The server under test. With `apache` a failing test shows if it fails there too. */
  subject: ServerKind;
  /** Values of `--name value` options that a suite reads itself. */
  options: Map<string, string>;
  say(line: string): void;
  /** A new directory. It is removed when the suite passes. It is kept, and its path printed, when the suite fails. */
  workDirectory: string;
}

/**
 * A row of the table in main.ts. `run` returns a line for the summary. It throws MissingTool to be skipped, and any
 * other error to fail.
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
 * Runs `use` with servers that are stopped afterwards. If it fails, the error contains the end of each server's log.
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

/** Removes the lines of the polls that check if the server serves. */
function interesting(log: string): string {
  return log.replaceAll(/^.*Processing srvr command.*\n/gm, '');
}

export function makeWorkDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `nodekeeper-interop-${name}-`));
}

export function removeWorkDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
