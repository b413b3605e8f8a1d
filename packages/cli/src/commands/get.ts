import { hexDump } from '../format/hex-dump.js';
import { formatStat, statAsJson } from '../format/stat.js';
import type { Command } from './command.js';

export const get: Command = {
  name: 'get',
  usage: '[-s] [-w] [-b] [-x] path',
  summary: 'print the data of a node',
  options: {
    rows: [
      { name: 's', text: 'Print znode stats additionally' },
      { name: 'w', text: 'Watch for changes on the znode' },
      { name: 'b', text: 'Output data in base64 format' },
      { name: 'x', text: 'Output data in hexdump format' },
    ],
  },
  words: [1],
  listsOptions: true,
  newForm: 'get [-s] [-w] path',
  async run({ zk, output, word, has }) {
    const path = word(0);
    const { data, stat } = await zk.get(path, has('w'));
    const text = dataText(data ?? Buffer.from('null'), has('x') ? 'hex dump' : has('b') ? 'base64' : 'utf8');
    const value = { path, ...dataAsJson(data, has('b')) };
    if (has('s')) output.result(`${text}\n${formatStat(stat)}`, { ...value, stat: statAsJson(stat) });
    else output.result(text, value);
  },
};

function dataText(data: Buffer, form: 'utf8' | 'base64' | 'hex dump'): string {
  return form === 'hex dump' ? hexDump(data) : data.toString(form);
}

/**
 * Returns the data as base64 if `isBase64` is true, or if the bytes are not valid UTF-8, so that nothing is lost.
 * Otherwise returns the data as text.
 */
function dataAsJson(data: Buffer | null, isBase64: boolean): object {
  if (data === null) return { data: null };
  const text = data.toString('utf8');
  const isText = !isBase64 && Buffer.from(text).equals(data);
  return isText ? { data: text } : { base64: data.toString('base64') };
}
