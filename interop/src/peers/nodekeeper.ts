import { join } from 'node:path';
import { repositoryRoot } from './locations.js';
import { launchServer, type RunningServer, type StartOptions } from './running-server.js';

/** The command line of this repository's own server. */
export const nodekeeperBin: string = join(repositoryRoot, 'packages', 'server', 'bin', 'nodekeeper.js');

/** Starts `nodekeeper server` standalone; javaOptions, when given, are flags for node. */
export function startNodekeeper(options: StartOptions): Promise<RunningServer> {
  return launchServer(
    {
      name: 'nodekeeper',
      command: process.execPath,
      args: (configPath) => [...(options.javaOptions ?? []), nodekeeperBin, 'server', configPath],
    },
    options,
  );
}
