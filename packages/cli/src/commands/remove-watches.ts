import type { RemovedKind } from '../requests.js';
import type { Command } from './command.js';

/**
 * The kinds of watches that `removewatches` removes, each with its option. If a command line has several of these
 * options, the first one in this list applies.
 */
const kinds: readonly (readonly [option: string, kind: RemovedKind, text: string])[] = [
  ['c', 'children', 'child watcher type'],
  ['d', 'data', 'data watcher type'],
  ['p', 'persistent', 'persistent watcher type'],
  ['r', 'persistentRecursive', 'persistent recursive watcher type'],
  ['a', 'any', 'any watcher type'],
];

export const removeWatches: Command = {
  name: 'removewatches',
  usage: 'path [-c|-d|-a] [-l]',
  summary: 'stop watching a node',
  options: {
    rows: [
      ...kinds.map(([name, , text]) => ({ name, text })),
      { name: 'l', text: 'remove locally when there is no server connection' },
    ],
  },
  words: [1],
  async run({ zk, word, has }) {
    const path = word(0);
    const kind = kinds.find(([option]) => has(option))?.[1] ?? 'any';
    await zk.removeWatches(path, kind, has('l'));
  },
};
