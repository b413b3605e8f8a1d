// Rules of this code base that no linter knows: what the core may touch, who may import whom, how long a file may get.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { root } from './ensure.mjs';

const faults = [];

// ---- the core touches clock, disk, network and randomness only through ports (docs/decisions/0002-pure-core.md)
const server = join(root, 'packages/server/src');
const impure = ['ports/node/', 'cli/', 'log/', 'testing/', 'main.ts', 'node.ts', 'index.ts'];
const pureModules = new Set(['node:zlib', 'node:crypto']);
const banned = [
  [/\bDate\.now\b|\bnew Date\(\)/, 'the clock'],
  [/\bperformance\.|\bprocess\./, 'the process'],
  [/\bMath\.random\b/, 'randomness'],
  [/\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/, 'timers'],
  [/\basync\b|\bawait\b|\bnew Promise\b|\bPromise\./, 'promises'],
];
const clientCore = join(root, 'packages/client/src/core');
const isPure = (file) => !impure.some((prefix) => relative(server, file).startsWith(prefix));
for (const file of [...[...sources(server)].filter(isPure), ...sources(clientCore)]) {
  const code = withoutComments(readFileSync(file, 'utf8'));
  for (const [, module] of code.matchAll(/from '(node:[^']+)'/g)) {
    if (!pureModules.has(module)) faults.push(`${file}: imports ${module}; the core has ports for that`);
  }
  for (const [pattern, what] of banned) {
    if (pattern.test(code))
      faults.push(`${file}: uses ${what} (${pattern.exec(code)[0]}); the core has ports for that`);
  }
}

// ---- who may import whom inside the server; net and pipeline are two sides of one layer
const layers = {
  checksum: [],
  ports: [],
  membership: [],
  config: ['membership'],
  log: [],
  watch: [],
  session: [],
  tree: ['checksum', 'watch'],
  auth: ['tree'],
  storage: ['ports', 'checksum', 'log'],
  ops: ['tree', 'auth', 'session', 'watch', 'log'],
  admin: ['config', 'zab'],
  net: ['admin', 'auth', 'config', 'ops', 'pipeline', 'ports', 'session'],
  zab: ['log', 'membership', 'ports', 'storage'],
  pipeline: [
    'admin',
    'auth',
    'config',
    'log',
    'membership',
    'net',
    'ops',
    'ports',
    'session',
    'storage',
    'tree',
    'watch',
    'zab',
  ],
};
for (const file of sources(server)) {
  const [layer] = relative(server, file).split('/');
  const allowed = layers[layer];
  if (allowed === undefined || relative(server, file).startsWith('ports/node/')) continue;
  for (const [, target] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    const [imported] = relative(server, resolve(dirname(file), target)).split('/');
    if (imported !== layer && !allowed.includes(imported)) {
      faults.push(`${file}: ${layer} may not import ${imported} (scripts/tidy.mjs has the table)`);
    }
  }
}

// ---- the client's core knows the protocol and itself
for (const file of sources(clientCore)) {
  for (const [, target] of readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)) {
    if (target !== '@nodekeeper/protocol' && !target.startsWith('./')) {
      faults.push(`${file}: imports ${target}; the core of the client knows the protocol only`);
    }
  }
}

// ---- what applications install has no run-time dependency
for (const name of ['protocol', 'client']) {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  const foreign = Object.keys(manifest.dependencies ?? {}).filter(
    (dependency) => !dependency.startsWith('@nodekeeper/'),
  );
  if (foreign.length > 0) faults.push(`packages/${name} must have no dependencies, and has ${foreign.join(', ')}`);
}

// ---- size and leftovers
const linesMax = 420;
for (const folder of ['packages', 'bench', 'interop', 'chaos', 'scripts']) {
  for (const file of sources(join(root, folder))) {
    const text = readFileSync(file, 'utf8');
    const lines = text.split('\n').length;
    if (lines > linesMax && !file.endsWith('.gen.ts') && !file.includes('/test/')) {
      faults.push(`${file}: ${lines} lines; split it (${linesMax} at most)`);
    }
    if (/\b(TODO|FIXME|XXX)\b/.test(text) && !file.endsWith('tidy.mjs')) faults.push(`${file}: holds a TODO or FIXME`);
  }
}

for (const fault of faults) console.error(relative(root, fault));
if (faults.length > 0) process.exit(1);
console.log('tidy: purity, layers, dependencies and sizes are as agreed');

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'testdata'].includes(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(ts|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) yield path;
  }
}

function withoutComments(code) {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
