import { formatIdRecord } from '../format/id-record.js';
import { formatStat, statAsJson } from '../format/stat.js';
import { formatPermissions } from '../parse/acl.js';
import type { Command } from './command.js';

export const getAcl: Command = {
  name: 'getAcl',
  usage: '[-s] path',
  summary: 'print the permissions of a node',
  options: { rows: [{ name: 's', text: 'stats' }] },
  words: [1],
  async run({ zk, output, word, has }) {
    const path = word(0);
    const { acl, stat } = await zk.getAcl(path);
    const lines = acl.map((entry) => `${formatIdRecord(entry)}: ${formatPermissions(entry.perms)}`);
    const entries = acl.map(({ scheme, id, perms }) => ({ scheme, id, perms: formatPermissions(perms) }));
    if (has('s')) lines.push(formatStat(stat));
    output.result(lines.join('\n'), { path, acl: entries, ...(has('s') ? { stat: statAsJson(stat) } : {}) });
  },
};
