// Checks rules of this code base that the linter does not know: what the core may use, which folder may import which,
// and the maximum length of a file.
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { projects, root } from './ensure.mjs';
import { exportFaults } from './exports.mjs';
import { linkFaults, readDocuments } from './links.mjs';
import { isTest, readModules, sources } from './modules.mjs';
import { specFaults } from './spec.mjs';

const faults = [];
const modules = readModules();

// ---- the core uses clock, disk, network and randomness only through the interfaces in ports/
// (docs/decisions/0002-pure-core.md)
const server = join(root, 'packages/server/src');
const impure = ['ports/node/', 'cli/', 'in-memory/', 'local/', 'log/', 'testing/', 'main.ts', 'node.ts', 'index.ts'];
const pureModules = new Set(['node:zlib', 'node:crypto']);
const banned = [
  [/\bDate\.now\b|\bnew Date\(\)/, 'the clock'],
  [/\bperformance\.|\bprocess\./, 'the process'],
  [/\bMath\.random\b/, 'randomness'],
  [/\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/, 'timers'],
  [/\basync\b|\bawait\b|\bnew Promise\b|\bPromise\.|\.then\(/, 'promises'],
];
const clientCore = join(root, 'packages/client/src/core');
const isBelow = (path, folder) => path.startsWith(join(folder, '/'));
const isPure = (path) =>
  isBelow(path, clientCore) || (isBelow(path, server) && !impure.some((part) => path.startsWith(join(server, part))));
for (const { path, code, imports } of modules.values()) {
  if (!isPure(path)) continue;
  for (const { from } of imports) {
    if (from.startsWith('node:') && !pureModules.has(from)) {
      faults.push(`${path}: imports ${from}; the core must use a port for that`);
    }
  }
  for (const [pattern, what] of banned) {
    const found = pattern.exec(code);
    if (found !== null) faults.push(`${path}: uses ${what} (${found[0]}); the core must use a port for that`);
  }
}

// ---- the client's core imports only the protocol package and its own files
for (const { path, imports } of modules.values()) {
  if (!isBelow(path, clientCore)) continue;
  for (const { from } of imports) {
    if (from === '@nodekeeper/protocol' || from.startsWith('./')) continue;
    faults.push(`${path}: imports ${from}; the core of the client may import only the protocol`);
  }
}

// ---- which package may import which. A row may name only packages of earlier rows. The tests of a package may also
// import the packages in `tests`, and the packages of other projects in `libraries`
const packages = {
  'packages/protocol': { may: [] },
  'packages/server': { may: ['protocol', 'snappyjs'] },
  'packages/client': { may: ['protocol'], tests: ['server', 'server/testing'] },
  'packages/testing': { may: ['client', 'server', 'server/local'] },
  'packages/recipes': {
    may: ['client'],
    tests: ['testing'],
    libraries: ['@opentelemetry/api', '@opentelemetry/sdk-metrics', '@opentelemetry/sdk-trace-base', 'fastify'],
  },
  'packages/cli': { may: ['client', 'protocol'], tests: ['testing'] },
  'packages/simulator': { may: ['client', 'client/testing', 'protocol', 'recipes', 'server/testing'] },
  examples: { may: ['client', 'recipes'], tests: ['testing'] },
  interop: { may: ['client', 'recipes', 'server', 'server/testing'], tests: ['protocol', 'testing'] },
  bench: { may: ['client', 'interop/peers', 'interop/recipes', 'protocol', 'recipes'] },
  chaos: { may: ['client', 'interop/peers'] },
};
const testLibraries = ['fast-check'];

checkOrder(
  Object.entries(packages).map(([folder, { may, tests = [] }]) => [
    folder.replace('packages/', ''),
    [...may, ...tests].filter((name) => name !== 'snappyjs').map((name) => name.split('/')[0]),
  ]),
);
for (const project of projects) {
  if (packages[project] === undefined) faults.push(`${project} has no row in the table of packages (scripts/tidy.mjs)`);
}
for (const { path, imports } of modules.values()) {
  const folder = Object.keys(packages).find((each) => isBelow(path, join(root, each)));
  if (folder === undefined) continue;
  const { may, tests = [], libraries = [] } = packages[folder];
  const allowed = isTest(path) ? [...may, ...tests, ...libraries, ...testLibraries, basename(folder)] : may;
  for (const { from, target } of imports) {
    if (from.startsWith('node:') || allowed.includes(from.replace('@nodekeeper/', ''))) continue;
    if (!from.startsWith('.'))
      faults.push(`${path}: ${folder} may not import ${from} (scripts/tidy.mjs has the table)`);
    else if (target !== undefined && !isBelow(target, join(root, folder))) {
      faults.push(`${path}: imports a file of another package by its path (${from})`);
    }
  }
}
for (const [folder, { may, tests = [], libraries = [] }] of Object.entries(packages)) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  );
  const named = Object.keys({ ...dependencies, ...devDependencies }).map((name) => name.replace('@nodekeeper/', ''));
  const imported = new Set([...[...may, ...tests].map((name) => name.split('/')[0]), ...libraries]);
  if (named.sort().join() !== [...imported].sort().join()) {
    faults.push(
      `${folder}/package.json depends on ${named.join(', ')}; the table in scripts/tidy.mjs says ${[...imported].join(', ')}`,
    );
  }
}
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
for (const [folder, { may }] of Object.entries(packages)) {
  const row = new RegExp(`^\\| \\[${folder}\\]\\(${folder}\\) .*\\| (.*?) *\\|$`, 'm').exec(architecture);
  const told = may.join(', ') || 'nothing';
  if (row?.[1] !== told)
    faults.push(`ARCHITECTURE.md: the table of packages must say that ${folder} may import ${told}`);
}

