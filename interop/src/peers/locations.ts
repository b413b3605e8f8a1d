import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder, found by its LICENSE next to packages/ so that it does not matter how deep dist/ is. */
export const repositoryRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Everything that the interop tests download or build; git-ignored. */
export const peersCache: string = join(repositoryRoot, '.cache', 'peers');

export const interopRoot: string = join(repositoryRoot, 'interop');

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'packages')) && existsSync(join(folder, 'LICENSE'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no folder above ${start} holds packages/ and LICENSE`);
  }
}
