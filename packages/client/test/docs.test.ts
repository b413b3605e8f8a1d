import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { defaultConfig, type RunningServer, silentLogger, startServer } from '@nodekeeper/server';
import { connect, type ZooKeeper } from '../src/index.js';

/*
 * Compiles the examples in the documents with the types of this package, and runs each of them against a server. An
 * example that is marked "```ts compiled" is compiled but not run. An example that does not connect itself gets a
 * connected client as `zk`. Each console.log call has a comment after it, and the example must print these comments, in
 * any order.
 */
const root = join(import.meta.dirname, '../../../..');
const documents = ['README.md', 'docs/client.md', 'packages/client/README.md'];

interface Example {
  readonly where: string;
  readonly isRun: boolean;
  readonly code: string;
}

const examples = documents.flatMap(examplesOf);
// this folder must be inside the package, so that Node finds `@nodekeeper/client`
const folder = join(root, 'packages/client/dist/docs-test');
let work: string;
let server: RunningServer;

before(async () => {
  mkdirSync(folder, { recursive: true });
  work = mkdtempSync(join(folder, 'run-'));
  const files = { dataDir: join(work, 'data'), dataLogDir: join(work, 'data'), preAllocSizeKb: 64 };
  mkdirSync(files.dataDir);
  const port = { clientPort: 0, clientPortAddress: '127.0.0.1' };
  server = await startServer({ ...defaultConfig(), ...files, ...port, extendedTypesEnabled: true }, silentLogger);
});

after(async () => {
  await server.stop();
  rmSync(work, { recursive: true, force: true, maxRetries: 3 });
});

test('every example of the documents is valid TypeScript', () => {
  assert.ok(examples.length > 10, 'the test must find the examples');
  for (const [index, example] of examples.entries()) writeFileSync(join(work, `${index}.mts`), moduleOf(example));
  const options = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      lib: ['ES2023', 'ESNext.Disposable'],
      composite: false,
      declaration: false,
      declarationMap: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      noImplicitAny: false,
      rootDir: '.',
      outDir: 'out',
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: ['*.mts'],
  };
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(options));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', work], { encoding: 'utf8' });
  const named = stdout.replace(/^.*?(\d+)\.mts/gm, (_, index) => examples[Number(index)]!.where);
  assert.equal(status, 0, named);
});

for (const document of documents) {
  test(`the examples of ${document} run and print what their comments say`, async () => {
    const zk = await connect(`127.0.0.1:${server.port}`);
    try {
      for (const [index, example] of examples.entries()) {
        if (example.isRun && example.where.startsWith(`${document}:`)) await check(zk, example, index);
      }
    } finally {
      await zk.close();
    }
  });
}

async function check(zk: ZooKeeper, { where, code }: Example, index: number): Promise<void> {
  const module = await import(pathToFileURL(join(work, 'out', `${index}.mjs`)).href);
  const printed: string[] = [];
  const log = (...values: unknown[]) => printed.push(values.map(text).join(' '));
  try {
    await module.run(zk, { log });
  } catch (error) {
    throw new Error(`${where} throws`, { cause: error });
  }
  const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
  assert.equal(
    expected.length,
    code.split('console.log(').length - 1,
    `${where}: each console.log has a comment with its output`,
  );
  assert.deepEqual(printed.sort(), expected.sort(), where);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}

/**
 * Returns a module that starts with the imports of the example and has the rest of the example in a function. Variables
 * that the example declares hide the parameters of the function.
 */
function moduleOf({ code }: Example): string {
  const isImport = (line: string) => line.startsWith('import ');
  const lines = code.replaceAll('127.0.0.1:2181', `127.0.0.1:${server.port}`).split('\n');
  return [
    `import type { ZooKeeper as GivenClient } from '@nodekeeper/client';`,
    ...lines.filter(isImport),
    'export async function run(zk: GivenClient, console: { log(...values: unknown[]): void }) {',
    '{',
    ...lines.filter((line) => !isImport(line)),
    '}',
    '}',
  ].join('\n');
}

function examplesOf(document: string): Example[] {
  const source = readFileSync(join(root, document), 'utf8');
  return [...source.matchAll(/^```(?:js|ts)( compiled)?\n(.*?)^```$/gms)].map(
    ({ 1: compiled, 2: code = '', index }) => ({
      where: `${document}:${source.slice(0, index).split('\n').length}`,
      isRun: compiled === undefined,
      code,
    }),
  );
}
