// The published packages: checks the rules that they must follow, and makes the copy of each package that the registry
// receives.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projects, root } from './ensure.mjs';

/** The published packages in the order of publication: each package after its dependencies. */
export const publishedFolders = projects.filter((folder) => readManifest(folder).private !== true);
const requiredFields = [
  'description',
  'keywords',
  'homepage',
  'bugs',
  'repository',
  'license',
  'engines',
  'files',
  'exports',
  'publishConfig',
];
/** The package entry that only tests of this repository import. The published packages lack it. */
const unpublishedExport = './testing';

/** The version that all packages share. */
export function currentVersion() {
  return readManifest(publishedFolders[0]).version;
}

export function readManifest(folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

/** The newest section of the changelog: its version and its date. Until the release, the date is 'unreleased'. */
export function newestSection() {
  const heading = /^## (.*)$/m.exec(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))?.[1] ?? '';
  const [, version, date] = /^(\d+\.\d+\.\d+) \((unreleased|\d{4}-\d\d-\d\d)\)$/.exec(heading) ?? [];
  return { heading, version, date };
}

/**
 * Returns all faults that would make a release fail and can be found without the network. Each fault is a line of text.
 */
export function packageFaults() {
  return [...versionFaults(), ...changelogFaults(), ...publishedFolders.flatMap(manifestFaults)];
}

function versionFaults() {
  const version = currentVersion();
  const faults = [];
  for (const folder of projects) {
    const manifest = readManifest(folder);
    if (manifest.version !== version)
      faults.push(`${folder}/package.json: version ${manifest.version}, not ${version}`);
    for (const [name, wanted] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      if (name.startsWith('@nodekeeper/') && wanted !== version) {
        faults.push(`${folder}/package.json: depends on ${name} ${wanted}, not ${version}`);
      }
    }
  }
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  for (const folder of projects) {
    if (lock[folder]?.version !== version)
      faults.push(`package-lock.json: ${folder} is not at ${version}; run npm install`);
  }
  return faults;
}

function changelogFaults() {
  const { heading, version } = newestSection();
  if (version === undefined) {
    return [
      `CHANGELOG.md: the first section is "${heading}"; write "## 1.2.3 (unreleased)", or a date like 2026-01-31`,
    ];
  }
  const isOld = version.localeCompare(currentVersion(), 'en', { numeric: true }) < 0;
  return isOld ? [`CHANGELOG.md: no section for ${currentVersion()}; the newest is ${version}`] : [];
}

function manifestFaults(folder) {
  const manifest = readManifest(folder);
  const at = (path) => join(root, folder, path);
  const faults = requiredFields.filter((field) => manifest[field] === undefined).map((field) => `has no ${field}`);
  for (const path of Object.values(manifest.bin ?? {})) {
    if (path.startsWith('./')) faults.push(`npm publish drops the bin ${path}: write it without ./`);
  }
  if (manifest.repository?.directory !== folder) faults.push(`repository.directory is not ${folder}`);
  const entries = Object.values(manifest.exports ?? {}).flatMap((entry) => Object.values(Object(entry)));
  const named = [manifest.main, manifest.types, ...Object.values(manifest.bin ?? {}), ...entries];
  const files = (manifest.files ?? []).filter((path) => !path.startsWith('!'));
  for (const path of [...named, ...files, 'README.md', 'LICENSE']) {
    if (typeof path === 'string' && path.length > 1 && !existsSync(at(path))) faults.push(`${path} does not exist`);
  }
  if (
    existsSync(at('LICENSE')) &&
    readFileSync(at('LICENSE'), 'utf8') !== readFileSync(join(root, 'LICENSE'), 'utf8')
  ) {
    faults.push('LICENSE differs from the one at the root');
  }
  return [...faults, ...sourceMapFaults(folder)].map((fault) => `${folder}/package.json: ${fault}`);
}

/** Reports source maps that name a source outside the package, because such a source map is useless. */
function sourceMapFaults(folder) {
  const built = join(root, folder, 'dist', 'src');
  const faults = [];
  for (const entry of readdirSync(built, { recursive: true })) {
    if (!entry.endsWith('.map')) continue;
    for (const source of JSON.parse(readFileSync(join(built, entry), 'utf8')).sources) {
      const path = join(dirname(join(built, entry)), source);
      if (!path.startsWith(join(root, folder, 'src/')) || !existsSync(path)) {
        faults.push(`dist/src/${entry} names ${source}, which the package does not contain`);
      }
    }
  }
  return faults;
}

/**
 * Copies the files of a package to `target`. The manifest of the copy lacks scripts, development dependencies and the
 * entry for tests, because only this repository needs them.
 */
export function stagePackage(folder, target, version = currentVersion()) {
  const source = join(root, folder);
  const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--silent'], { cwd: source });
  const [{ files }] = JSON.parse(listing.toString());
  rmSync(target, { recursive: true, force: true });
  for (const { path } of files) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(source, path), join(target, path));
  }
  const { scripts, devDependencies, ...manifest } = withVersion(readManifest(folder), version);
  delete manifest.exports[unpublishedExport];
  writeFileSync(join(target, 'package.json'), manifestText(manifest));
}

/** Returns the manifest with another version. The dependencies on packages of this repository get the same version. */
export function withVersion(manifest, version) {
  const changed = { ...manifest, version };
  for (const field of ['dependencies', 'devDependencies']) {
    if (manifest[field] === undefined) continue;
    changed[field] = { ...manifest[field] };
    for (const name of Object.keys(manifest[field]))
      if (name.startsWith('@nodekeeper/')) changed[field][name] = version;
  }
  return changed;
}

export function manifestText(manifest) {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
