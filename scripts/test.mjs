// `npm test [-- --update | --watch] [name ...]`: unit, property and in-process server tests.
import { parseArgs } from 'node:util';
import { ensure, run } from './ensure.mjs';
import { findTestFiles, testArguments } from './test-files.mjs';
import { watchTests } from './test-watch.mjs';

const help = `npm test [-- [--update] [--watch] [name ...]]

  name      runs only the test files whose path contains it (default: all)
  --watch   waits for changes, builds, and runs the test files that import what changed, the nearest first. With names, only
            those of them. A test that starts a program in another process does not count as importing it.
  --update  rewrites the recorded scenarios of packages/server/test/scenarios instead of comparing with them, and
            runs only their tests unless there is a name`;

const { values, positionals } = parsed();
if (values.help) {
  console.log(help);
  process.exit(0);
}
if (values.update && values.watch) {
  console.error('--update writes files that --watch waits for: use one of them.');
  process.exit(1);
}
const names = values.update && positionals.length === 0 ? ['test/scenarios/'] : positionals;
ensure();
const files = findTestFiles(names);
if (files.length === 0) {
  console.error(`No test file matches ${names.join(', ')}.`);
  process.exit(1);
}
const env = values.update ? { ...process.env, UPDATE_RECORDINGS: '1' } : process.env;
if (values.watch) watchTests(names);
else run(process.execPath, testArguments(files), { env });

function parsed() {
  const options = { update: { type: 'boolean' }, watch: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(1);
  }
}
