import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The root folder of the repository: the nearest folder above this file that contains LICENSE and packages/. Compiled
 * files can therefore be at any depth below the root.
 */
export const repositoryRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The folder for everything that the interop tests download or build. Git ignores this folder. */
export const peersCache: string = join(repositoryRoot, '.cache', 'peers');

export const interopRoot: string = join(repositoryRoot, 'interop');

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'packages')) && existsSync(join(folder, 'LICENSE'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no folder above ${start} contains packages/ and LICENSE`);
  }
}
