import type { Caller } from './call.js';
import { type Checks, isPath } from './checks.js';
import type { RecipeOptions } from './recipe-options.js';

/** Options of recipes whose own directory must not contain other nodes. */
export interface ClientsPathOptions extends RecipeOptions {
  /**
   * The directory of the short-lived nodes of this library's clients. It must be the same for all clients of a path. The
   * server deletes it when it is empty. Default: the path with `-clients` at its end.
   */
  readonly clientsPath?: string;
}

export const clientsPathChecks: Checks = { clientsPath: isPath };

export function clientsPathOf({ path }: Caller, { clientsPath }: ClientsPathOptions): string {
  return clientsPath ?? `${path}-clients`;
}
