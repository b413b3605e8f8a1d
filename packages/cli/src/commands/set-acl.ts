import { ZooKeeperError } from '@nodekeeper/client';
import { codeText } from '../error-text.js';
import { parseAcl } from '../parse/acl.js';
import { parseVersion } from '../parse/numbers.js';
import { visitSubtree } from '../subtree.js';
import type { Command } from './command.js';
import { showStat } from './show-stat.js';

export const setAcl: Command = {
  name: 'setAcl',
  usage: '[-s] [-v version] [-R] path acl',
  summary: 'set the permissions of a node',
  options: {
    rows: [
      { name: 's', text: 'stats' },
      { name: 'v', takesValue: true, text: 'version' },
      { name: 'R', text: 'recursive' },
    ],
  },
  words: [2],
  async run({ zk, output, word, has, value }) {
    const path = word(0);
    const acl = parseAcl(word(1), (text) => output.remark(text, 'stderr'));
    const version = parseVersion(value('v'));
    if (!has('R')) {
      const stat = await zk.setAcl(path, acl, version);
      if (has('s') || output.isJson) showStat(output, path, stat);
      return;
    }
    await visitSubtree(zk, path, async (node) => {
      try {
        await zk.setAcl(node, acl, version);
      } catch (error) {
        if (!ZooKeeperError.is(error) || error.code === 'ABORTED') throw error;
        output.partialError(codeText(error.number, node));
      }
    });
  },
};
