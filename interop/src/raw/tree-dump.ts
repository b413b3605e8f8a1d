import { RawConnection } from './connection.js';
import type { Request } from './operations.js';
import type { RecordValue, Value } from './records.js';

/**
 * One line for every node with its data, Stat and ACL, ordered by path. `auth` must permit all reads. The session that
 * reads the tree takes a zxid, but leaves no trace in the tree.
 */
export async function dumpTree(port: number, auth: Request): Promise<string[]> {
  const connection = await RawConnection.open(port);
  await connection.must(auth);
  const lines: string[] = [];
  const paths = ['/'];
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const data = await connection.must({ operation: 'getData', value: { path, watch: false } });
    const acl = await connection.must({ operation: 'getACL', value: { path } });
    const { children } = await connection.must({ operation: 'getChildren', value: { path, watch: false } });
    lines.push(`${path} ${plainText({ ...data, acl: acl.acl! })}`);
    for (const child of children as string[]) paths.push(path === '/' ? `/${child}` : `${path}/${child}`);
  }
  await connection.call({ operation: 'closeSession' });
  return lines.toSorted();
}

/** Formats the fields of a record by name, with bytes as Latin-1. */
export function plainText(value: RecordValue): string {
  return JSON.stringify(value, (_key, item: Value) => {
    if (typeof item === 'bigint') return item.toString();
    const data = (item as { type?: string; data?: number[] } | null)?.data;
    return Array.isArray(data) ? Buffer.from(data).toString('latin1') : item;
  });
}

/** The lines that are in only one of the two lists, at most 12 for each list. Null if the lists are equal. */
export function difference(expected: string[], actual: string[]): string | null {
  const index = expected.findIndex((line, at) => line !== actual[at]);
  if (index < 0 && expected.length === actual.length) return null;
  const only = (lines: string[], others: string[], mark: string) => {
    const known = new Set(others);
    return lines.filter((line) => !known.has(line)).map((line) => `  ${mark} ${line}`);
  };
  const [missing, added] = [only(expected, actual, '-'), only(actual, expected, '+')];
  const where = `first in line ${(index < 0 ? expected.length : index) + 1} of ${expected.length} and ${actual.length}`;
  if (missing.length + added.length === 0) return `the same lines in another order, ${where}: ${expected[index]}`;
  return [`${where}:`, ...missing.slice(0, 12), ...added.slice(0, 12)].join('\n');
}
