import { join } from 'node:path';
import { repositoryRoot } from './locations.js';
import { launchServer, type RunningServer, type StartOptions } from './running-server.js';

/** The command line of this repository's own server. */
export const nodekeeperBin: string = nodekeeperBinOf(repositoryRoot);

/** The same for another checkout, which must be built. */
export function nodekeeperBinOf(checkout: string): string {
  return join(checkout, 'packages', 'server', 'bin', 'nodekeeper.js');
}

/** The start of its command line. The path of zoo.cfg follows. */
export function nodekeeperCommand(nodeOptions: string[] = [], bin: string = nodekeeperBin): string[] {
  return [process.execPath, ...nodeOptions, bin, 'server'];
}

/** Starts `nodekeeper server` standalone. `javaOptions` are flags for node. */
export function startNodekeeper(options: StartOptions, bin: string = nodekeeperBin): Promise<RunningServer> {
  const config = { ...options.config, ...options.systemProperties };
  return launchServer('nodekeeper', nodekeeperCommand(options.javaOptions, bin), { ...options, config });
}
