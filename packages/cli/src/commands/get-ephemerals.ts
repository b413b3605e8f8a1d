import type { Command } from './command.js';

export const getEphemerals: Command = {
  name: 'getEphemerals',
  usage: 'path',
  summary: 'list the ephemeral nodes of this session',
  options: { rows: [] },
  async run({ zk, output, words: [prefix = '/'] }) {
    const ephemerals = await zk.getEphemerals(prefix);
    output.result(`[${ephemerals.join(', ')}]`, { ephemerals });
  },
};
