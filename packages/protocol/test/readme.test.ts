import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as protocol from '../src/index.js';

test('the example of README.md runs and prints what its comments say', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const block = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const [, names, code] = /^import \{(.*?)\} from '@nodekeeper\/protocol';\n(.*)$/s.exec(block) ?? [];
  const printed: unknown[][] = [];
  const run = new Function('protocol', 'console', `const {${names}} = protocol;\n${code}`);
  run(protocol, { log: (...values: unknown[]) => printed.push(values) });
  assert.deepEqual(printed, [[1, { path: '/app', watch: true }]]);
  assert.match(block, /\/\/ prints: 1 \{ path: '\/app', watch: true \}/);
});
