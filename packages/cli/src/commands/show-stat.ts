import type { Stat } from '@nodekeeper/client';
import { formatStat, statAsJson } from '../format/stat.js';
import type { Output } from '../output.js';

/** Prints the stat of a node as the result of a command. */
export function showStat(output: Output, path: string, stat: Stat): void {
  output.result(formatStat(stat), { path, stat: statAsJson(stat) });
}
