/** The cost of a client before its first request: time to import, bytes, packages, memory. */
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { mustRun } from '@nodekeeper/interop/peers';
import { median } from '../compare.js';
import type { Options } from '../options.js';
import { runProgram } from '../run-job.js';
import type { RestResult } from './client-job.js';
import type { ContenderName, Installed } from './contenders.js';
import { type Clients, nativeProgram } from './install.js';
import { loadProgram, withServer } from './throughput.js';

const imports = 21;
const importProgram = fileURLToPath(new URL('./import-time.js', import.meta.url));

export interface Footprint {
  client: ContenderName;
  version: string;
  importMs: number;
  /** The size of the published JavaScript modules (not minified) that an import of the client loads. */
  loadedBytes: number;
  minifiedBytes: number;
  gzipBytes: number;
  nativeBytes: number;
  /** The number of packages that `npm install` of the client installs, including the client itself. */
  packages: number;
  installedBytes: number;
  residentBytes: number;
  /** The resident memory of the connected process, minus its resident memory before the import. */
  addedResidentBytes: number;
}

export async function measureFootprints(clients: Clients, options: Options): Promise<Footprint[]> {
  console.error('Import time, size and memory ...');
  const times = await importTimes(clients.installed);
  const memory = await restingMemory(clients.installed, options);
  const footprints: Footprint[] = [];
  for (const client of clients.installed) {
    const folders = packageFolders(client.folder);
    footprints.push({
      client: client.name,
      version: client.version,
      importMs: median(times.get(client)!),
      ...(await bundleSizes(client, clients.folder)),
      nativeBytes: client.name === 'zookeeper' ? statSync(nativeProgram(clients.folder)).size : 0,
      packages: folders.length,
      installedBytes: folders.reduce((sum, folder) => sum + installedBytes(folder), 0),
      residentBytes: median(memory.get(client)!.map((result) => result.residentBytes)),
      addedResidentBytes: median(memory.get(client)!.map((result) => result.residentBytes - result.bareResidentBytes)),
    });
  }
  return footprints;
}

async function importTimes(clients: readonly Installed[]): Promise<Map<Installed, number[]>> {
  const times = new Map<Installed, number[]>(clients.map((client) => [client, []]));
  for (let round = 0; round <= imports; round++) {
    for (const client of clients) {
      const { stdout } = await mustRun(process.execPath, [importProgram, client.entry]);
      // the first import is not counted, because it reads the files from disk
      if (round > 0) times.get(client)!.push(Number(stdout));
    }
  }
  return times;
}

function restingMemory(clients: readonly Installed[], options: Options): Promise<Map<Installed, RestResult[]>> {
  const results = new Map<Installed, RestResult[]>(clients.map((client) => [client, []]));
  return withServer(options, async ({ port, pid: serverPid }) => {
    for (let round = 0; round < options.rounds; round++) {
      for (const [{ name: contender, entry }, rounds] of results) {
        const job = { kind: 'rest', contender, entry, port, serverPid, payloadBytes: options.payloadBytes };
        rounds.push(await runProgram<RestResult>(loadProgram, job));
      }
    }
    return results;
  });
}

interface Bundler {
  build(options: object): Promise<{
    outputFiles: { contents: Uint8Array }[];
    metafile: { inputs: Record<string, { bytes: number }> };
  }>;
}

async function bundleSizes({ entry }: Installed, folder: string) {
  const path = createRequire(join(folder, 'package.json')).resolve('esbuild');
  const { default: bundler }: { default: Bundler } = await import(pathToFileURL(path).href);
  const { outputFiles, metafile } = await bundler.build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const { contents } = outputFiles[0]!;
  return {
    loadedBytes: Object.values(metafile.inputs).reduce((sum, { bytes }) => sum + bytes, 0),
    minifiedBytes: contents.length,
    gzipBytes: gzipSync(contents, { level: 9 }).length,
  };
}

/** The folders of a package and of all its direct and indirect dependencies. */
export function packageFolders(folder: string, found: string[] = []): string[] {
  if (found.includes(folder)) return found;
  found.push(folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) packageFolders(dependencyFolder(folder, name), found);
  return found;
}

function dependencyFolder(folder: string, name: string): string {
  const places = createRequire(join(folder, 'package.json')).resolve.paths(name) ?? [];
  for (const place of places) {
    const path = join(place, name);
    if (statSync(join(path, 'package.json'), { throwIfNoEntry: false })) return realpathSync(path);
  }
  throw new Error(`${folder}/package.json names ${name}, which is not installed.`);
}

/** The size of an installed (and built) package. For packages of this repository, only the published files count. */
function installedBytes(folder: string): number {
  if (folder.includes('node_modules')) return bytesBelow(folder);
  const { files } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { files: string[] };
  return files
    .map((name) => join(folder, name))
    .filter(existsSync)
    .reduce((sum, path) => sum + bytesBelow(path), 0);
}

function bytesBelow(path: string): number {
  const found = lstatSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}
