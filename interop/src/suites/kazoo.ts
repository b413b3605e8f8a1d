import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverCommand } from '../peers/commands.js';
import { installKazoo, kazooFolder, runCommand, tail } from '../peers/index.js';
import type { Suite } from '../suite.js';

export const kazoo: Suite = {
  name: 'kazoo',
  shows: "the Python client's own test suite passes, except the tests of interop/kazoo/left-out.json",
  async run(context) {
    const python = await installKazoo();
    const leftOut = join(kazooFolder, 'left-out.json');
    for (const [test, reason] of Object.entries(JSON.parse(readFileSync(leftOut, 'utf8')) as Record<string, string>)) {
      context.say(`  left out: ${test}: ${reason}`);
    }
    const logPath = join(context.workDirectory, 'servers.log');
    const pytest = ['-m', 'pytest', '-p', 'nodekeeper_harness', '-p', 'no:cacheprovider', '--pyargs', 'kazoo.tests'];
    const only = context.options.get('only'); // names of tests, in the syntax of pytest's -k
    const result = await runCommand(
      python,
      [...pytest, '-q', '-rfEs', '--timeout', '60', '--tb', 'short', ...(only === undefined ? [] : ['-k', only])],
      {
        cwd: context.workDirectory,
        timeoutMs: 600_000,
        env: {
          ...process.env,
          CI: '',
          PYTHONPATH: kazooFolder,
          PYTHONDONTWRITEBYTECODE: '1',
          KAZOO_SERVER_COMMAND: JSON.stringify(await serverCommand(context.subject)),
          KAZOO_SERVER_LOG: logPath,
          KAZOO_LEFT_OUT: leftOut,
          KAZOO_ENSEMBLE_TESTS: join(kazooFolder, 'ensemble-tests.json'),
          KAZOO_SERVERS: context.options.get('servers') ?? '1',
        },
      },
    );
    const output = (result.stdout + result.stderr)
      .split('\n')
      .filter((line) => !/^(Transition to|Connection dropped)/.test(line))
      .join('\n');
    const summary = /^.*\b(passed|failed|error).* in .*$/m.exec(output)?.[0] ?? 'pytest printed no summary';
    if (result.exitCode === 0) return summary;
    const log = existsSync(logPath) ? tail(readFileSync(logPath, 'utf8'), 25) : '(no server log)';
    throw new Error(`${summary}\n${tail(output, 200)}\n--- the servers' log ends:\n${log}`);
  },
};
