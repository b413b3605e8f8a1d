import type { Command } from './command.js';

export const getAllChildrenNumber: Command = {
  name: 'getAllChildrenNumber',
  usage: 'path',
  summary: 'count the nodes below a node',
  options: { rows: [] },
  words: [1],
  async run({ zk, output, word }) {
    const path = word(0);
    const count = await zk.getAllChildrenNumber(path);
    output.result(String(count), { path, count });
  },
};
