// Makes a checkout runnable: installs what the lock file names, and builds what is stale. It is quick if there is
// nothing to do.
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
  'packages/cli',
  'packages/simulator',
  'examples',
  'bench',
  'interop',
  'chaos',
];
/** npm writes this list of installed packages when the installation is complete. */
const installStamp = join(root, 'node_modules', '.package-lock.json');
const buildStamp = join(root, 'node_modules', '.nodekeeper-built');
/** Holds the id of the process that builds. If it was killed, the mark stays and the next build starts from nothing. */
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

/** Builds what is stale. Returns false if the compiler found errors, which it has printed. */
export function rebuild() {
  const wasInterrupted = claimBuild();
  if (wasInterrupted || isStale()) return build(wasInterrupted ? ['--force'] : []);
  rmSync(buildMark);
  return true;
}

/**
 * Claims the build for this process, and waits while another process builds: `npm run dev` and `npm test -- --watch`
 * see a change at the same time. Returns true if a build was interrupted.
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
    return error.code === 'ENOENT'; // the build has just finished: claim it again
  }
}

function sleep(timeMs) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeMs);
}

/** False if the lock file is newer, if an installation was interrupted, or if a file is missing since then. */
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
    renameSync(buildMark, buildStamp); // uses the start time, because a file saved after the start is stale
  else if (status === null) writeFileSync(buildMark, 'interrupted');
  else rmSync(buildMark);
  return status === 0;
}

/** True for sources newer than the last build, and for an output whose source was deleted. */
function isStale() {
  const built = mtime(buildStamp);
  if (built === 0) return true;
  let stale = newest(join(root, 'tsconfig.base.json')) > built || mtime(installStamp) > built;
  for (const project of projects) {
    const dist = join(root, project, 'dist');
    if (!existsSync(dist)) return true;
    const sources = readdirSync(join(root, project)).filter((name) => name.endsWith('.ts'));
    for (const part of ['src', 'test', 'scripts', 'tsconfig.json', ...sources]) {
      stale ||= newest(join(root, project, part)) > built;
    }
    removeOrphans(dist, join(root, project));
  }
  return stale;
}

/** Removes the output of deleted sources: such a test must not run, and such a file must not be published. */
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

/** Runs a command, and ends this process with its exit code unless that is 0. */
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
