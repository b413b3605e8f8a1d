import { formatStat, statAsJson } from '../format/stat.js';
import { optionLines } from '../format/usage.js';
import { visitSubtree } from '../subtree.js';
import type { Call, Command } from './command.js';
import { usageFailure } from './read-call.js';

export const ls: Command = {
  name: 'ls',
  usage: '[-s] [-w] [-R] path',
  summary: 'list the children of a node',
  options: {
    rows: [
      { name: '?', text: 'help' },
      { name: 's', text: 'stat' },
      { name: 'w', text: 'watch' },
      { name: 'R', text: 'recurse' },
    ],
  },
  newForm: 'ls [-w] path',
  async run(call) {
    const { output, words } = call;
    if (call.has('?')) {
      output.remark(`usage: ls [options] path\n${optionLines(ls.options!).trimEnd()}`, 'stdout');
    }
    if (words.length === 0) throw usageFailure(ls);
    if (!call.has('R')) return await listChildren(call, call.word(0));
    await visitSubtree(call.zk, call.word(0), (path) => output.result(path, { path }), call.has('w'));
  },
};

async function listChildren({ zk, output, has }: Call, path: string): Promise<void> {
  const { children, stat } = await zk.children(path, has('w'));
  children.sort();
  const isWithStat = has('s');
  const text = `[${children.join(', ')}]${isWithStat ? `\n${formatStat(stat)}` : ''}`;
  output.result(text, { path, children, ...(isWithStat ? { stat: statAsJson(stat) } : {}) });
}
