import { apacheVersion, packageVersion } from '../admin/version.js';
import { type Command, type CommandContext, UsageError } from './command.js';
import { devCommand } from './dev-command.js';
import { ensembleCommand } from './ensemble-command.js';
import { ExitCode } from './exit-codes.js';
import { newEpochsCommand } from './new-epochs-command.js';
import { serverCommand } from './server-command.js';
import { statusCommand } from './status-command.js';

const versionCommand: Command = {
  name: 'version',
  usage: '',
  summary: 'Print the version.',
  async run(args, { stdout }) {
    if (args.length > 0) throw new UsageError('version takes no arguments');
    stdout(
      `nodekeeper ${packageVersion}, compatible with Apache ZooKeeper ${apacheVersion}, on Node.js ${process.version}`,
    );
    return ExitCode.finished;
  },
};

const helpCommand: Command = {
  name: 'help',
  usage: '',
  summary: 'Print this help.',
  async run(_, { stdout }) {
    stdout(usage());
    return ExitCode.finished;
  },
};

const commands: readonly Command[] = [
  serverCommand(),
  ensembleCommand,
  devCommand,
  statusCommand,
  newEpochsCommand,
  versionCommand,
  helpCommand,
];
const otherNames: Readonly<Record<string, string>> = {
  '--version': 'version',
  '-v': 'version',
  '--help': 'help',
  '-h': 'help',
};

function usage(): string {
  const lines = commands.flatMap(({ name, usage, summary, details = [] }) => [
    `  nodekeeper ${name} ${usage}`.trimEnd(),
    `      ${summary}`,
    ...details.map((line) => `        ${line}`),
  ]);
  return ['Usage:', ...lines].join('\n');
}

/**
 * Runs the command that the arguments name.
 * @returns the exit code. For invalid arguments the function prints the usage and returns 2.
 */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  const [given = '', ...rest] = args;
  const name = rest.some((arg) => arg === '--help' || arg === '-h') ? 'help' : (otherNames[given] ?? given);
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    context.stderr(given === '' ? usage() : `Unknown command: ${given}\n${usage()}`);
    return ExitCode.invalidInvocation;
  }
  try {
    return await command.run(rest, context);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    context.stderr(`${error.message}\nUsage: nodekeeper ${command.name} ${command.usage}`.trimEnd());
    return ExitCode.invalidInvocation;
  }
}
