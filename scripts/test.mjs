// `npm test [-- --update] [name ...]`: unit, property and in-process server tests. A name limits the run to files whose path has it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensure, projects, root, run } from './ensure.mjs';

const help = `npm test [-- [--update] [name ...]]

  name      runs only the test files whose path has it in it (default: all)
  --update  rewrites the recorded scenarios of packages/server/test/scenarios instead of comparing with them, and
            runs only their tests unless there is a name`;

const { values, positionals } = parsed();
if (values.help) {
  console.log(help);
  process.exit(0);
}
const wanted = values.update && positionals.length === 0 ? ['test/scenarios/'] : positionals;
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
const env = values.update ? { ...process.env, UPDATE_RECORDINGS: '1' } : process.env;
run(process.execPath, ['--enable-source-maps', '--test', '--test-concurrency=2', ...files.sort()], { env });

function parsed() {
  const options = { update: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(1);
  }
}
