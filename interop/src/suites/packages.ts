import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interopRoot, MissingTool, mustRun, needTool, peersCache, repositoryRoot, tail } from '../peers/index.js';
import type { Suite } from '../suite.js';

const packages = ['protocol', 'client', 'server', 'recipes', 'testing', 'cli'];

/** The oldest supported TypeScript version, a later one, and one that lets CommonJS `require` ESM. */
const compilers = ['5.0.4', '5.4.5', '5.9.3'];
const nodeTypes = '20.19.43';

interface Use {
  readonly name: string;
  /** The name of a file in consumers/ without its extension. The file is compiled with the extension `ending`. */
  readonly program: string;
  readonly ending: 'ts' | 'mts' | 'cts';
  readonly module: string;
  readonly resolution: string;
  /** The minimum TypeScript version. Undefined if all versions can compile this use. */
  readonly since?: string;
}

const uses: readonly Use[] = [
  { name: 'ESM', program: 'program', ending: 'mts', module: 'nodenext', resolution: 'nodenext' },
  { name: 'a bundler', program: 'program', ending: 'ts', module: 'esnext', resolution: 'bundler' },
  { name: 'node10', program: 'program', ending: 'ts', module: 'commonjs', resolution: 'node10' },
  { name: 'import() in CommonJS', program: 'dynamic-import', ending: 'cts', module: 'node16', resolution: 'node16' },
  { name: 'CommonJS', program: 'program', ending: 'cts', module: 'nodenext', resolution: 'nodenext', since: '5.8' },
];

const runs = {
  'program.mjs': "import { connect } from '@nodekeeper/client'; import { startServer } from '@nodekeeper/server';",
  'program.cjs':
    "const { connect } = require('@nodekeeper/client'); const { startServer } = require('@nodekeeper/server');",
};

export const packageSuite: Suite = {
  name: 'packages',
  shows: 'the packages as published: licence, types from TypeScript 5.0 on, import and require',
  async run({ workDirectory, say }) {
    await needTool('tar');
    for (const name of packages) await unpack(name, workDirectory);
    symlinkSync(join(repositoryRoot, 'node_modules', 'snappyjs'), join(workDirectory, 'node_modules', 'snappyjs'));
    for (const [file, text] of Object.entries(runs)) {
      writeFileSync(join(workDirectory, file), `${text} console.log(typeof connect, typeof startServer);`);
      const { stdout, stderr } = await mustRun(process.execPath, [file], { cwd: workDirectory });
      if (stdout !== 'function function\n' || stderr !== '') throw new Error(`${file} printed ${stdout}${stderr}`);
    }
    let compiled = 0;
    for (const version of compilers) {
      const folder = await installTypeScript(version);
      for (const use of uses.filter(({ since = '5.0' }) => version >= since)) {
        await compile(folder, use, workDirectory);
        say(`compiled with TypeScript ${version}: ${use.name}`);
        compiled++;
      }
    }
    return `${packages.length} packages, ${compiled} ways to compile`;
  },
};

/** Packs a package as `npm publish` would, and unpacks it into node_modules. */
async function unpack(name: string, workDirectory: string): Promise<void> {
  const options = ['--silent', '--pack-destination', workDirectory];
  const { stdout } = await mustRun('npm', ['pack', ...options, join(repositoryRoot, 'packages', name)]);
  const folder = join(workDirectory, 'node_modules', '@nodekeeper', name);
  mkdirSync(folder, { recursive: true });
  const archive = join(workDirectory, stdout.trim().split('\n').at(-1)!);
  await mustRun('tar', ['-xzf', archive, '--strip-components=1', '-C', folder]);
  for (const file of ['LICENSE', 'README.md', 'dist/src']) {
    if (!existsSync(join(folder, file))) throw new Error(`there is no ${file} in the package ${name}`);
  }
}

async function compile(typeScript: string, use: Use, workDirectory: string): Promise<void> {
  const file = `${use.program}.${use.ending}`;
  copyFileSync(join(interopRoot, 'consumers', `${use.program}.ts`), join(workDirectory, file));
  const types = join(typeScript, 'node_modules', '@types');
  const target = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--typeRoots', types];
  const tsc = join(typeScript, 'node_modules', 'typescript', 'bin', 'tsc');
  const module = ['--module', use.module, '--moduleResolution', use.resolution];
  await mustRun(process.execPath, [tsc, ...target, ...module, file], { cwd: workDirectory });
}

/** Installs a version of TypeScript and the types of Node.js. Returns the folder that contains both. */
async function installTypeScript(version: string): Promise<string> {
  const folder = join(peersCache, `typescript-${version}-${nodeTypes}`);
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const names = [`typescript@${version}`, `@types/node@${nodeTypes}`];
  try {
    await mustRun('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, ...names]);
  } catch (error) {
    throw new MissingTool(`TypeScript ${version} is not available from npm: ${tail(String(error), 3)}`, {
      cause: error,
    });
  }
  writeFileSync(complete, '');
  return folder;
}
