// Prepares a clone for use: installs the packages that the lock file names, and builds the outputs that are stale. It
// takes little time if there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** All projects that are built and tested, in the order of tsconfig.json. */
export const projects = [
  'packages/protocol',
  'packages/server',
  'packages/client',
  'packages/testing',
  'packages/recipes',
  'packages/cli',
  'packages/simulator',
  'examples',
  'bench',
  'interop',
  'chaos',
];
/** The list of installed packages, which npm writes when an installation is complete. */
const installStamp = join(root, 'node_modules', '.package-lock.json');
const buildStamp = join(root, 'node_modules', '.nodekeeper-built');
/**
 * A file that exists during a build and contains the id of the process that builds. If that process is killed, the file
 * remains, and the next build compiles everything again.
 */
const buildMark = join(root, 'node_modules', '.nodekeeper-building');

export function ensure() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`nodekeeper needs Node.js 20.19 or newer; this is ${process.versions.node} (${process.execPath}).`);
  }
  if (!isInstalled()) {
    console.error('Installing dependencies (npm ci) ...');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  if (!rebuild()) process.exit(1);
}

/** Builds the outputs that are stale. Returns false if the compiler found (and printed) errors. */
export function rebuild() {
  const wasInterrupted = claimBuild();
  if (wasInterrupted || isStale()) return build(wasInterrupted ? ['--force'] : []);
  rmSync(buildMark);
  return true;
}

/**
 * Reserves the build for this process, and waits while another process builds. Two processes often start together: `npm
 * run dev` and `npm test -- --watch` see a change at the same time. Returns true if an earlier build was interrupted.
 */
function claimBuild() {
  let wasInterrupted = false;
  for (let waits = 0; ; waits++) {
    if (waits === 50) console.error(`Waiting for another build to end. If no other build runs, delete ${buildMark}`);
    try {
      writeFileSync(buildMark, String(process.pid), { flag: 'wx' });
      return wasInterrupted;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isBuilderAlive()) sleep(100);
    else {
      wasInterrupted = true;
      rmSync(buildMark, { force: true });
    }
  }
}

function isBuilderAlive() {
  try {
    const builder = Number(readFileSync(buildMark, 'utf8'));
    return builder > 0 && process.kill(builder, 0);
  } catch (error) {
    return error.code === 'ENOENT'; // the other build has just ended: reserve again
  }
}

function sleep(timeMs) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeMs);
}

/** True if the installation is complete and no older than the lock file, and if all installed packages still exist. */
function isInstalled() {
  if (mtime(installStamp) < mtime(join(root, 'package-lock.json'))) return false;
  try {
    const { packages } = JSON.parse(readFileSync(installStamp, 'utf8'));
    return Object.keys(packages).every((path) => existsSync(join(root, path, 'package.json')));
  } catch {
    return false;
  }
}

function build(options) {
  console.error('Building (tsc -b) ...');
  const tsc = [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', ...options];
  const { status } = spawnSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' });
  if (status === 0)
    renameSync(buildMark, buildStamp); // the time of the file is the start of the build; a source saved later is stale
  else if (status === null) writeFileSync(buildMark, 'interrupted');
  else rmSync(buildMark);
  return status === 0;
}

/** True if a source is newer than the last build. Also removes outputs whose source was deleted. */
function isStale() {
  const built = mtime(buildStamp);
  if (built === 0) return true;
  let stale = newest(join(root, 'tsconfig.base.json')) > built || mtime(installStamp) > built;
  for (const project of projects) {
    const dist = join(root, project, 'dist');
    if (!existsSync(dist)) return true;
    const sources = readdirSync(join(root, project)).filter((name) => name.endsWith('.ts'));
    // each example has its own folder
    const folders = project === 'examples' ? foldersOf(project) : ['src', 'test', 'scripts'];
    for (const part of [...folders, 'tsconfig.json', ...sources]) {
      stale ||= newest(join(root, project, part)) > built;
    }
    removeOrphans(dist, join(root, project));
  }
  return stale;
}

function foldersOf(project) {
  const entries = readdirSync(join(root, project), { withFileTypes: true });
  const isSource = (entry) => entry.isDirectory() && !['dist', 'node_modules'].includes(entry.name);
  return entries.filter(isSource).map(({ name }) => name);
}

/**
 * Removes outputs whose source was deleted. Otherwise deleted tests would still run, and deleted files would be
 * published.
 */
function removeOrphans(dist, project) {
  const output = /\.(js|d\.ts)(\.map)?$/;
  for (const entry of readdirSync(dist, { recursive: true })) {
    if (!output.test(entry)) continue;
    const source = join(project, entry.replace(output, '.ts'));
    if (!existsSync(source)) rmSync(join(dist, entry));
  }
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function mtime(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** Runs a command. If the command fails, this process exits with the same exit code. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) fail(`${command} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) ensure();
