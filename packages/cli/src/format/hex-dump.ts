const ruler = '+-------------------------------------------------+';
const columns = '|  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |';
const rowBytes = 16;

/**
 * Returns the table that `get -x` prints, in the layout of Netty's hex dump. Returns an empty text if there is no data.
 */
export function hexDump(data: Uint8Array): string {
  if (data.length === 0) return '';
  const frame = `+--------${ruler}----------------+`;
  const rows: string[] = [];
  for (let start = 0; start < data.length; start += rowBytes) rows.push(dumpRow(data, start));
  return [`         ${ruler}`, `         ${columns}`, frame, ...rows, frame].join('\n');
}

function dumpRow(data: Uint8Array, start: number): string {
  const bytes = [...data.subarray(start, start + rowBytes)];
  const digits = bytes.map((byte) => ` ${byte.toString(16).padStart(2, '0')}`).join('');
  const letters = bytes.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  const offset = start.toString(16).padStart(8, '0');
  return `|${offset}|${digits.padEnd(rowBytes * 3)} |${letters.padEnd(rowBytes)}|`;
}