// ---- which folder of the server may import which. A row may name only folders of earlier rows
const layers = {
  checksum: [],
  ports: [],
  events: ['ports'],
  'in-memory': ['ports'],
  membership: [],
  log: [],
  watch: [],
  session: [],
  config: ['membership'],
  tree: ['checksum', 'watch'],
  auth: ['ports', 'tree'],
  trace: ['log'],
  storage: ['checksum', 'log', 'ports'],
  ops: ['auth', 'log', 'session', 'tree', 'watch'],
  zab: ['events', 'log', 'membership', 'ports', 'storage'],
  admin: ['config', 'zab'],
  'ports/node': ['ports', 'trace'],
  meters: ['admin', 'ports', 'storage', 'zab'],
  database: ['config', 'log', 'meters', 'ports', 'session', 'storage', 'trace', 'tree', 'watch'],
  roles: ['auth', 'config', 'database', 'log', 'meters', 'ops', 'ports', 'session', 'storage', 'trace', 'tree', 'zab'],
  clients: [
    'admin',
    'auth',
    'config',
    'database',
    'events',
    'log',
    'meters',
    'ops',
    'ports',
    'roles',
    'session',
    'trace',
    'watch',
  ],
  server: [
    'admin',
    'auth',
    'clients',
    'config',
    'database',
    'events',
    'log',
    'membership',
    'meters',
    'ports',
    'roles',
    'session',
    'storage',
    'trace',
    'tree',
    'watch',
    'zab',
  ],
  'node.ts': ['config', 'log', 'ports/node', 'server', 'trace'],
  local: ['config', 'database', 'in-memory', 'log', 'membership', 'ports', 'ports/node', 'server', 'tree'],
  cli: ['admin', 'config', 'database', 'local', 'log', 'node.ts', 'ports/node', 'session', 'storage', 'trace', 'tree'],
  testing: [
    'config',
    'database',
    'in-memory',
    'log',
    'membership',
    'ports',
    'ports/node',
    'roles',
    'server',
    'storage',
    'tree',
    'watch',
    'zab',
  ],
  'index.ts': ['config', 'log', 'node.ts', 'ports/node', 'trace'],
  'main.ts': ['cli'],
};
checkOrder(Object.entries(layers));
const unused = new Set(Object.entries(layers).flatMap(([layer, may]) => may.map((each) => `${layer} import ${each}`)));
for (const { path, imports } of modules.values()) {
  const layer = layerOf(path);
  if (layer === undefined) continue;
  if (layers[layer] === undefined)
    faults.push(`${path}: ${layer} has no row in the table of layers (scripts/tidy.mjs)`);
  for (const { target } of imports) {
    const imported = target && layerOf(target);
    unused.delete(`${layer} import ${imported}`);
    if (imported !== undefined && imported !== layer && layers[layer]?.includes(imported) === false) {
      faults.push(`${path}: ${layer} may not import ${imported} (scripts/tidy.mjs has the table)`);
    }
  }
}
for (const each of unused) faults.push(`scripts/tidy.mjs: allows ${each}, but no file uses it`);

/** Returns the row of the table `layers` for a source file of the server package. */
function layerOf(path) {
  if (!isBelow(path, server)) return undefined;
  const file = relative(server, path);
  return file.startsWith('ports/node/') ? 'ports/node' : file.split('/')[0];
}

/** Checks that each row names only earlier rows, so that the imports contain no cycle. */
function checkOrder(rows) {
  const above = new Set();
  for (const [name, imported] of rows) {
    for (const each of imported) {
      if (!above.has(each))
        faults.push(`scripts/tidy.mjs: ${name} imports ${each}, which is not above it in the table`);
    }
    above.add(name);
  }
}

// ---- the length of files, and TODO or FIXME left in a file
const linesMax = 420;
const texts = new Map();
for (const folder of ['packages', 'examples', 'bench', 'interop', 'chaos', 'scripts']) {
  for (const file of sources(join(root, folder))) {
    const text = readFileSync(file, 'utf8');
    texts.set(file, text);
    const lines = text.split('\n').length;
    if (lines > linesMax && !file.endsWith('.gen.ts') && !file.includes('/test/')) {
      faults.push(`${file}: ${lines} lines; split it (at most ${linesMax})`);
    }
    if (/\b(TODO|FIXME|XXX)\b/.test(text) && !file.endsWith('tidy.mjs'))
      faults.push(`${file}: contains a TODO or FIXME`);
  }
}

faults.push(...exportFaults(modules));

// ---- documents: check links, and check that every docs/spec number or label cited in a source or document exists
const documents = readDocuments();
faults.push(...linkFaults(documents), ...specFaults(new Map([...texts, ...documents])));

for (const fault of faults) console.error(fault.replace(`${root}/`, ''));
if (faults.length > 0) process.exit(1);
console.log('tidy: purity, layers, dependencies, exports, sizes, links and citations are in order');
