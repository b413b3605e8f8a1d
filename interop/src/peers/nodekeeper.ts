import { join } from 'node:path';
import { repositoryRoot } from './locations.js';
import { launchServer, type RunningServer, type StartOptions } from './running-server.js';

/** The command line of this repository's own server. */
export const nodekeeperBin: string = join(repositoryRoot, 'packages', 'server', 'bin', 'nodekeeper.js');

/** The words of its command line; the path of zoo.cfg goes after them. */
export function nodekeeperCommand(nodeOptions: string[] = []): string[] {
  return [process.execPath, ...nodeOptions, nodekeeperBin, 'server'];
}

/** Starts `nodekeeper server` standalone; javaOptions, when given, are flags for node. */
export function startNodekeeper(options: StartOptions): Promise<RunningServer> {
  const config = { ...options.config, ...options.systemProperties };
  return launchServer('nodekeeper', nodekeeperCommand(options.javaOptions), { ...options, config });
}
