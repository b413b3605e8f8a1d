/** The rows of the comparison, and nodekeeper's goal in each. */
import type { Workload } from './job.js';

export interface Row {
  name: string;
  workload: Workload;
  connections: number;
  window: number;
  /** The goals of nodekeeper, as lower bounds of ratios. A row without a goal is only reported. */
  goal?: { vsApache?: number; vsApachePerCpu?: number; vsFloor?: number };
}

export const rows: readonly Row[] = [
  { name: 'get 1x1', workload: 'get', connections: 1, window: 1, goal: { vsApache: 2.2 } },
  { name: 'get 50x1', workload: 'get', connections: 50, window: 1, goal: { vsApache: 1, vsApachePerCpu: 1.4 } },
  { name: 'get 10x100', workload: 'get', connections: 10, window: 100, goal: { vsApache: 6, vsFloor: 0.6 } },
  { name: 'set 1x1', workload: 'set', connections: 1, window: 1, goal: { vsApache: 1.1 } },
  { name: 'set 50x1', workload: 'set', connections: 50, window: 1, goal: { vsApache: 1, vsApachePerCpu: 1.6 } },
  { name: 'set 10x100', workload: 'set', connections: 10, window: 100, goal: { vsApache: 3.5, vsFloor: 0.6 } },
  { name: 'create 10x100', workload: 'create', connections: 10, window: 100, goal: { vsApache: 2.5 } },
  { name: 'mix 10x100', workload: 'mix', connections: 10, window: 100 },
  { name: 'watch fan-out 500', workload: 'fanout', connections: 500, window: 1 },
];

/**
 * The rows whose name contains one of the given texts, or all rows if no text is given. Throws if a text is in no name.
 */
export function selectRows(wanted: readonly string[]): Row[] {
  for (const text of wanted) {
    if (!rows.some((row) => row.name.includes(text))) {
      throw new Error(`No row is called "${text}"; rows are: ${rows.map((row) => row.name).join(', ')}.`);
    }
  }
  return rows.filter((row) => wanted.length === 0 || wanted.some((text) => row.name.includes(text)));
}
