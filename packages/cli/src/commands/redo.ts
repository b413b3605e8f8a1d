import { Failure } from '../failure.js';
import { decodeInt32 } from '../parse/numbers.js';
import { splitWords } from '../parse/words.js';
import type { Command } from './command.js';

export const redo: Command = {
  name: 'redo',
  usage: 'cmdno',
  summary: 'run the command line with this number again',
  isLocal: true,
  async run({ shell, words: [text] }) {
    if (text === undefined) return;
    const number = decodeInt32(text);
    const { lines, count } = shell.history;
    if (number >= count || number < 0) throw new Failure('Command index out of range');
    const line = lines[number] ?? '';
    const words = splitWords(line);
    if (words[0] === 'redo') throw new Failure('No redoing redos');
    lines[count] = line;
    await shell.process(words);
  },
};
