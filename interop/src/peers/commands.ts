import { apacheCommand } from './apache.js';
import { nodekeeperCommand } from './nodekeeper.js';

export type ServerKind = 'nodekeeper' | 'apache';

/**
 * The start of the command line of a server of that kind, for a harness that starts it itself. The path of zoo.cfg
 * follows.
 */
export async function serverCommand(kind: ServerKind): Promise<string[]> {
  return kind === 'apache' ? await apacheCommand() : nodekeeperCommand();
}
