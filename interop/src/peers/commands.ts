import { apacheCommand } from './apache.js';
import { nodekeeperCommand } from './nodekeeper.js';

export type ServerKind = 'nodekeeper' | 'apache';

/**
 * The command that starts a server of this kind, for a harness that starts the process itself. The caller appends the
 * path of zoo.cfg.
 */
export async function serverCommand(kind: ServerKind): Promise<string[]> {
  return kind === 'apache' ? await apacheCommand() : nodekeeperCommand();
}
