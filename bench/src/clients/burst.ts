/**
 * Makes many requests at once, and measures the time until all have a reply. Shows whether the cost of one request
 * grows with the number of requests in flight.
 */
import { median } from '../compare.js';
import type { Options } from '../options.js';
import { runProgram, TimeLimit } from '../run-job.js';
import type { Server } from '../servers.js';
import type { BurstResult, Operation } from './client-job.js';
import type { ContenderName, Installed } from './contenders.js';
import { loadProgram, withServer } from './throughput.js';
import type { BurstTime } from './window.js';

export interface BurstRow {
  operation: Operation;
  outstanding: number;
  repeats: number;
}

const burstRows: readonly BurstRow[] = (['get', 'set'] as const).flatMap((operation) => [
  { operation, outstanding: 1000, repeats: 20 },
  { operation, outstanding: 10_000, repeats: 5 },
  { operation, outstanding: 100_000, repeats: 1 },
]);

/** The time limit for one client process, which runs all repetitions of one row of the results table. */
export const burstLimitMs = 60_000;

export interface BurstMeasurement {
  client: ContenderName;
  row: BurstRow;
  /** The median over all repetitions in all rounds. Undefined if a process exceeded its time limit. */
  totalMs: number | undefined;
  /**
   * The client's CPU time: the median over all repetitions in all rounds. Undefined if a process exceeded its time
   * limit.
   */
  cpuMs: number | undefined;
  peakResidentBytes: number;
  errors: number;
  firstError: string | null;
  rounds: BurstResult[];
}

/**
 * Measures all clients in turn, row by row. Starts a new server for each row, and a new client process for each
 * measurement.
 */
export async function measureBursts(clients: readonly Installed[], options: Options): Promise<BurstMeasurement[]> {
  const measurements: BurstMeasurement[] = [];
  for (const row of burstRows) {
    console.error(`${row.operation}, ${row.outstanding} at once ...`);
    measurements.push(...(await withServer(options, (server) => measureRow(row, clients, server, options))));
  }
  return measurements;
}

async function measureRow(row: BurstRow, clients: readonly Installed[], server: Server, options: Options) {
  const results = new Map<Installed, (BurstResult | undefined)[]>(clients.map((client) => [client, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const [client, rounds] of results) {
      // a client that has exceeded the time limit once is not measured again
      if (!rounds.includes(undefined)) rounds.push(await runBounded(row, client, server, options));
    }
  }
  return [...results].map(([client, rounds]) => summarize(client.name, row, rounds));
}

async function runBounded(
  { operation, outstanding, repeats }: BurstRow,
  { name: contender, entry }: Installed,
  { port, pid: serverPid }: Server,
  { payloadBytes }: Options,
): Promise<BurstResult | undefined> {
  const common = { contender, entry, port, serverPid, payloadBytes };
  try {
    const job = { kind: 'burst', ...common, operation, outstanding, repeats };
    return await runProgram<BurstResult>(loadProgram, job, { limitMs: burstLimitMs });
  } catch (error) {
    if (error instanceof TimeLimit) return undefined;
    throw error;
  }
}

function summarize(client: ContenderName, row: BurstRow, results: (BurstResult | undefined)[]): BurstMeasurement {
  const rounds = results.filter((result) => result !== undefined);
  const times = rounds.length < results.length ? [] : rounds.flatMap((round) => round.times);
  const middle = (value: (time: BurstTime) => number) => (times.length > 0 ? median(times.map(value)) : undefined);
  return {
    client,
    row,
    totalMs: middle(({ milliseconds }) => milliseconds),
    cpuMs: middle(({ cpuMilliseconds }) => cpuMilliseconds),
    peakResidentBytes: median(rounds.map(({ peakResidentBytes }) => peakResidentBytes)),
    errors: rounds.reduce((sum, round) => sum + round.errors, 0),
    firstError: rounds.find((round) => round.firstError !== null)?.firstError ?? null,
    rounds,
  };
}
