import { Failure } from '../failure.js';
import { parseInt32 } from '../parse/numbers.js';
import { childPath, type Requests } from '../requests.js';
import type { Command } from './command.js';

const batchSizeDefault = 1000;

export const deleteAll: Command = {
  name: 'deleteall',
  usage: 'path [-b batch size]',
  summary: 'delete a node and everything below it',
  options: { rows: [{ name: 'b', takesValue: true, text: 'batch size' }] },
  words: [1],
  async run({ zk, word, value }) {
    const path = word(0);
    const batchSize = readBatchSize(value('b'));
    const paths = await listSubtree(zk, path);
    paths.reverse(); // delete children before their parents
    if (batchSize <= 0) {
      for (const node of paths) await zk.delete(node);
    } else if (!(await zk.deleteInBatches(paths, batchSize))) {
      throw new Failure('Failed to delete some node(s) in the subtree!', 0, { path });
    }
  },
};

function readBatchSize(text: string | undefined): number {
  if (text === undefined) return batchSizeDefault;
  try {
    return parseInt32(text);
  } catch {
    throw new Failure('-b argument must be an int value');
  }
}

/** Lists the node and all its descendants, breadth first. */
async function listSubtree(zk: Requests, root: string): Promise<string[]> {
  const paths = [root];
  // the loop also visits the paths that its own body appends
  for (const path of paths) {
    const { children } = await zk.children(path);
    for (const child of children) paths.push(childPath(path, child));
  }
  return paths;
}
