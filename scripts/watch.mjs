// Reports changes of source files to `npm run dev` and `npm test -- --watch`.
import { readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { root } from './ensure.mjs';

/** Time to wait for further changes: an editor writes in several steps, and a checkout changes many files. */
const settleMs = 100;
const ignored = /^(\.|node_modules$|dist$|results$)/;
const sourceFile = /\.(ts|mjs|js|json|txt)$/;

/**
 * Calls `onChange` with the paths of all changed files, once no file has changed for `settleMs`.
 * @param {string[]} folders projects, as in ensure.mjs
 * @param {(paths: Set<string>) => void} onChange
 */
export function watchSources(folders, onChange) {
  /**
   * Maps the path of each folder to its watcher. One watcher with the option `recursive` is not enough: on Linux,
   * Node.js 20 then misses each file that an editor replaces.
   */
  const watchers = new Map();
  let changed = new Set();
  let timer;
  for (const folder of folders) watchFolder(join(root, folder));

  function watchFolder(folder) {
    watchers.set(
      folder,
      watch(folder, (_, name) => report(folder, name)),
    );
    for (const { name } of readdirSync(folder, { withFileTypes: true }).filter(isWatchedFolder)) {
      watchFolder(join(folder, name));
    }
  }

  function report(folder, name) {
    const path = join(folder, name);
    if (isFolder(path)) addFolder(path, name);
    else if (sourceFile.test(name)) {
      changed.add(path);
      clearTimeout(timer);
      timer = setTimeout(settled, settleMs);
    } else {
      watchers.get(path)?.close();
      watchers.delete(path);
    }
  }

  /** Watches a new folder. The files in it count as changed. */
  function addFolder(path, name) {
    if (ignored.test(name) || watchers.has(path)) return;
    watchFolder(path);
    for (const entry of readdirSync(path)) report(path, entry);
  }

  function settled() {
    const paths = changed;
    changed = new Set();
    onChange(paths);
  }
}

function isWatchedFolder(entry) {
  return entry.isDirectory() && !ignored.test(entry.name);
}

function isFolder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
