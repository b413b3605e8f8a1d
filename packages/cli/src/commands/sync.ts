import { ZooKeeperError } from '@nodekeeper/client';
import type { Command } from './command.js';

const timeoutMs = 30_000;

export const sync: Command = {
  name: 'sync',
  usage: 'path',
  summary: 'wait until the server has applied every earlier commit',
  options: { rows: [] },
  words: [1],
  async run({ zk, output, word }) {
    const path = word(0);
    try {
      await zk.sync(path, timeoutMs);
    } catch (error) {
      if (!ZooKeeperError.is(error) || error.number === 0) throw error;
      return output.result(`Sync has failed. rc=${error.number}`, { path, synced: false, code: error.code });
    }
    output.result('Sync is OK', { path, synced: true });
  },
};
