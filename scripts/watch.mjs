// Tells when source files change, for `npm run dev` and `npm test -- --watch`.
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { root } from './ensure.mjs';

const sourceFolders = ['src', 'test', 'testdata', 'scripts'];
/** An editor writes in several steps, and a checkout changes many files. */
const settleMs = 100;

/**
 * Calls `onChange` with the set of changed paths once no file has changed for a moment.
 * @param {string[]} folders projects, as in ensure.mjs.
 * @param {(paths: Set<string>) => void} onChange
 */
export function watchSources(folders, onChange) {
  let changed = new Set();
  let timer;
  for (const folder of folders) {
    watchFolder(join(root, folder), false);
    for (const name of sourceFolders) watchFolder(join(root, folder, name), true);
  }

  function watchFolder(folder, recursive) {
    if (!existsSync(folder)) return;
    watch(folder, { recursive }, (_, name) => {
      if (name === null || !/\.(ts|txt|json|js|mjs)$/.test(name)) return;
      changed.add(join(folder, name));
      clearTimeout(timer);
      timer = setTimeout(settled, settleMs);
    });
  }

  function settled() {
    const paths = changed;
    changed = new Set();
    onChange(paths);
  }
}
