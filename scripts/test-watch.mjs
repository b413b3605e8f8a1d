// `npm test -- --watch`: after each change, builds and runs the affected tests.
import { spawn } from 'node:child_process';
import { projects, rebuild, root } from './ensure.mjs';
import { affectedTestFiles, findTestFiles, testArguments } from './test-files.mjs';
import { watchSources } from './watch.mjs';

/** @param {string[]} names as in findTestFiles. With names, their tests run once at the start. */
export function watchTests(names) {
  const changed = new Set();
  let run;

  if (names.length > 0) start([findTestFiles(names)]);
  else console.error('Waiting for changes (ctrl-C ends it).');

  watchSources(projects, (paths) => {
    for (const path of paths) changed.add(path);
    // A run that is stopped here starts again with the new change: `changed` is cleared only when a run ends by itself.
    stop();
    if (!rebuild()) return;
    const wanted = new Set(findTestFiles(names));
    const { near, far } = affectedTestFiles(changed);
    const batches = [near, far]
      .map((files) => files.filter((file) => wanted.has(file)))
      .filter(({ length }) => length > 0);
    if (batches.length > 0) start(batches);
    else end('No test file is affected.');
  });

  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      stop();
      process.exit(130);
    });
  }

  /** Runs one batch after the other, up to the first that fails: the tests near the change say first what is wrong. */
  function start([files, ...rest]) {
    console.error(`Running ${files.length} test file${files.length === 1 ? '' : 's'} ...`);
    const started = spawn(process.execPath, testArguments(files), { cwd: root, stdio: 'inherit', detached: true });
    run = started;
    started.on('exit', (code) => {
      if (run !== started) return;
      if (code === 0 && rest.length > 0) start(rest);
      else end(code === 0 ? 'Passed.' : 'Failed.');
    });
  }

  /** Stops the whole process group, because some tests start programs. */
  function stop() {
    if (run !== undefined) process.kill(-run.pid, 'SIGTERM');
    run = undefined;
  }

  function end(result) {
    run = undefined;
    changed.clear();
    console.error(`${result} Waiting for changes.`);
  }
}
