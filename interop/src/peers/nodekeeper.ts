import { join } from 'node:path';
import { repositoryRoot } from './locations.js';
import { launchServer, type RunningServer, type StartOptions } from './running-server.js';

/** The path of nodekeeper's command-line program in this repository. */
export const nodekeeperBin: string = nodekeeperBinOf(repositoryRoot);

/** The path of nodekeeper's command-line program in the given checkout, which must be built. */
export function nodekeeperBinOf(checkout: string): string {
  return join(checkout, 'packages', 'server', 'bin', 'nodekeeper.js');
}

/** The command that starts a nodekeeper server. The caller appends the path of zoo.cfg. */
export function nodekeeperCommand(nodeOptions: string[] = [], bin: string = nodekeeperBin): string[] {
  return [process.execPath, ...nodeOptions, bin, 'server'];
}

/** Starts a standalone nodekeeper server. `options.javaOptions` are flags for node. */
export function startNodekeeper(options: StartOptions, bin: string = nodekeeperBin): Promise<RunningServer> {
  const config = { ...options.config, ...options.systemProperties };
  return launchServer('nodekeeper', nodekeeperCommand(options.javaOptions, bin), { ...options, config });
}
