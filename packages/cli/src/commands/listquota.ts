import { ZooKeeperError } from '@nodekeeper/client';
import { limitPath, noQuota, readStats, usagePath } from '../quota.js';
import type { Command } from './command.js';

export const listQuota: Command = {
  name: 'listquota',
  usage: 'path',
  summary: 'print the quota of a node and its usage',
  options: { rows: [] },
  words: [1],
  async run({ zk, output, word }) {
    const path = word(0);
    output.remark(`absolute path is ${limitPath(path)}`, 'stderr');
    try {
      const limits = await readStats(zk, limitPath(path));
      const usage = await readStats(zk, usagePath(path));
      output.result(`Output quota for ${path} ${limits}\nOutput stat for ${path} ${usage}`, { path, limits, usage });
    } catch (error) {
      throw ZooKeeperError.is(error, 'NONODE') ? noQuota(path) : error;
    }
  },
};
