import { fullVersion } from '../version.js';
import type { Command } from './command.js';

export const version: Command = {
  name: 'version',
  usage: '',
  summary: 'print the version of this shell',
  options: { rows: [] },
  words: [0, 0],
  run({ output }) {
    output.result(`ZooKeeper CLI version: ${fullVersion()}`, { version: fullVersion() });
  },
};
