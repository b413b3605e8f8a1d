/** Measures clients with many requests in flight on one connection, and with one request at a time. */
import { fileURLToPath } from 'node:url';
import { median } from '../compare.js';
import type { JobResult } from '../job.js';
import type { Options } from '../options.js';
import { Profile } from '../profile.js';
import { runProgram } from '../run-job.js';
import { makeDataDirectory, removeDataDirectory, type Server, startServer } from '../servers.js';
import type { Operation, PipelineJob } from './client-job.js';
import type { ContenderName, Installed } from './contenders.js';
import { createKeys } from './keys.js';

export interface ClientRow {
  operation: Operation;
  window: number;
}

export const clientRows: readonly ClientRow[] = [
  { operation: 'get', window: 100 },
  { operation: 'get', window: 1000 },
  { operation: 'set', window: 100 },
  { operation: 'set', window: 1000 },
  { operation: 'get', window: 1 },
  { operation: 'set', window: 1 },
];

/**
 * With `forceSync=no`, the server replies to a write before the write is on disk. The benchmark measures the clients
 * and not the disk.
 */
const serverConfig = { forceSync: 'no' };
/** How long each process makes requests before the measurement, so that V8 compiles the code and the buffers grow. */
const warmupSeconds = 1.5;

export const loadProgram = fileURLToPath(new URL('./client-load.js', import.meta.url));

export interface ClientMeasurement {
  client: ContenderName;
  rounds: JobResult[];
  /** The median over the rounds. Each number below is also such a median, except `errors`. */
  operationsPerSecond: number;
  operationsPerCpuSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** The CPU use of the client process as a share of one core: 1 means that it kept one core busy. */
  clientCpu: number;
  /** The CPU use of the server process as a share of one core. */
  serverCpu: number;
  errors: number;
  firstError: string | null;
}

export interface ClientRowResult {
  row: ClientRow;
  measurements: ClientMeasurement[];
}

/** Measures the clients in turn against one server. Each measurement has a new client process. */
export async function compareClients(
  row: ClientRow,
  clients: readonly Installed[],
  options: Options,
): Promise<ClientRowResult> {
  const profile = options.profile ? new Profile() : undefined;
  const results = new Map<ContenderName, JobResult[]>(clients.map(({ name }) => [name, []]));
  await withServer(options, async (server) => {
    const measure = (client: Installed, seconds: number, nodeOptions: string[] = []) =>
      runProgram<JobResult>(loadProgram, pipelineJob(row, client, server, options, seconds), { nodeOptions });
    await measure(clients[0]!, options.warmupSeconds);
    for (let round = 0; round < options.rounds; round++) {
      for (const client of clients) {
        const isProfiled = client.name === '@nodekeeper/client' && round === 0;
        const nodeOptions = isProfiled ? profile?.nodeOptions : undefined;
        results.get(client.name)!.push(await measure(client, options.seconds, nodeOptions));
      }
    }
  });
  if (profile) console.log(`${rowName(row)}: time spent by nodekeeper's client\n\n${profile.finish()}\n`);
  return { row, measurements: [...results].map(([client, rounds]) => summarize(client, rounds)) };
}

export function rowName({ operation, window }: ClientRow): string {
  return window === 1 ? `${operation}, one at a time` : `${operation}, ${window} outstanding`;
}

/** Starts a new server, creates the nodes that the clients use, and runs `work`. Then stops the server. */
export async function withServer<Result>(options: Options, work: (server: Server) => Promise<Result>): Promise<Result> {
  const directory = makeDataDirectory();
  const server = await startServer(options.clientsServer, directory, {
    config: { ...serverConfig, ...options.config },
  });
  try {
    await createKeys(server.port, options.payloadBytes);
    return await work(server);
  } finally {
    await server.stop();
    removeDataDirectory(directory);
  }
}

function pipelineJob(
  { operation, window }: ClientRow,
  { name: contender, entry }: Installed,
  { port, pid: serverPid }: Server,
  { payloadBytes }: Options,
  seconds: number,
): PipelineJob {
  return {
    kind: 'pipeline',
    contender,
    entry,
    port,
    serverPid,
    payloadBytes,
    operation,
    window,
    warmupSeconds,
    seconds,
  };
}

function summarize(client: ContenderName, rounds: JobResult[]): ClientMeasurement {
  const middle = (value: (round: JobResult) => number) => median(rounds.map(value));
  return {
    client,
    rounds,
    operationsPerSecond: middle((round) => round.operations / round.seconds),
    operationsPerCpuSecond: middle((round) => round.operations / round.clientCpuSeconds),
    p50Ms: middle((round) => round.latency.p50Ms),
    p99Ms: middle((round) => round.latency.p99Ms),
    clientCpu: middle((round) => round.clientCpuSeconds / round.seconds),
    serverCpu: middle((round) => round.serverCpuSeconds / round.seconds),
    errors: rounds.reduce((sum, round) => sum + round.errors, 0),
    firstError: rounds.find((round) => round.firstError !== null)?.firstError ?? null,
  };
}
