import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { repositoryRoot } from '../src/peers/index.js';

/** A temporary checkout in which stand-ins replace npm and the compiler. The stand-ins record the calls to them. */
class Checkout {
  readonly #root = mkdtempSync(join(tmpdir(), 'nodekeeper-checkout-'));
  readonly #calls = join(this.#root, 'calls');

  constructor(context: TestContext) {
    context.after(() => rmSync(this.#root, { recursive: true }));
    cpSync(join(repositoryRoot, 'scripts', 'ensure.mjs'), join(this.#root, 'scripts', 'ensure.mjs'));
    writeFileSync(join(this.#root, 'package-lock.json'), '{}');
    this.#program(
      'bin/npm',
      'npm',
      `mkdir -p node_modules/typescript/bin node_modules/dependency
      cp bin/tsc node_modules/typescript/bin/tsc
      echo '{}' > node_modules/dependency/package.json
      echo '{"packages":{"node_modules/dependency":{}}}' > node_modules/.package-lock.json`,
    );
    writeFileSync(
      join(this.#root, 'bin', 'tsc'),
      `import { appendFileSync, existsSync } from 'node:fs';
      appendFileSync('calls', ['tsc', ...process.argv.slice(2), ''].join(' ').trim() + '\\n');
      if (existsSync('kill-tsc')) process.kill(process.pid, 'SIGKILL');
      if (existsSync('fail-tsc')) process.exit(1);`,
    );
    writeFileSync(join(this.#root, 'package.json'), '{"type":"module"}');
  }

  #program(path: string, name: string, script: string): void {
    const file = join(this.#root, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(
      file,
      `#!/bin/sh\necho ${name} $1 >> calls\nif [ -e kill-${name} ]; then kill -9 $$; fi\n${script}\n`,
      {
        mode: 0o755,
      },
    );
  }

  /**
   * Runs what `npm run build` runs, and returns the calls of npm and the compiler. `fault` kills npm or the compiler,
   * or makes the compiler fail.
   */
  build(fault?: 'kill-npm' | 'kill-tsc' | 'fail-tsc'): string[] {
    if (fault !== undefined) writeFileSync(join(this.#root, fault), '');
    const PATH = `${join(this.#root, 'bin')}:${process.env.PATH}`;
    const { status } = spawnSync(process.execPath, [join('scripts', 'ensure.mjs')], {
      cwd: this.#root,
      env: { ...process.env, PATH },
    });
    assert.equal(status, fault === undefined ? 0 : 1);
    if (fault !== undefined) rmSync(join(this.#root, fault));
    const calls = existsSync(this.#calls) ? readFileSync(this.#calls, 'utf8').trim().split('\n') : [];
    rmSync(this.#calls, { force: true });
    return calls;
  }

  remove(path: string): void {
    rmSync(join(this.#root, path), { recursive: true });
  }
}

test('an interrupted installation is started again', (context) => {
  const checkout = new Checkout(context);
  assert.deepEqual(checkout.build('kill-npm'), ['npm ci']);
  assert.deepEqual(checkout.build(), ['npm ci', 'tsc -b']);
  checkout.remove('node_modules/dependency');
  assert.deepEqual(checkout.build('kill-npm'), ['npm ci']);
  assert.equal(checkout.build()[0], 'npm ci');
});

test('an interrupted build starts from nothing, and a build with errors continues incrementally', (context) => {
  const checkout = new Checkout(context);
  assert.deepEqual(checkout.build('kill-tsc'), ['npm ci', 'tsc -b']);
  assert.deepEqual(checkout.build('kill-tsc'), ['tsc -b --force']);
  assert.deepEqual(checkout.build(), ['tsc -b --force']);
  assert.deepEqual(checkout.build('fail-tsc'), ['tsc -b']);
  assert.deepEqual(checkout.build(), ['tsc -b']);
});

test('each program of the repository prints its usage when asked for help', () => {
  const programs = [
    ['scripts/test.mjs', 'npm test [-- [--update] [--watch] [name'],
    ['packages/simulator/dist/src/main.js', 'npm run sim --'],
    ['chaos/dist/src/main.js', 'npm run chaos --'],
    ['bench/dist/src/main.js', 'npm run bench --'],
    ['interop/dist/src/main.js', 'npm run test:interop'],
    ['packages/server/bin/nodekeeper.js', 'Usage:\n  nodekeeper server'],
  ];
  for (const [program, begin] of programs) {
    for (const flag of ['--help', '-h']) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(repositoryRoot, program!), flag], {
        encoding: 'utf8',
      });
      assert.deepEqual([status, stderr], [0, ''], `${program} ${flag}`);
      assert.ok(stdout.startsWith(begin!), `${program} ${flag} printed ${stdout}`);
    }
  }
});
