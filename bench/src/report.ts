/** Formats measurements as Markdown tables that are also readable as plain text. */
import { type Measurement, median, type RowResult } from './compare.js';
import type { JobResult } from './job.js';
import type { Machine } from './machine.js';
import type { ServerKind } from './servers.js';

/** One part of a run, as text for readers and as data for programs. */
export interface Section {
  name: string;
  markdown: string;
  data: unknown;
}

export const serverNames: Record<ServerKind, string> = {
  nodekeeper: 'nodekeeper',
  apache: 'Apache 3.9.5',
  floor: 'floor',
  baseline: 'baseline',
};

const MIB = 2 ** 20;

/** All tables of a comparison, except the empty ones. */
export function comparison(results: readonly RowResult[]): string {
  return [measurementTable(results), ratioTable(results), baselineTable(results)].filter(Boolean).join('\n\n');
}

export function measurementTable(results: readonly RowResult[]): string {
  const lines = results.flatMap(({ row, measurements }) =>
    measurements.map((measured) => [row.name, serverNames[measured.server], ...measurementCells(measured)]),
  );
  const heads = [
    'row',
    'server',
    'ops/s',
    'ops per CPU s',
    'p50 ms',
    'p99 ms',
    'max ms',
    'RSS MiB',
    'client CPU',
    'errors',
  ];
  return table(heads, lines);
}

function measurementCells(measured: Measurement): string[] {
  return [
    count(measured.operationsPerSecond),
    count(measured.operationsPerCpuSecond),
    milliseconds(measured.p50Ms),
    milliseconds(measured.p99Ms),
    milliseconds(measured.maxMs),
    (measured.residentBytes / MIB).toFixed(0),
    `${(measured.clientCpu * 100).toFixed(0)} %`,
    measured.errors === 0 ? '0' : `INVALID: ${measured.errors}, first: ${measured.firstError}`,
  ];
}

/**
 * One line per row: the ratios of nodekeeper to the other servers, and whether nodekeeper reaches its goals. Empty
 * unless nodekeeper and another server were measured.
 */
export function ratioTable(results: readonly RowResult[]): string {
  const lines = results.flatMap((result) => ratioLine(result) ?? []);
  if (lines.length === 0) return '';
  return table(['row', '/ Apache', '/ Apache per CPU s', 'p99 / Apache', '/ floor', 'goal', 'reached'], lines);
}

/**
 * One line per row: the ratios of nodekeeper to the baseline. Empty without a baseline. Each ratio compares two rounds
 * that follow each other, because the disk may be several times slower a minute later. The median of the ratios counts.
 */
export function baselineTable(results: readonly RowResult[]): string {
  const lines = results.flatMap((result) => baselineLine(result) ?? []);
  if (lines.length === 0) return '';
  return table(['row', 'against the baseline', 'ops/s', 'ops per CPU s', 'p99', 'rounds'], lines);
}

function baselineLine({ row, measurements }: RowResult): string[][] | undefined {
  const of = (kind: ServerKind) => measurements.find((measured) => measured.server === kind);
  const [ours, baseline] = [of('nodekeeper'), of('baseline')];
  if (!ours || !baseline) return undefined;
  const middle = (value: (round: JobResult) => number) =>
    times(median(ours.rounds.map((round, index) => value(round) / value(baseline.rounds[index]!))));
  const operations = middle((round) => round.operations / round.seconds);
  const perCpu = middle((round) => round.operations / round.serverCpuSeconds);
  const p99 = middle((round) => round.latency.p99Ms);
  return [[row.name, 'nodekeeper / baseline', operations, perCpu, p99, String(ours.rounds.length)]];
}

function ratioLine({ row, measurements }: RowResult): string[][] | undefined {
  const of = (kind: ServerKind) => measurements.find((measured) => measured.server === kind);
  const [ours, apache, floor] = [of('nodekeeper'), of('apache'), of('floor')];
  if (!ours || (!apache && !floor)) return undefined;
  if (measurements.some((measured) => measured.errors > 0)) return [[row.name, ...new Array(5).fill('-'), 'INVALID']];
  const vsApache = apache && ours.operationsPerSecond / apache.operationsPerSecond;
  const vsApachePerCpu = apache && ours.operationsPerCpuSecond / apache.operationsPerCpuSecond;
  const p99 = apache && ours.p99Ms / apache.p99Ms;
  const vsFloor = floor && ours.operationsPerSecond / floor.operationsPerSecond;
  const goals: [string, number | undefined, number | undefined][] = [
    ['Apache', row.goal?.vsApache, vsApache],
    ['Apache per CPU s', row.goal?.vsApachePerCpu, vsApachePerCpu],
    ['floor', row.goal?.vsFloor, vsFloor],
  ];
  const asked = goals.filter(([, least]) => least !== undefined);
  const missed = asked.filter(([, least, got]) => got !== undefined && got < least!).map(([name]) => name);
  if (p99 !== undefined && p99 > 1) missed.push('p99');
  const wanted = asked.map(([name, least]) => `${least}x ${name}`).join(', ');
  return [
    [
      row.name,
      times(vsApache),
      times(vsApachePerCpu),
      times(p99),
      times(vsFloor),
      wanted || '-',
      missed.length === 0 ? 'yes' : `no: ${missed.join(', ')}`,
    ],
  ];
}

export function machineLine(machine: Machine): string {
  const { cores, memoryGiB, kernel, node, java, loadBefore } = machine;
  return `${cores} cores, ${memoryGiB} GiB, ${kernel}, Node.js ${node}, Java: ${java}, load average before the run: ${loadBefore}`;
}

/** A Markdown table with its columns padded. */
export function table(heads: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...lines.map((line) => line[column]!.length)));
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => pad(cell, widths[column]!, column)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [row(heads), rule, ...lines.map(row)].join('\n');
}

function pad(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(3) : value.toFixed(1);
}

export function times(ratio: number | undefined): string {
  return ratio === undefined ? '-' : `${ratio.toFixed(2)}x`;
}
