import { MissingTool } from './peers/index.js';
import { type Context, makeWorkDirectory, removeWorkDirectory, type ServerKind, type Suite } from './suite.js';
import { cliMt } from './suites/cli-mt.js';
import { client } from './suites/client.js';
import { differential } from './suites/differential.js';
import { directories } from './suites/directories.js';
import { hostile } from './suites/hostile.js';
import { kazoo } from './suites/kazoo.js';
import { mixed } from './suites/mixed.js';
import { packageSuite } from './suites/packages.js';
import { recipes } from './suites/recipes.js';
import { rolling } from './suites/rolling.js';
import { scenarioSuite } from './suites/scenarios.js';
import { shell } from './suites/shell.js';
import { zkcli } from './suites/zkcli.js';

const suites: Suite[] = [
  differential,
  scenarioSuite,
  directories,
  client,
  zkcli,
  shell,
  cliMt,
  kazoo,
  mixed,
  rolling,
  hostile,
  recipes,
  packageSuite,
];

const usage = `npm run test:interop [-- [suite ...] [--subject nodekeeper|apache] [--seed N] [--requests N]]
suites:
${suites.map((suite) => `  ${suite.name.padEnd(14)}${suite.shows}`).join('\n')}`;

interface Arguments {
  names: string[];
  options: Map<string, string>;
}

function readArguments(words: string[]): Arguments {
  const result: Arguments = { names: [], options: new Map() };
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (!word.startsWith('--')) result.names.push(word);
    else if (words[index + 1] === undefined) throw new Error(`${word} needs a value\n${usage}`);
    else result.options.set(word.slice(2), words[++index]!);
  }
  const unknown = result.names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) throw new Error(`there is no suite named ${unknown}\n${usage}`);
  return result;
}

type Outcome = 'passed' | 'failed' | 'skipped';

async function runSuite(suite: Suite, subject: ServerKind, options: Map<string, string>): Promise<Outcome> {
  const workDirectory = makeWorkDirectory(suite.name);
  const context: Context = { subject, options, say, workDirectory };
  const start = Date.now();
  say(`=== ${suite.name}: ${suite.shows}`);
  try {
    const summary = await suite.run(context);
    say(`PASSED ${suite.name}: ${summary} (${seconds(start)})`);
    removeWorkDirectory(workDirectory);
    return 'passed';
  } catch (error) {
    if (error instanceof MissingTool) {
      say(`SKIPPED ${suite.name}: ${error.message}`);
      removeWorkDirectory(workDirectory);
      return 'skipped';
    }
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    say(`FAILED ${suite.name} (${seconds(start)}); its files are in ${workDirectory}`);
    return 'failed';
  }
}

function seconds(start: number): string {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    say(usage);
    return 0;
  }
  const { names, options } = readArguments(args);
  const subject = options.get('subject') ?? 'nodekeeper';
  if (subject !== 'nodekeeper' && subject !== 'apache') throw new Error(`no server of kind ${subject}\n${usage}`);
  const outcomes: Outcome[] = [];
  for (const suite of suites) {
    if (names.length === 0 || names.includes(suite.name)) outcomes.push(await runSuite(suite, subject, options));
  }
  const count = (outcome: Outcome) => outcomes.filter((item) => item === outcome).length;
  say(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  return count('failed') === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
