// Lists what each source file of the repository imports and exports. It reads the text: the formatter puts every import
// and export statement at the start of a line, so no parser is needed (docs/decisions/0008-api-reference.md has the
// same reason).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { projects, root } from './ensure.mjs';

/**
 * A source file. `target` is the imported file, undefined for one outside the repository. `names` are the imported names,
 * or '*' for all. An export with `source` is re-exported from there, where its name is `local`. All exports of the files in
 * `stars` are re-exported too. A re-export also counts as an import without names.
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

/** The absolute paths of all sources below a folder. */
export function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'testdata'].includes(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(ts|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) yield path;
  }
}

/** All modules of the packages and of scripts/, by path. */
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

/** `a, type B as C` as names and local names. */
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

/** The members of an imported namespace that the code names, or all if it uses the namespace itself. */
function membersOf(space, code) {
  const uses = [...code.matchAll(new RegExp(`(?<![\\w.])${space}\\b(?:\\.(\\w+))?`, 'g'))].slice(1);
  return uses.every(([, member]) => member !== undefined) ? uses.map(([, member]) => member) : '*';
}

/** The source file of an import. Undefined for a module outside this repository. */
function targetOf(importer, from) {
  if (from.startsWith('.')) {
    const path = resolve(dirname(importer), from);
    return [path.replace(/\.js$/, '.ts'), path].find(existsSync);
  }
  return packageEntries().get(from);
}

let entries;

/** The entries of the packages, by the text that imports them: `@nodekeeper/server/testing` is a file of the server. */
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

/** The path as tables and messages show it. */
export function shortPath(path) {
  return relative(root, path);
}
