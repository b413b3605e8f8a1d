import type { Command } from './command.js';

const shownMax = 11;

export const history: Command = {
  name: 'history',
  usage: '',
  summary: 'list the latest command lines with their numbers',
  isLocal: true,
  run({ shell, output }) {
    const { lines, count } = shell.history;
    for (let number = Math.max(0, count - shownMax + 1); number <= count; number++) {
      const line = lines[number] ?? null;
      output.result(`${number} - ${line}`, { number, line });
    }
  },
};
