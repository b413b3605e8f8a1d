// `npm run release`: sets the version of all packages and the date in the changelog, commits and tags. With --publish
// it publishes the packages.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensure, projects, root, run } from './ensure.mjs';
import {
  currentVersion,
  manifestText,
  newestSection,
  packageFaults,
  publishedFolders,
  readManifest,
  stagePackage,
  withVersion,
} from './packages.mjs';

const help = `npm run release -- <version> [--dry-run]   sets the version of all packages, dates the changelog, commits and tags;
                                           tries to publish with npm publish --dry-run. Pushes and publishes nothing.
npm run release -- --publish               publishes the packages of the checked-out tagged commit
npm run release -- --check                 runs only the checks that are also part of npm run check

  --dry-run   changes no file, no commit and no tag; prints what it would do`;

const options = {
  'dry-run': { type: 'boolean' },
  publish: { type: 'boolean' },
  check: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};
const { values, positionals } = parsed();
if (values.help) console.log(help);
else if (values.check) check();
else if (values.publish) publish();
else release(positionals[0], values['dry-run'] === true);

function check() {
  const faults = packageFaults();
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
  console.log(`release: ${publishedFolders.length} packages could be published as ${currentVersion()}`);
}

function release(version, isDryRun) {
  if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) fail(`Give a version like ${currentVersion()}.\n\n${help}`);
  refuse(repositoryFaults(version, isDryRun));
  ensure();
  check();
  const changes = releaseChanges(version, new Date().toISOString());
  for (const { path, text } of changes) {
    console.log(`${isDryRun ? 'would change' : 'changes'} ${path}`);
    if (!isDryRun) writeFileSync(join(root, path), text);
  }
  if (!isDryRun) run(process.execPath, ['scripts/check.mjs']); // also builds with the new version
  for (const folder of publishedFolders) publishFolder(folder, version, ['--dry-run']);
  if (isDryRun) {
    console.log(`would commit "Release ${version}" and tag v${version}`);
    return;
  }
  git('add', ...changes.map(({ path }) => path));
  git('commit', '--quiet', '--message', `Release ${version}`);
  git('tag', '--annotate', `v${version}`, '--message', `Release ${version}`);
  console.log(`Committed and tagged. Next:\n  git push --follow-tags\n  npm run release -- --publish`);
}

/** Publishes the packages. Requires a tagged commit and no uncommitted changes. */
function publish() {
  const version = currentVersion();
  const faults = [];
  if (git('status', '--porcelain') !== '') faults.push('there are uncommitted changes; commit or stash them');
  if (!git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`)) {
    faults.push(`the checked-out commit does not have the tag v${version}; run npm run release -- ${version}`);
  }
  refuse(faults);
  ensure();
  check();
  for (const folder of publishedFolders) {
    const { name } = readManifest(folder);
    if (isPublished(name, version)) console.log(`${name}@${version} is published already`);
    else publishFolder(folder, version, []);
  }
}

/** True if the registry has this version of the package. An interrupted `--publish` can therefore be repeated. */
function isPublished(name, version) {
  const { stdout } = spawnSync('npm', ['view', `${name}@${version}`, 'version', '--silent'], { encoding: 'utf8' });
  return stdout.trim() === version;
}

function publishFolder(folder, version, arguments_) {
  const target = join(root, '.cache', 'release', folder);
  stagePackage(folder, target, version);
  run('npm', ['publish', ...arguments_], { cwd: target });
}

function repositoryFaults(version, isDryRun) {
  const faults = [];
  const section = newestSection();
  if (version.localeCompare(currentVersion(), 'en', { numeric: true }) < 0) {
    faults.push(`${version} is lower than the current version, ${currentVersion()}`);
  }
  if (section.version !== version || section.date !== 'unreleased') {
    faults.push(`CHANGELOG.md: the first section is "${section.heading}"; it must be "${version} (unreleased)"`);
  }
  if (git('tag', '--list', `v${version}`) !== '') faults.push(`the tag v${version} already exists`);
  if (!isDryRun && git('status', '--porcelain') !== '')
    faults.push('there are uncommitted changes; commit or stash them');
  return faults;
}

/** Returns every file that a release changes, with its new text. */
function releaseChanges(version, now) {
  const day = now.slice(0, 10);
  const builtOn = [/built on .* UTC/, `built on ${day} ${now.slice(11, 16)} UTC`];
  const manifests = projects.map((folder) => ({
    path: `${folder}/package.json`,
    text: manifestText(withVersion(readManifest(folder), version)),
  }));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  for (const folder of projects) lock.packages[folder] = withVersion(lock.packages[folder], version);
  return [
    ...manifests,
    { path: 'package-lock.json', text: manifestText(lock) },
    edited('CHANGELOG.md', [[`## ${version} (unreleased)`, `## ${version} (${day})`]]),
    edited('packages/server/src/admin/version.ts', [
      [/packageVersion = '.*'/, `packageVersion = '${version}'`],
      builtOn,
    ]),
    edited('packages/cli/src/version.ts', [builtOn]),
  ].filter(({ path, text }) => text !== readFileSync(join(root, path), 'utf8'));
}

function edited(path, replacements) {
  const before = readFileSync(join(root, path), 'utf8');
  let text = before;
  for (const [from, to] of replacements) {
    if (typeof from === 'string' ? !text.includes(from) : !from.test(text)) fail(`${path} does not contain ${from}`);
    text = text.replace(from, to);
  }
  return { path, text };
}

function git(...args) {
  return execFileSync('git', args, { cwd: root }).toString().trim();
}

function refuse(faults) {
  if (faults.length > 0) fail(`No release:\n${faults.map((fault) => `- ${fault}`).join('\n')}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function parsed() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    fail(`${error.message}\n\n${help}`);
  }
}
