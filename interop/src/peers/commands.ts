import { apacheCommand } from './apache.js';
import { nodekeeperCommand } from './nodekeeper.js';

export type ServerKind = 'nodekeeper' | 'apache';

/** The words that start a server of that kind, for a harness that starts it by itself; the path of zoo.cfg goes after them. */
export async function serverCommand(kind: ServerKind): Promise<string[]> {
  return kind === 'apache' ? await apacheCommand() : nodekeeperCommand();
}
