import { clientAddresses } from '../format/client-addresses.js';
import { formatStat, statAsJson } from '../format/stat.js';
import type { Command } from './command.js';

export const config: Command = {
  name: 'config',
  usage: '[-c] [-w] [-s]',
  summary: 'print the servers; -c: their client addresses',
  options: {
    rows: [
      { name: 's', text: 'stats' },
      { name: 'w', text: 'watch' },
      { name: 'c', text: 'client connection string' },
    ],
  },
  async run({ zk, output, has }) {
    const { config: text, stat } = await zk.getConfig(has('w'));
    const shown = has('c') ? clientAddresses(text) : text;
    const value = { config: shown, ...(has('s') ? { stat: statAsJson(stat) } : {}) };
    output.result(has('s') ? `${shown}\n${formatStat(stat)}` : shown, value);
  },
};
