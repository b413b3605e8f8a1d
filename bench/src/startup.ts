/** Measures the time from the start of a server to its first reply, and the memory of an idle server. */
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, installApache } from '@nodekeeper/interop/peers';
import { median } from './compare.js';
import { getFrame } from './frames.js';
import type { Options } from './options.js';
import { residentBytes } from './process-stats.js';
import { count, type Section, serverNames, table } from './report.js';
import { makeDataDirectory, removeDataDirectory, type Server, type ServerKind, startServer } from './servers.js';
import { SetupConnection } from './setup-connection.js';

const STARTS = 7;
const POLL_MS = 1;
/** The limit for one reply. A server that accepts a connection before it serves may never reply. */
const ANSWER_MS = 1000;
const IDLE_SECONDS = 5;

/** Starts the server on the directory. Polls the server every millisecond until it replies. */
export async function startTimed(
  kind: ServerKind,
  directory: string,
  wanted: Pick<Options, 'config' | 'baseline'>,
): Promise<{ server: Server; answeredMs: number }> {
  if (kind === 'apache') await installApache();
  const port = await freePort();
  const startedAt = performance.now();
  const starting = startServer(kind, directory, { ...wanted, port });
  let failed = false;
  starting.catch(() => {
    failed = true;
  });
  while (!failed && !(await answers(port))) await delay(POLL_MS);
  const answeredMs = performance.now() - startedAt;
  return { server: await starting, answeredMs };
}

/** Resolves with true if a session can be opened and a get has a reply. */
async function answers(port: number): Promise<boolean> {
  const connection = new SetupConnection(port);
  const timer = setTimeout(() => connection.socket.destroy(), ANSWER_MS);
  try {
    await connection.open();
    await connection.request(getFrame('/'));
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    connection.socket.destroy();
  }
}

export async function measureStartup(options: Options): Promise<Section> {
  const times = new Map<ServerKind, number[]>(options.servers.map((kind) => [kind, []]));
  for (let start = 0; start <= STARTS; start++) {
    for (const kind of options.servers) {
      const directory = makeDataDirectory();
      const { server, answeredMs } = await startTimed(kind, directory, options);
      await server.stop();
      removeDataDirectory(directory);
      // The very first start is not counted, because it reads the programs from disk.
      if (start > 0) times.get(kind)!.push(answeredMs);
    }
  }
  const lines = [...times].map(([kind, list]) => [
    serverNames[kind],
    `${median(list).toFixed(0)} ms`,
    `${Math.min(...list).toFixed(0)} ms`,
    `${Math.max(...list).toFixed(0)} ms`,
    ratioToApache(times, kind, median),
  ]);
  const title = `Process start to first answered request, empty directory, ${STARTS} starts`;
  const heads = ['server', 'median', 'fastest', 'slowest', '/ Apache'];
  return { name: 'startup', markdown: `${title}:\n\n${table(heads, lines)}`, data: Object.fromEntries(times) };
}

export async function measureIdleMemory(options: Options): Promise<Section> {
  const sizes = new Map<ServerKind, number[]>(options.servers.map((kind) => [kind, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const kind of options.servers) {
      const directory = makeDataDirectory();
      const server = await startServer(kind, directory, options);
      await delay(IDLE_SECONDS * 1000);
      sizes.get(kind)!.push(residentBytes(server.pid));
      await server.stop();
      removeDataDirectory(directory);
    }
  }
  const lines = [...sizes].map(([kind, list]) => [
    serverNames[kind],
    `${count(median(list) / 2 ** 20)} MiB`,
    ratioToApache(sizes, kind, median),
  ]);
  const title = `Resident memory ${IDLE_SECONDS} s after the start, empty directory, no clients, median of ${options.rounds}`;
  const markdown = `${title}:\n\n${table(['server', 'VmRSS', '/ Apache'], lines)}`;
  return { name: 'memory', markdown, data: Object.fromEntries(sizes) };
}

function ratioToApache(
  values: Map<ServerKind, number[]>,
  kind: ServerKind,
  summarize: (list: readonly number[]) => number,
): string {
  const apache = values.get('apache');
  return apache && kind !== 'apache' ? `${(summarize(values.get(kind)!) / summarize(apache)).toFixed(2)}x` : '-';
}
