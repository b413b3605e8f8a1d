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

/** What the command line says, and what every suite needs. */
export interface Context {
  /** The server under test; `apache` shows whether a failing test fails there too. */
  subject: ServerKind;
  /** Values of `--name value` options that a suite reads by itself. */
  options: Map<string, string>;
  say(line: string): void;
  /** A fresh directory that is removed when the suite passes and kept, with its path printed, when it fails. */
  workDirectory: string;
}

/** One row of the table in main.ts. `run` gives a line for the summary, throws MissingTool to be skipped, anything else to fail. */
export interface Suite {
  name: string;
  shows: string;
  run(context: Context): Promise<string>;
}

export function startServer(kind: ServerKind, options: StartOptions): Promise<RunningServer> {
  return kind === 'apache' ? startApache(options) : startNodekeeper(options);
}

/** Runs `use` with servers that are stopped afterwards; when it fails the error says how each server's log ends. */
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

/** Without the lines about our own asking whether the server is up. */
function interesting(log: string): string {
  return log.replaceAll(/^.*Processing srvr command.*\n/gm, '');
}

export function makeWorkDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `nodekeeper-interop-${name}-`));
}

export function removeWorkDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
