import { ZooKeeperError } from '@nodekeeper/client';
import { parentPath } from '@nodekeeper/protocol';
import { limitPath, noQuota, quotaOptions, quotaPath, quotaRoot, readStats } from '../quota.js';
import { childPath, type Requests } from '../requests.js';
import type { Command } from './command.js';

export const delQuota: Command = {
  name: 'delquota',
  usage: '[-n|-b|-N|-B] path',
  summary: 'remove one limit of a quota, or the whole quota',
  options: { rows: quotaOptions, oneOf: 'optional' },
  words: [1],
  async run({ zk, output, word, has }) {
    const path = word(0);
    try {
      if ((await zk.exists(limitPath(path))) === null) {
        return output.remark(`Quota does not exist for ${path}`, 'stdout');
      }
      const limits = await readStats(zk, limitPath(path));
      const chosen = quotaOptions.find(({ name }) => has(name));
      if (chosen === undefined) return await removeQuota(zk, quotaPath(path));
      limits.set(chosen.key, -1n);
      await zk.set(limitPath(path), limits.toString());
    } catch (error) {
      throw ZooKeeperError.is(error, 'NONODE') ? noQuota(path) : error;
    }
  },
};

/** Deletes the children of the quota's node, then the node, then each ancestor that has no children left. */
async function removeQuota(zk: Requests, path: string): Promise<void> {
  const { children } = await zk.children(path);
  for (const child of children) await zk.delete(childPath(path, child));
  for (let node = path; node !== quotaRoot; node = parentPath(node)) {
    if ((await zk.children(node)).children.length > 0) return;
    await zk.delete(node);
  }
}
