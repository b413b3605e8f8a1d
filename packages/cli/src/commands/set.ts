import { Failure } from '../failure.js';
import { parseVersion } from '../parse/numbers.js';
import type { Command } from './command.js';
import { showStat } from './show-stat.js';

export const set: Command = {
  name: 'set',
  usage: 'path data [-s] [-v version] [-b]',
  summary: 'write the data of a node',
  options: {
    rows: [
      { name: 's', text: 'Print znode stats additionally' },
      { name: 'v', takesValue: true, text: 'Set with an expected version' },
      { name: 'b', text: 'Supply data in base64 format' },
    ],
  },
  words: [2],
  listsOptions: true,
  async run({ zk, output, word, has, value }) {
    const [path, text] = [word(0), word(1)];
    const data = has('b') ? decodeBase64(text) : text;
    const stat = await zk.set(path, data, parseVersion(value('v')));
    if (has('s') || output.isJson) showStat(output, path, stat);
  },
};

function decodeBase64(text: string): Buffer {
  const foreign = /[^A-Za-z0-9+/=]/.exec(text);
  if (foreign !== null) throw new Failure(`Illegal base64 character ${foreign[0].charCodeAt(0).toString(16)}`);
  const isWhole = /^[^=]*={0,2}$/.test(text) && (text.includes('=') ? text.length % 4 === 0 : text.length % 4 !== 1);
  if (!isWhole) throw new Failure('Input is not valid base64: it is truncated, or has = before its end');
  return Buffer.from(text, 'base64');
}
