// `npm test [-- name ...]`: unit, property and in-process server tests. A name limits the run to files whose path has it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensure, projects, root, run } from './ensure.mjs';

const wanted = process.argv.slice(2);
if (wanted.includes('--help') || wanted.includes('-h')) {
  console.log('npm test [-- name ...]\n\n  name  runs only the test files whose path has it in it (default: all)');
  process.exit(0);
}
ensure();
const files = [];
for (const project of projects) {
  const dist = join(root, project, 'dist', 'test');
  let entries = [];
  try {
    entries = readdirSync(dist, { recursive: true });
  } catch {
    continue;
  }
  for (const entry of entries) {
    const file = join(project, 'dist', 'test', entry);
    if (!entry.endsWith('.test.js')) continue;
    if (wanted.length === 0 || wanted.some((name) => file.includes(name))) files.push(file);
  }
}
if (files.length === 0) {
  console.error(`No test file matches ${wanted.join(', ')}.`);
  process.exit(1);
}
run(process.execPath, ['--enable-source-maps', '--test', '--test-concurrency=2', ...files.sort()]);
