// Lists the imports and exports of each source file of the repository. The script searches the text of the file. It
// needs no parser, because the formatter puts every import and export statement at the start of a line.
// docs/decisions/0008-api-reference.md gives the same reason for another script.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { projects, root } from './ensure.mjs';

/**
 * `Module` is a source file. `Import.target` is the imported file, or undefined for a module outside the repository.
 * `Import.names` are the imported names, or '*' for all names. An export with a `source` is re-exported from that file,
 * in which its name is `local`. All exports of the files in `stars` are re-exported too. A re-export also appears in
 * `imports`, without names.
 * @typedef {{ from: string, target: string | undefined, names: string[] | '*' }} Import
 * @typedef {{ name: string, local: string, source: string | undefined }} Export
 * @typedef {{ path: string, code: string, imports: Import[], exports: Export[], stars: string[] }} Module
 */

const importStatement = /^import (?:type )?(?:\w+(?:, )?)?(?:\* as (\w+)|\{([^}]*)\})? ?from '([^']+)';/gm;
const plainImport = /^import '([^']+)';|\bimport\('([^']+)'\)/gm;
const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const|let|enum) (\w+)/gm;
const destructured = /^export const [[{]([^\]}]*)[\]}] =/gm;
const passedOn = /^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?;/gm;
const star = /^export (?:type )?\* from '([^']+)';/gm;

/** Yields the absolute paths of all source files below a folder. */
export function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'testdata'].includes(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(ts|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) yield path;
  }
}

/** Reads all modules of the projects and of scripts/. Keys of the result are their paths. */
export function readModules() {
  const modules = new Map();
  for (const folder of [...projects, 'scripts']) {
    for (const path of sources(join(root, folder))) modules.set(path, readModule(path));
  }
  return modules;
}

/** @returns {Module} */
function readModule(path) {
  const code = withoutComments(readFileSync(path, 'utf8'));
  const imports = [];
  const exports = [];
  const stars = [];
  function addImport(from, names) {
    const target = targetOf(path, from);
    imports.push({ from, target, names });
    return target;
  }
  for (const [, space, list, from] of code.matchAll(importStatement)) {
    addImport(from, space === undefined ? namesIn(list ?? '').map(({ name }) => name) : membersOf(space, code));
  }
  for (const [, statement, call] of code.matchAll(plainImport))
    addImport(statement ?? call, call === undefined ? [] : '*');
  for (const [, name] of code.matchAll(declaration)) exports.push({ name, local: name, source: undefined });
  for (const [, list] of code.matchAll(destructured)) {
    for (const { local } of namesIn(list)) exports.push({ name: local, local, source: undefined });
  }
  for (const [, list, from] of code.matchAll(passedOn)) {
    const source = from && addImport(from, []);
    for (const { name, local } of namesIn(list)) exports.push({ name: local, local: name, source });
  }
  for (const [, from] of code.matchAll(star)) stars.push(addImport(from, []));
  return { path, code, imports, exports, stars };
}

/** Splits a list such as `a, type B as C` into exported and local names. */
function namesIn(list) {
  return list
    .split(',')
    .map((each) => each.trim().replace(/^type /, ''))
    .filter((each) => each !== '')
    .map((each) => {
      const [name, local = name] = each.split(/ as |: /);
      return { name, local };
    });
}

/**
 * The members that the code uses of a namespace import. The result is '*' if the code uses the namespace as a value.
 */
function membersOf(space, code) {
  const uses = [...code.matchAll(new RegExp(`(?<![\\w.])${space}\\b(?:\\.(\\w+))?`, 'g'))].slice(1);
  return uses.every(([, member]) => member !== undefined) ? uses.map(([, member]) => member) : '*';
}

/** The source file that an import names. Undefined for a module outside this repository. */
function targetOf(importer, from) {
  if (from.startsWith('.')) {
    const path = resolve(dirname(importer), from);
    return [path.replace(/\.js$/, '.ts'), path].find(existsSync);
  }
  return packageEntries().get(from);
}

let entries;

/**
 * The source files of the package entries. Keys are the texts that import them, such as `@nodekeeper/server/testing`.
 */
export function packageEntries() {
  entries ??= new Map(
    projects.flatMap((project) => {
      const { name, exports = {} } = JSON.parse(readFileSync(join(root, project, 'package.json'), 'utf8'));
      return Object.entries(exports)
        .filter(([, where]) => where.default !== undefined)
        .map(([subpath, where]) => [join(name, subpath), sourceOf(join(root, project, where.default))]);
    }),
  );
  return entries;
}

function sourceOf(built) {
  return built.replace(`${sep}dist${sep}`, sep).replace(/\.js$/, '.ts');
}

function withoutComments(code) {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

export function isTest(path) {
  return path.includes('/test/') || path.includes('/consumers/');
}

/** The path of a file relative to the root of the repository, for tables and messages. */
export function shortPath(path) {
  return relative(root, path);
}
