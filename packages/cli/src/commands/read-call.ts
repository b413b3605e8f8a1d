import { Failure } from '../failure.js';
import { optionLines } from '../format/usage.js';
import type { Output } from '../output.js';
import { type ParsedWords, parseOptions } from '../parse/options.js';
import type { Command } from './command.js';

/**
 * Parses a command line according to the command's row in the table. The first word of `line` is the command's name.
 */
export function readWords(command: Command, line: readonly string[], output: Output): ParsedWords {
  if (command.options === undefined) return { words: line.slice(1), has: () => false, value: () => undefined };
  let parsed = parseOptions(command.options, line);
  const [min, max] = command.words ?? [0];
  const count = parsed.words.length - 1;
  if (count < min || (max !== undefined && count > max)) throw usageFailure(command);
  if (command.newForm !== undefined && count > 1) {
    output.remark(
      `'${command.name} path [watch]' has been deprecated. Please use '${command.newForm}' instead.`,
      'stderr',
    );
    // as ZooKeeper's shell does, read any third word as -w
    parsed = parseOptions(command.options, line.with(2, '-w'));
  }
  return { ...parsed, words: parsed.words.slice(1) };
}

export function usageFailure(command: Command): Failure {
  return new Failure(usageOf(command));
}

/** The usage text, for example `get [-s] path`. The options follow if ZooKeeper's shell lists them for this command. */
function usageOf(command: Command): string {
  const first = `${command.name} ${command.usage}`;
  return command.listsOptions === undefined ? first : `${first}\n${optionLines(command.options!)}`;
}
