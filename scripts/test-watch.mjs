// `npm test -- --watch`: after each change, builds and runs the affected tests.
import { spawn } from 'node:child_process';
import { projects, rebuild, root } from './ensure.mjs';
import { affectedTestFiles, findTestFiles, testArguments } from './test-files.mjs';
import { watchSources } from './watch.mjs';

/**
 * Runs the affected tests after each change, until ctrl-C. If there are names, only the test files that they select are
 * run, and these also run once at the start.
 * @param {string[]} names parts of paths, as for findTestFiles
 */
export function watchTests(names) {
  const changed = new Set();
  let run;

  if (names.length > 0) start([findTestFiles(names)]);
  else console.error('Waiting for changes (ctrl-C ends it).');

  watchSources(projects, (paths) => {
    for (const path of paths) changed.add(path);
    // Stop the current run. The next run includes the tests of the stopped run, because `changed` is cleared only when
    // a run ends by itself.
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

  /**
   * Runs the batches one after another, until a batch fails. The first batch contains the tests that import the changed
   * file directly, because their failures are the most precise.
   */
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

  /** Stops the process group of the run, because some tests start other programs. */
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
