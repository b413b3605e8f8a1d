/**
 * Formats the measurements of the clients as tables. Each ratio is the value of @nodekeeper/client, divided by the
 * value of the other client.
 */
import { count, milliseconds, table, times } from '../report.js';
import type { BurstMeasurement } from './burst.js';
import { burstLimitMs } from './burst.js';
import { type ContenderName, contenders, type Missing } from './contenders.js';
import type { Footprint } from './footprint.js';
import { type ClientMeasurement, type ClientRowResult, rowName } from './throughput.js';

/**
 * nodekeeper's latency counts as worse only if it is more than this many times the other client's latency. Smaller
 * differences mean nothing, because other programs may use the machine.
 */
const latencyTolerance = 1.05;
const mib = 2 ** 20;

const ourName: ContenderName = '@nodekeeper/client';
const ours = <Entry extends { client: ContenderName }>(entries: readonly Entry[]) =>
  entries.find(({ client }) => client === ourName);
const goalOf = (client: ContenderName) => contenders.find(({ name }) => name === client)?.goal;

/**
 * Finds the entry of nodekeeper's client among `entries`, for a comparison with `entry`. Undefined if `entry` itself is
 * that entry, or if one of the two has errors.
 */
function comparable<Entry extends { client: ContenderName; errors: number }>(
  entry: Entry,
  entries: readonly Entry[],
): Entry | undefined {
  const own = ours(entries);
  return own && own !== entry && own.errors + entry.errors === 0 ? own : undefined;
}

/** A text that says that a measurement is invalid, with its first error. Empty if there were no errors. */
function invalid({ errors, firstError }: { errors: number; firstError: string | null }): string {
  return errors === 0 ? '' : `INVALID: ${errors} errors, first: ${firstError}`;
}

export function throughputTable(results: readonly ClientRowResult[]): string {
  const heads = [
    'row',
    'client',
    'ops/s',
    'ops per client CPU s',
    'client CPU',
    'server CPU',
    'ratio ops/s',
    'ratio per CPU s',
    'goal',
    'reached',
  ];
  const lines = results.flatMap(({ row, measurements }) =>
    measurements.map((measured) => [
      rowName(row),
      measured.client,
      count(measured.operationsPerSecond),
      count(measured.operationsPerCpuSecond),
      percent(measured.clientCpu),
      percent(measured.serverCpu),
      ...throughputVerdict(measured, comparable(measured, measurements)),
    ]),
  );
  return table(heads, lines);
}

/** The last four cells of a line: the two ratios, the goal, and whether both ratios reach the goal. */
function throughputVerdict(theirs: ClientMeasurement, own: ClientMeasurement | undefined): string[] {
  if (!own) return ['-', '-', '-', invalid(theirs) || '-'];
  const perSecond = own.operationsPerSecond / theirs.operationsPerSecond;
  const perCpuSecond = own.operationsPerCpuSecond / theirs.operationsPerCpuSecond;
  const goal = goalOf(theirs.client) ?? 1;
  const missed = [...(perSecond < goal ? ['ops/s'] : []), ...(perCpuSecond < goal ? ['per CPU s'] : [])];
  return [times(perSecond), times(perCpuSecond), `${goal}x`, missed.length === 0 ? 'yes' : `no: ${missed.join(', ')}`];
}

export function latencyTable(results: readonly ClientRowResult[]): string {
  const lines = results.flatMap(({ row, measurements }) =>
    measurements.map((measured) => [
      rowName(row),
      measured.client,
      milliseconds(measured.p50Ms),
      milliseconds(measured.p99Ms),
      count(measured.operationsPerCpuSecond),
      ...latencyVerdict(measured, comparable(measured, measurements)),
    ]),
  );
  const heads = ['row', 'client', 'p50 ms', 'p99 ms', 'ops per client CPU s', 'ratio p50', 'ratio p99', 'no worse'];
  return table(heads, lines);
}

