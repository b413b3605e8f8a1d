// Finds the test files of all packages, and the test files that a change of a source affects.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projects, root } from './ensure.mjs';
import { readModules, shortPath } from './modules.mjs';

/** The arguments that make `node` run these test files. */
export function testArguments(files) {
  return ['--enable-source-maps', '--test', '--test-concurrency=2', ...files];
}

/**
 * The paths of the built test files, relative to the root. With names, only the paths that contain one of the names.
 */
export function findTestFiles(names) {
  const files = [];
  for (const project of projects) {
    const folder = join(project, 'dist', 'test');
    if (!existsSync(join(root, folder))) continue;
    for (const entry of readdirSync(join(root, folder), { recursive: true })) {
      if (entry.endsWith('.test.js')) files.push(join(folder, entry));
    }
  }
  return files.filter((file) => names.length === 0 || names.some((name) => file.includes(name))).sort();
}

/**
 * The built test files that a change affects: those that import a changed source, or that use changed data in
 * `testdata`. `near` are the tests that import a changed source themselves. `far` are the tests that import it through
 * other sources.
 */
export function affectedTestFiles(changedPaths) {
  const modules = readModules();
  const importers = new Map();
  for (const { path, imports } of modules.values()) {
    for (const { target } of imports)
      if (target !== undefined) importers.set(target, [...(importers.get(target) ?? []), path]);
  }
  const distances = new Map(
    [...changedPaths].flatMap((path) => startingPoints(path, modules)).map((path) => [path, 0]),
  );
  for (const [path, distance] of distances) {
    for (const importer of importers.get(path) ?? []) {
      if (!distances.has(importer)) distances.set(importer, distance + 1);
    }
  }
  const tests = [...distances].filter(([path]) => path.endsWith('.test.ts'));
  const builtFiles = (some) => some.map(([path]) => builtFile(path));
  return {
    near: builtFiles(tests.filter(([, distance]) => distance <= 1)),
    far: builtFiles(tests.filter(([, distance]) => distance > 1)),
  };
}

/**
 * The source files that count as changed when the file at `path` changes. For a file in a folder `testdata`, these are
 * all source files below the parent of that folder.
 */
function startingPoints(path, modules) {
  if (modules.has(path)) return [path];
  const [folder, inTestdata] = path.split('/testdata/');
  return inTestdata === undefined ? [] : [...modules.keys()].filter((each) => each.startsWith(`${folder}/`));
}

function builtFile(source) {
  const project = projects.find((folder) => source.startsWith(join(root, folder, '/')));
  return join(project, 'dist', shortPath(source).slice(project.length).replace(/\.ts$/, '.js'));
}
