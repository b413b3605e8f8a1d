import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../../..');
// this folder must be inside the package, so that Node finds `@nodekeeper/testing`
const folder = join(root, 'packages/testing/dist/docs-test');

for (const document of ['docs/testing.md', 'packages/testing/README.md']) {
  test(`the examples of ${document} run and print what their comments say`, { timeout: 60_000 }, (context) => {
    const examples = [...readFileSync(join(root, document), 'utf8').matchAll(/^```js\n(.*?)^```$/gms)];
    assert.ok(examples.length > 0, 'the test must find the examples');
    mkdirSync(folder, { recursive: true });
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    for (const [index, { 1: code = '' }] of examples.entries()) {
      const file = join(folder, `example-${index}.mjs`);
      writeFileSync(file, code);
      const { NODE_TEST_CONTEXT, ...env } = process.env;
      const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
        encoding: 'utf8',
        env,
        timeout: 20_000,
      });
      assert.equal(status, 0, `${document}, example ${index + 1}:\n${code}\n${stdout}\n${stderr}`);
      const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
      for (const line of expected)
        assert.ok(stdout.includes(`${line}\n`), `example ${index + 1} prints no "${line}":\n${stdout}`);
    }
  });
}