function latencyVerdict(theirs: ClientMeasurement, own: ClientMeasurement | undefined): string[] {
  if (!own) return ['-', '-', invalid(theirs) || '-'];
  const [p50, p99] = [own.p50Ms / theirs.p50Ms, own.p99Ms / theirs.p99Ms];
  const missed = [...(p50 > latencyTolerance ? ['p50'] : []), ...(p99 > latencyTolerance ? ['p99'] : [])];
  return [times(p50), times(p99), missed.length === 0 ? 'yes' : `no: ${missed.join(', ')}`];
}

export function burstTable(measurements: readonly BurstMeasurement[]): string {
  const heads = [
    'row',
    'client',
    'total ms',
    'us each',
    'client CPU us each',
    'against 1,000',
    'peak RSS MiB',
    'ratio',
  ];
  return table(
    heads,
    measurements.map((measured) => {
      const { row, client, totalMs, cpuMs } = measured;
      const own = comparable(
        measured,
        measurements.filter((other) => other.row === row),
      );
      const each = (ms: number) => ((ms * 1000) / row.outstanding).toFixed(1);
      const cells =
        totalMs === undefined || cpuMs === undefined
          ? [`> ${count(burstLimitMs)}`, '-', '-', '-', '-']
          : [
              milliseconds(totalMs),
              each(totalMs),
              each(cpuMs),
              times(growth(measured, measurements)),
              (measured.peakResidentBytes / mib).toFixed(0),
            ];
      const ratio = own?.totalMs && totalMs ? times(own.totalMs / totalMs) : invalid(measured) || '-';
      return [`${row.operation}, ${count(row.outstanding)} at once`, client, ...cells, ratio];
    }),
  );
}

/**
 * The client's CPU time per request, divided by its CPU time per request in the smallest burst. The result is 1 if the
 * cost is linear. It is not based on wall-clock time, because that includes the work of the server.
 */
export function growth(measured: BurstMeasurement, all: readonly BurstMeasurement[]): number | undefined {
  const { client, row, cpuMs } = measured;
  const smallest = all.find((other) => other.client === client && other.row.operation === row.operation);
  if (smallest?.cpuMs === undefined || cpuMs === undefined) return undefined;
  return cpuMs / row.outstanding / (smallest.cpuMs / smallest.row.outstanding);
}

const footprintColumns: readonly [head: string, unit: string, value: (footprint: Footprint) => number][] = [
  ['import', 'ms', ({ importMs }) => importMs],
  ['JavaScript loaded', 'KiB', ({ loadedBytes }) => loadedBytes / 1024],
  ['minified', 'KiB', ({ minifiedBytes }) => minifiedBytes / 1024],
  ['and gzipped', 'KiB', ({ gzipBytes }) => gzipBytes / 1024],
  ['native code', 'KiB', ({ nativeBytes }) => nativeBytes / 1024],
  ['packages', '', ({ packages }) => packages],
  ['on disk', 'KiB', ({ installedBytes }) => installedBytes / 1024],
  ['RSS connected', 'MiB', ({ residentBytes }) => residentBytes / mib],
  ['of it added', 'MiB', ({ addedResidentBytes }) => addedResidentBytes / mib],
];

/** A table with a line for each measure, a column for each client, and a column for each ratio. */
export function footprintTable(footprints: readonly Footprint[]): string {
  const own = ours(footprints);
  const others = footprints.filter((footprint) => footprint !== own);
  const names = footprints.map(({ client, version }) => `${client} ${version}`);
  const heads = ['measure', 'unit', ...names, ...others.map(({ client }) => `@nodekeeper/client / ${client}`)];
  const lines = footprintColumns.map(([head, unit, value]) => [
    head,
    unit,
    ...footprints.map((footprint) => value(footprint).toFixed(unit === '' || value(footprint) >= 100 ? 0 : 1)),
    ...others.map((other) => (own && value(other) > 0 ? times(value(own) / value(other)) : '-')),
  ]);
  return table(heads, lines);
}

export function missingText(missing: readonly Missing[]): string {
  return missing.map(({ name, reason }) => `${name}: not installed: ${reason}`).join('\n\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
