import { parseArgs } from 'node:util';
import { zxidHex } from '@nodekeeper/protocol';
import { createLogger } from '../log/create-logger.js';
import { type Command, type CommandContext, UsageError } from './command.js';
import { ExitCode, exitCodeOf } from './exit-codes.js';
import { readConfig } from './read-config.js';

/** `nodekeeper new-epochs`: repairs an ensemble that is running out of epoch numbers (docs/epochs.md). */
export const newEpochsCommand: Command = {
  name: 'new-epochs',
  usage: 'zoo.cfg [--to directory]',
  summary: 'Restart the epochs of an ensemble at 1, while all its servers are stopped (docs/epochs.md).',
  details: [
    'zoo.cfg             the configuration of a member; without --to, print its last epoch and zxid',
    '--to directory      write a new dataDir with the data of this member, for use by every member',
  ],
  run: runNewEpochs,
};

async function runNewEpochs(args: readonly string[], { environment, stdout, stderr }: CommandContext): Promise<number> {
  const { file, target } = parseArguments(args);
  const result = readConfig(file, environment);
  if (!result.ok) {
    for (const error of result.errors) stderr(error);
    return ExitCode.invalidInvocation;
  }
  const logger = createLogger({
    format: 'text',
    level: 'warn',
    write: (line) => stderr(line.slice(0, -1)),
    now: Date.now,
  });
  try {
    const { beginNewEpochs } = await import('./new-epochs.js');
    const { currentEpoch, lastZxid } = await beginNewEpochs(result.config, target, logger);
    stdout(`${result.config.dataDir} is in epoch ${currentEpoch} and ends with zxid ${zxidHex(lastZxid)}.`);
    if (target !== undefined) {
      stdout(`${target} has the same data in epoch 1. Replace every member's version-2 by a copy of the one in it.`);
      stdout('Then start all servers and restart all clients: the zxids that they have seen are no longer valid.');
    }
    return ExitCode.finished;
  } catch (error) {
    stderr((error as Error).message);
    return exitCodeOf(error);
  }
}

function parseArguments(args: readonly string[]): { file: string; target: string | undefined } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { to: { type: 'string' } },
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new Error('expected one configuration file');
    return { file, target: values.to };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
