import { Failure } from '../failure.js';
import { optionLines } from '../format/usage.js';
import type { Command } from './command.js';
import { commands, findCommand } from './table.js';

export const help: Command = {
  name: 'help',
  usage: '[command]',
  summary: 'list the commands, or describe one',
  isLocal: true,
  isExtra: true,
  run({ output, words: [name] }) {
    if (name === undefined) return output.result(overview(), { commands: commands.map(asJson) });
    const command = findCommand(name);
    if (command === undefined) throw new Failure(`There is no command ${name}; help lists the commands`, 127);
    output.result(explanation(command), asJson(command));
  },
};

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return commands.map(({ name, summary }) => `${name.padEnd(width)}${summary}`).join('\n');
}

function explanation(command: Command): string {
  const { name, usage, summary, options } = command;
  const lines = options === undefined || options.rows.length === 0 ? '' : `\n${optionLines(options).trimEnd()}`;
  const head = `${name} ${usage}`.trimEnd();
  return `${head}\n${summary}${lines}`;
}

function asJson({ name, usage, summary }: Command): object {
  return { name, usage, summary };
}
