import type { OptionSpec } from '../parse/options.js';

/**
 * Formats one line per option, with the descriptions in a second column. The options are sorted by name, ignoring case,
 * as in ZooKeeper's shell.
 */
export function optionLines(spec: OptionSpec): string {
  const rows = spec.rows.toSorted((left, right) => compare(left.name.toLowerCase(), right.name.toLowerCase()));
  const lines = rows.map((row) => ({ head: ` -${row.name}${row.takesValue ? ' <arg>' : ''}`, text: row.text ?? '' }));
  const width = Math.max(...lines.map(({ head }) => head.length)) + 3;
  return lines.map(({ head, text }) => `${head.padEnd(width)}${text}\n`).join('');
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
