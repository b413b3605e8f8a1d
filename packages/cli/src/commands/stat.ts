import { errorSentence } from '../error-text.js';
import { Failure } from '../failure.js';
import type { Command } from './command.js';
import { showStat } from './show-stat.js';

export const stat: Command = {
  name: 'stat',
  usage: '[-w] path',
  summary: 'print the stat of a node',
  options: { rows: [{ name: 'w', text: 'watch' }] },
  words: [1],
  newForm: 'stat [-w] path',
  async run({ zk, output, word, has }) {
    const path = word(0);
    const found = await zk.exists(path, has('w'));
    if (found === null) throw new Failure(errorSentence('NONODE', path), 1, { code: 'NONODE', path });
    showStat(output, path, found);
  },
};
