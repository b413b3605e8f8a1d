import { parseVersion } from '../parse/numbers.js';
import type { Command } from './command.js';

export const deleteNode: Command = {
  name: 'delete',
  usage: '[-v version] path',
  summary: 'delete a node',
  options: { rows: [{ name: 'v', takesValue: true, text: 'version' }] },
  words: [1],
  async run({ zk, output, word, words, value }) {
    if (words.length > 1) {
      const advice = "Please use 'delete [-v version] path' instead.";
      output.remark(`'delete path [version]' has been deprecated. ${advice}`, 'stderr');
    }
    await zk.delete(word(0), parseVersion(value('v')));
  },
};
