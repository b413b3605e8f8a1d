import type { Command } from './command.js';
import { usageFailure } from './read-call.js';

const modes = ['PERSISTENT', 'PERSISTENT_RECURSIVE'] as const;

export const addWatch: Command = {
  name: 'addWatch',
  usage: `[-m mode] path # optional mode is one of [${modes.join(', ')}] - default is PERSISTENT_RECURSIVE`,
  summary: 'watch a node, or a whole subtree, until removewatches',
  options: { rows: [{ name: 'm', takesValue: true }] },
  words: [1, 1],
  async run({ zk, word, value }) {
    const path = word(0);
    const wanted = value('m')?.toUpperCase() ?? 'PERSISTENT_RECURSIVE';
    const mode = modes.find((name) => name === wanted);
    if (mode === undefined) throw usageFailure(addWatch);
    await zk.addWatch(path, mode);
  },
};
