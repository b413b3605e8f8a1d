import type { Command } from './command.js';

export const printWatches: Command = {
  name: 'printwatches',
  usage: 'on|off',
  summary: 'switch printing of watch and connection events on or off',
  isLocal: true,
  run({ shell, output, words: [wanted] }) {
    const { connection } = shell;
    if (wanted !== undefined) connection.printsEvents = wanted === 'on';
    else
      output.result(`printwatches is ${connection.printsEvents ? 'on' : 'off'}`, {
        printwatches: connection.printsEvents,
      });
  },
};
