/** Installs the clients of other projects in .cache/clients. They are not dependencies of this repository. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mustRun, repositoryRoot, runCommand, tail } from '@nodekeeper/interop/peers';
import { type ContenderName, contenderNames, type Installed, type Missing } from './contenders.js';

const source = join(repositoryRoot, 'bench', 'clients');
const cache = join(repositoryRoot, '.cache', 'clients');
const buildTimeoutMs = 600_000;
const reasonLines = 3;

export interface Clients {
  installed: Installed[];
  missing: Missing[];
  /** The folder whose node_modules contains esbuild and the clients of other projects. */
  folder: string;
}

/**
 * Installs the clients of bench/clients/package.json if they are not installed yet. Repeats the installation if the
 * lock file or the version of Node.js has changed.
 */
export async function installClients(): Promise<Clients> {
  const files = ['package.json', 'package-lock.json'];
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(readFileSync(join(source, file)));
  const folder = join(cache, hash.digest('hex').slice(0, 12));
  if (!existsSync(join(folder, 'node_modules'))) await install(folder, files);
  const installed: Installed[] = [];
  const missing: Missing[] = [];
  for (const name of contenderNames) {
    const reason = name === 'zookeeper' ? await buildNative(folder) : undefined;
    if (reason === undefined) installed.push(describe(name, entryOf(name, folder)));
    else missing.push({ name, reason });
  }
  return { installed, missing, folder };
}

async function install(folder: string, files: readonly string[]): Promise<void> {
  console.error('Installing the clients to compare with (npm ci) ...');
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(join(source, file), join(folder, file));
  // skips the install scripts, so that one client that fails to build does not prevent the installation of the others
  const args = ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    await mustRun('npm', args, { cwd: folder, timeoutMs: buildTimeoutMs });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Builds the native client, unless that is done already. Returns the reason if the build fails, otherwise undefined.
 */
async function buildNative(folder: string): Promise<string | undefined> {
  const program = nativeProgram(folder);
  if (existsSync(program)) return undefined;
  console.error('Building the native client (npm rebuild zookeeper) ...');
  const args = ['rebuild', 'zookeeper', '--prefix', folder, '--foreground-scripts', '--loglevel=error'];
  const { exitCode, stdout, stderr } = await runCommand('npm', args, {
    cwd: folder,
    env: { ...process.env, ...nodeHeaders() },
    timeoutMs: buildTimeoutMs,
  });
  if (exitCode === 0 && existsSync(program)) return undefined;
  return tail(stderr || stdout, reasonLines).replaceAll(/\s+/g, ' ') || `npm rebuild ended with ${exitCode}`;
}

/** The path of the native client's compiled code. */
export function nativeProgram(folder: string): string {
  return join(folder, 'node_modules', 'zookeeper', 'build', 'Release', 'zookeeper.node');
}

/**
 * Makes node-gyp use the headers that were installed with Node.js, if there are any. Then node-gyp need not download
 * them.
 */
function nodeHeaders(): NodeJS.ProcessEnv {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {};
}

function entryOf(name: ContenderName, folder: string): string {
  if (name === '@nodekeeper/client') return import.meta.resolve(name);
  return pathToFileURL(createRequire(join(folder, 'package.json')).resolve(name)).href;
}

function describe(name: ContenderName, entry: string): Installed {
  const folder = packageFolder(new URL(entry).pathname);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name, version, entry, folder: realpathSync(folder) };
}

/** The nearest folder above the file that contains a package.json. */
function packageFolder(file: string): string {
  let folder = dirname(file);
  while (!readdirSync(folder).includes('package.json')) folder = dirname(folder);
  return folder;
}
