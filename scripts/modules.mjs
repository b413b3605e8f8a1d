// Lists the imports and exports of each source file of the repository. The script searches the text of the file. It
// needs no parser, because the formatter puts every import and export statement at the start of a line.
// docs/decisions/0008-api-reference.md gives the same reason for another script.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { projects, root } from './ensure.mjs';

/**
 * @typedef {object} Import
 * @property {string} from
 * @property {string | undefined} target the imported file, or undefined for a module outside the repository
 * @property {string[] | '*'} names the imported names, or '*' for all names. A re-export appears here without names
 */

/**
 * @typedef {object} Export
 * @property {string} name
 * @property {string} local the name in the file `source`, or in the exporting file if there is no `source`
 * @property {string | undefined} source the file from which the name is re-exported
 */

/**
 * A source file.
 * @typedef {object} Module
 * @property {string} path
 * @property {string} code
 * @property {Import[]} imports
 * @property {Export[]} exports
 * @property {string[]} stars files whose exports are all re-exported
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

/** Reads all source files of the projects and of scripts/. The result maps the path of each file to its `Module`. */
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
 * The members of a namespace import that the code uses. The result is '*' if the code uses the namespace as a value.
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

/** Maps the name of each package entry, such as `@nodekeeper/server/testing`, to the source file of the entry. */
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
