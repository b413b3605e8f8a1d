import type { OptionSpec } from '../parse/options.js';

/** One line for each option, its text in a column behind it, in Apache's order: by name, letter case aside. */
export function optionLines(spec: OptionSpec): string {
  const rows = spec.rows.toSorted((left, right) => compare(left.name.toLowerCase(), right.name.toLowerCase()));
  const heads = rows.map((row) => ` -${row.name}${row.takesValue ? ' <arg>' : ''}`);
  const width = Math.max(...heads.map((head) => head.length)) + 3;
  return rows.map((row, index) => `${heads[index].padEnd(width)}${row.text ?? ''}\n`).join('');
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
