// `npm run pack-check`: packs the published packages, installs them into an empty project, and uses them in each way that
// programs use packages. Also runs publint and arethetypeswrong on them. It needs the registry of the lock files.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensure, root } from './ensure.mjs';
import { publishedFolders, readManifest, stagePackage } from './packages.mjs';

/** The finding of arethetypeswrong that is no fault of a package with only ESM: Node.js 20.19 can `require` ESM. */
const accepted = [{ kind: 'CJSResolvesToESM' }];

/** The ways to compile program.ts. The ending of the file decides whether it is ESM or CommonJS. */
const compilations = [
  { name: 'TypeScript node16, ESM', ending: 'mts', module: 'node16', resolution: 'node16' },
  { name: 'TypeScript nodenext, CommonJS', ending: 'cts', module: 'nodenext', resolution: 'nodenext' },
  { name: 'TypeScript bundler', ending: 'ts', module: 'esnext', resolution: 'bundler' },
];
const expected = 'true 1 function 4 3000\n';

ensure();
const source = join(root, 'scripts', 'pack-check');
const tools = installTools();
const work = mkdtempSync(join(tmpdir(), 'nodekeeper-pack-check-'));
const project = join(work, 'project');
const faults = [];
try {
  const archives = publishedFolders.map(pack);
  for (const archive of archives) {
    await runPublint(archive);
    await runAreTheTypesWrong(archive);
  }
  installPackages(archives);
  compileAndRun();
  await bundleAndRun('esm', 'mjs');
  await bundleAndRun('cjs', 'cjs');
  runCommands();
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`pack-check: ${publishedFolders.length} packages work as published`);

// ---- the tools and the packages

/** Installs the tools in scripts/pack-check/package.json. Returns the `require` of the folder that contains them. */
function installTools() {
  const folder = join(root, '.cache', 'pack-check');
  const lock = readFileSync(join(source, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'installed-lock.json');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    mkdirSync(folder, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(source, file), join(folder, file));
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], folder);
    writeFileSync(stamp, lock);
  }
  return createRequire(join(folder, 'package.json'));
}

function tool(name) {
  return import(pathToFileURL(tools.resolve(name)).href);
}

/** Packs what `npm run release` publishes. */
function pack(folder) {
  const staged = join(work, 'staged', folder);
  stagePackage(folder, staged);
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', work], staged));
  return { name: readManifest(folder).name, path: join(work, filename) };
}

async function runPublint({ name, path }) {
  const { publint } = await tool('publint');
  const { formatMessage } = await tool('publint/utils');
  const { messages, pkg } = await publint({
    pack: { tarball: new Uint8Array(readFileSync(path)).buffer },
    strict: true,
  });
  for (const message of messages) faults.push(`${name}: publint: ${formatMessage(message, pkg)}`);
}

async function runAreTheTypesWrong({ name, path }) {
  const { checkPackage, createPackageFromTarballData } = await tool('@arethetypeswrong/core');
  const { problems = [] } = await checkPackage(createPackageFromTarballData(readFileSync(path)));
  const isAccepted = (problem) =>
    accepted.some((each) => Object.entries(each).every(([field, value]) => problem[field] === value));
  for (const problem of problems.filter((each) => !isAccepted(each))) {
    faults.push(`${name}: arethetypeswrong: ${JSON.stringify(problem)}`);
  }
}

function installPackages(archives) {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  run('npm', ['install', ...options, ...archives.map(({ path }) => path)], project);
}

// ---- the uses

function compileAndRun() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')];
  const options = ['--strict', '--target', 'es2022', '--lib', 'es2023,esnext.disposable', ...types];
  for (const { name, ending, module, resolution } of compilations) {
    const file = `program.${ending}`;
    cpSync(join(source, 'program.ts'), join(project, file));
    attempt(name, () => {
      const target = [...options, '--module', module, '--moduleResolution', resolution];
      run(process.execPath, [tsc, ...target, ...(ending === 'ts' ? ['--noEmit'] : []), file], project);
      if (ending !== 'ts') runProgram(file.replace('ts', 'js'));
    });
  }
}

async function bundleAndRun(format, ending) {
  const { build } = await tool('esbuild');
  const outfile = join(project, `bundle-${format}.${ending}`);
  await build({ entryPoints: [join(project, 'program.ts')], bundle: true, platform: 'node', format, outfile });
  attempt(`esbuild, ${format}`, () => runProgram(outfile));
}

function runProgram(file) {
  const printed = run(process.execPath, [file], project);
  if (printed !== expected) throw new Error(`it printed ${printed}`);
}

function runCommands() {
  const commands = [
    ['nodekeeper', '--version'],
    ['zkcli', '--help'],
  ];
  for (const [command, option] of commands) {
    attempt(command, () => {
      if (run(join(project, 'node_modules', '.bin', command), [option], project) === '') throw new Error('no output');
    });
  }
}

function attempt(name, work) {
  try {
    work();
  } catch (error) {
    faults.push(`${name}: ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  }
}

/** Runs a command and returns what it prints to stdout. */
function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
