/** Measures each row of the comparison on all servers in turn. */
import type { JobResult } from './job.js';
import type { Options } from './options.js';
import { Profile } from './profile.js';
import type { Row } from './rows.js';
import { runJob } from './run-job.js';
import { makeDataDirectory, removeDataDirectory, type Server, type ServerKind, startServer } from './servers.js';

/**
 * The wait between the start of the load and the measurement, in which new connections settle. It can be short, because
 * the server is already warm.
 */
const SETTLE_SECONDS = 0.5;

export interface Measurement {
  server: ServerKind;
  rounds: JobResult[];
  /** The median over the rounds. Each number below is also such a median, except `errors`. */
  operationsPerSecond: number;
  operationsPerCpuSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  residentBytes: number;
  /** The share of one core that the load generator used. */
  clientCpu: number;
  errors: number;
  firstError: string | null;
}

export interface RowResult {
  row: Row;
  measurements: Measurement[];
}

/** Starts new servers for the row and warms each of them up. Then measures the servers in turn. */
export async function compareRow(row: Row, options: Options): Promise<RowResult> {
  const running: { kind: ServerKind; server: Server; directory: string; rounds: JobResult[] }[] = [];
  const profile = options.profile ? new Profile() : undefined;
  try {
    for (const kind of options.servers) {
      const directory = makeDataDirectory();
      const nodeOptions = kind === 'nodekeeper' && profile ? profile.nodeOptions : [];
      const server = await startServer(kind, directory, {
        config: options.config,
        nodeOptions,
        baseline: options.baseline,
      });
      running.push({ kind, server, directory, rounds: [] });
    }
    for (const { server } of running) await measure(row, [server], options, 'warm', options.warmupSeconds, 0.1);
    for (let round = 0; round < options.rounds; round++) {
      for (const entry of running) {
        entry.rounds.push(await measure(row, [entry.server], options, String(round), SETTLE_SECONDS, options.seconds));
      }
    }
  } finally {
    for (const { server, directory } of running) {
      await server.stop();
      removeDataDirectory(directory);
    }
  }
  if (profile) console.log(`${row.name}: time spent by nodekeeper's main thread\n\n${profile.finish()}\n`);
  return { row, measurements: running.map(({ kind, rounds }) => summarize(kind, rounds)) };
}

/** Measures a row once, on one server or on all servers of an ensemble. */
export function measure(
  row: Row,
  servers: readonly Pick<Server, 'port' | 'pid'>[],
  options: Options,
  run: string,
  warmupSeconds: number,
  seconds: number,
) {
  const { workload, connections, window } = row;
  const { payloadBytes } = options;
  const ports = servers.map(({ port }) => port);
  const serverPids = servers.map(({ pid }) => pid);
  return runJob({ workload, ports, serverPids, connections, window, payloadBytes, warmupSeconds, seconds, run });
}

/** Summarizes the rounds of one server. Each number is the median over the rounds. */
export function summarize(server: ServerKind, rounds: JobResult[]): Measurement {
  const middle = (value: (round: JobResult) => number) => median(rounds.map(value));
  return {
    server,
    rounds,
    operationsPerSecond: middle((round) => round.operations / round.seconds),
    operationsPerCpuSecond: middle((round) => round.operations / round.serverCpuSeconds),
    p50Ms: middle((round) => round.latency.p50Ms),
    p99Ms: middle((round) => round.latency.p99Ms),
    maxMs: middle((round) => round.latency.maxMs),
    residentBytes: middle((round) => round.serverResidentBytes),
    clientCpu: middle((round) => round.clientCpuSeconds / round.seconds),
    errors: rounds.reduce((sum, round) => sum + round.errors, 0),
    firstError: rounds.find((round) => round.firstError !== null)?.firstError ?? null,
  };
}

/**
 * The middle value. If the number of values is even, it is the smaller of the two values in the middle. NaN if there
 * are no values.
 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}
