/** Measures a tree of a million nodes: loading it, its memory, restarts, and replies while a snapshot is written. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from './compare.js';
import type { Options } from './options.js';
import { type ProbeResult, probe } from './probe.js';
import { residentBytes } from './process-stats.js';
import { count, milliseconds, type Section, serverNames, table } from './report.js';
import { runJob } from './run-job.js';
import { makeDataDirectory, removeDataDirectory, type ServerKind, startServer } from './servers.js';
import { startTimed } from './startup.js';

const CONNECTIONS = 10;
const WINDOW = 100;
const SETTLE_MS = 5000;
const PROBE_SECONDS = 15;
/**
 * A small snapCount, so that the server writes snapshots often. The probe makes 200 sets a second, so a snapshot is due
 * every 2.5 to 5 s.
 */
const OFTEN = { snapCount: '1000' };
const NEVER = { snapCount: '100000000' };
const MIB = 2 ** 20;

interface MillionResult {
  server: ServerKind;
  loadSeconds: number;
  loadCpuSeconds: number;
  loadP99Ms: number;
  loadedBytes: number;
  settledBytes: number;
  restartsMs: number[];
  restartedBytes: number;
  quiet: ProbeResult;
  snapshotting: ProbeResult;
  snapshots: number;
  errors: number;
}

export async function measureMillion(options: Options): Promise<Section> {
  const results: MillionResult[] = [];
  for (const kind of options.servers.filter((name) => name !== 'floor')) {
    const directory = makeDataDirectory();
    try {
      results.push(await measureOne(kind, directory, options));
    } finally {
      removeDataDirectory(directory);
    }
  }
  const title = `${count(options.nodes)} nodes of 100 bytes, ${CONNECTIONS} connections x ${WINDOW} to load them`;
  return { name: 'million', markdown: `${title}:\n\n${millionTable(results)}`, data: results };
}

async function measureOne(kind: ServerKind, directory: string, options: Options): Promise<MillionResult> {
  const loaded = await load(kind, directory, options);
  const restartsMs: number[] = [];
  let restartedBytes = 0;
  for (let round = 0; round < options.rounds; round++) {
    console.error(`${kind}: restart ...`);
    const { server, answeredMs } = await startTimed(kind, directory, options);
    restartsMs.push(answeredMs);
    restartedBytes = residentBytes(server.pid);
    await server.stop();
  }
  const quiet = await probeRunning(kind, directory, { ...options, config: { ...options.config, ...NEVER } });
  const snapshotting = await probeRunning(kind, directory, { ...options, config: { ...options.config, ...OFTEN } });
  const errors = loaded.errors + quiet.result.errors + snapshotting.result.errors;
  return {
    server: kind,
    ...loaded,
    restartsMs,
    restartedBytes,
    quiet: quiet.result,
    snapshotting: snapshotting.result,
    snapshots: snapshotting.snapshots,
    errors,
  };
}

async function load(kind: ServerKind, directory: string, options: Options) {
  console.error(`${kind}: loading ${options.nodes} nodes ...`);
  const server = await startServer(kind, directory, options);
  const result = await runJob({
    workload: 'tree',
    ports: [server.port],
    serverPids: [server.pid],
    connections: CONNECTIONS,
    window: WINDOW,
    payloadBytes: 100,
    warmupSeconds: 0,
    seconds: 0,
    nodes: options.nodes,
    run: 'tree',
  });
  await delay(SETTLE_MS);
  const settledBytes = residentBytes(server.pid);
  await server.stop();
  return {
    loadSeconds: result.seconds,
    loadCpuSeconds: result.serverCpuSeconds,
    loadP99Ms: result.latency.p99Ms,
    loadedBytes: result.serverResidentBytes,
    settledBytes,
    errors: result.errors,
  };
}

async function probeRunning(kind: ServerKind, directory: string, options: Pick<Options, 'config' | 'baseline'>) {
  console.error(`${kind}: probing with snapCount ${options.config.snapCount} ...`);
  const { server } = await startTimed(kind, directory, options);
  await delay(SETTLE_MS);
  const before = new Set(snapshotsIn(directory));
  const result = await probe(server.port, '/bench/p0000', Buffer.alloc(100, 'y'), PROBE_SECONDS);
  const snapshots = snapshotsIn(directory).filter((name) => !before.has(name)).length;
  await server.stop();
  return { result, snapshots };
}

function snapshotsIn(directory: string): string[] {
  return readdirSync(join(directory, 'version-2')).filter((name) => name.startsWith('snapshot.'));
}

function millionTable(results: readonly MillionResult[]): string {
  const apache = results.find((result) => result.server === 'apache');
  const ours = results.find((result) => result.server === 'nodekeeper');
  const lines: [string, (result: MillionResult) => number, (value: number) => string][] = [
    ['time to load, s', (result) => result.loadSeconds, (value) => value.toFixed(1)],
    ['server CPU to load, s', (result) => result.loadCpuSeconds, (value) => value.toFixed(1)],
    ['p99 while loading, ms', (result) => result.loadP99Ms, milliseconds],
    ['RSS when loaded, MiB', (result) => result.loadedBytes / MIB, count],
    ['RSS 5 s later, MiB', (result) => result.settledBytes / MIB, count],
    ['restart to first answer, s', (result) => median(result.restartsMs) / 1000, (value) => value.toFixed(2)],
    ['RSS after restart, MiB', (result) => result.restartedBytes / MIB, count],
    ['quiet: get p99, ms', (result) => result.quiet.get.p99Ms, milliseconds],
    ['quiet: get max, ms', (result) => result.quiet.get.maxMs, milliseconds],
    ['quiet: set p99, ms', (result) => result.quiet.set.p99Ms, milliseconds],
    ['quiet: set max, ms', (result) => result.quiet.set.maxMs, milliseconds],
    ['snapshots during the next four rows', (result) => result.snapshots, count],
    ['snapshot: get p99, ms', (result) => result.snapshotting.get.p99Ms, milliseconds],
    ['snapshot: get max, ms', (result) => result.snapshotting.get.maxMs, milliseconds],
    ['snapshot: set p99, ms', (result) => result.snapshotting.set.p99Ms, milliseconds],
    ['snapshot: set max, ms', (result) => result.snapshotting.set.maxMs, milliseconds],
    ['errors (any makes the column invalid)', (result) => result.errors, count],
  ];
  const heads = ['measure', ...results.map((result) => serverNames[result.server]), 'nodekeeper / Apache'];
  const cells = lines.map(([name, value, format]) => [
    name,
    ...results.map((result) => format(value(result))),
    ours && apache && value(apache) > 0 ? `${(value(ours) / value(apache)).toFixed(2)}x` : '-',
  ]);
  return table(heads, cells);
}
