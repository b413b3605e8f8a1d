import { parseArgs } from 'node:util';
import { zxidHex } from '@nodekeeper/protocol';
import { createLogger } from '../log/create-logger.js';
import { type Command, type CommandContext, UsageError } from './command.js';
import { ExitCode, exitCodeOf } from './exit-codes.js';
import { readConfig } from './read-config.js';

/** `nodekeeper new-epochs`: the way out for an ensemble whose epochs run out (docs/epochs.md). */
export const newEpochsCommand: Command = {
  name: 'new-epochs',
  usage: 'zoo.cfg [--to directory]',
  summary: 'With all servers of an ensemble stopped: begin to count its epochs anew (docs/epochs.md).',
  details: [
    'zoo.cfg             the configuration of a member; without --to its last epoch and zxid are told',
    '--to directory      a new dataDir, for every member, with all that this one holds',
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
    stdout(`${result.config.dataDir} has all of epoch ${currentEpoch} up to ${zxidHex(lastZxid)}.`);
    if (target !== undefined) {
      stdout(`The same is in ${target}, in epoch 1. Put a copy of its version-2 in the place of every member's own;`);
      stdout('then start all servers, and restart all clients: what they have seen has other numbers now.');
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
    if (file === undefined || others.length > 0) throw new Error('one configuration file');
    return { file, target: values.to };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
