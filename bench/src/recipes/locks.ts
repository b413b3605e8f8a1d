/** The rows `lock`, `hand-over` and `herd`: what a lock costs beside the requests that it cannot save. */
import { connect, type ZooKeeper } from '@nodekeeper/client';
import { type Held, Lock } from '@nodekeeper/recipes';
import { median } from '../compare.js';
import type { Options } from '../options.js';
import { milliseconds, serverNames } from '../report.js';
import { makeDataDirectory, removeDataDirectory, type ServerKind, startServer } from '../servers.js';
import type { RecipeLine, RecipeRow } from './rows.js';

/** The number of repetitions in a batch. The batches that are compared alternate. */
const batchSize = 200;
const waiterClients = 10;

interface Measured {
  lines: RecipeLine[];
  data: unknown;
}

/** Runs a measurement on each kind of server, and appends the name of the server to the text of each line. */
function onEachServer(measureOne: (connectString: string, rounds: number) => Promise<Measured>) {
  return async ({ servers, config, rounds }: Options): Promise<Measured> => {
    const lines: RecipeLine[] = [];
    const data: Partial<Record<ServerKind, unknown>> = {};
    for (const kind of servers) {
      const directory = makeDataDirectory();
      const server = await startServer(kind, directory, { config });
      try {
        const measured = await measureOne(`127.0.0.1:${server.port}`, rounds);
        data[kind] = measured.data;
        for (const line of measured.lines) lines.push({ ...line, measure: `${line.measure}, ${serverNames[kind]}` });
      } finally {
        await server.kill();
        removeDataDirectory(directory);
      }
    }
    return { lines, data };
  };
}

/** Returns the mean time of one repetition, in milliseconds. */
async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  for (let time = 0; time < batchSize; time++) await work();
  return (performance.now() - startMs) / batchSize;
}

export const lockRow: RecipeRow = {
  name: 'lock',
  measure: onEachServer(async (connectString, rounds) => {
    await using zk = await connect(connectString);
    await zk.create('/raw');
    const lock = new Lock(zk, '/lock');
    const pair = async () => {
      const { path } = await zk.create('/raw/node-', '', { mode: 'EPHEMERAL_SEQUENTIAL' });
      await zk.delete(path);
    };
    const cycle = async () => {
      const held = await lock.acquire();
      await held.release();
    };
    const pairMs: number[] = [];
    const cycleMs: number[] = [];
    for (let round = -1; round < rounds * 3; round++) {
      const [rawMs, lockMs] = [await timed(pair), await timed(cycle)];
      if (round < 0) continue; // the warm-up
      pairMs.push(rawMs);
      cycleMs.push(lockMs);
    }
    const [raw, cost] = [median(pairMs), median(cycleMs)];
    const lines = [
      { measure: 'create and delete a node', value: `${milliseconds(raw)} ms`, goal: '' },
      { measure: 'acquire and release', value: `${milliseconds(cost)} ms`, goal: '' },
      { measure: 'acquire and release / create and delete', value: (cost / raw).toFixed(2), goal: 'at most 2.2' },
    ];
    return { lines, data: { pairMs, cycleMs } };
  }),
};

export const handOverRow: RecipeRow = {
  name: 'hand-over',
  measure: onEachServer(async (connectString, rounds) => {
    await using one = await connect(connectString);
    await using other = await connect(connectString);
    await one.create('/unit');
    let [holder, waiter] = [one, other];
    let held = await new Lock(holder, '/lock').acquire();
    const handMs: number[] = [];
    const readMs: number[] = [];
    for (let time = 0; time < batchSize * rounds; time++) {
      const next = new Lock(waiter, '/lock').acquire();
      await untilWaiting(holder, 2);
      // the waiting client has its watch when a later request of it is answered
      await waiter.exists('/unit');
      readMs.push(await after(holder.set('/unit', ''), () => waiter.exists('/unit')));
      handMs.push(await after(held.release(), () => next));
      held = await next;
      [holder, waiter] = [waiter, holder];
    }
    await held.release();
    const [hand, read] = [median(handMs), median(readMs)];
    const lines = [
      { measure: 'a read after a write of the other client', value: `${milliseconds(read)} ms`, goal: '' },
      { measure: 'from release to the next holder', value: `${milliseconds(hand)} ms`, goal: '' },
      { measure: 'hand-over / read', value: (hand / read).toFixed(2), goal: 'at most 1.5' },
    ];
    return { lines, data: { handMs: quartiles(handMs), readMs: quartiles(readMs) } };
  }),
};

function quartiles(values: readonly number[]): number[] {
  const sorted = [...values].sort((one, other) => one - other);
  return [0.25, 0.5, 0.75].map((share) => sorted[Math.floor(share * sorted.length)]!);
}

/** Returns the time from the end of `first` to the end of `next`, in milliseconds. */
async function after(first: Promise<unknown>, next: () => Promise<unknown>): Promise<number> {
  await first;
  const startMs = performance.now();
  await next();
  return performance.now() - startMs;
}

export const herdRow: RecipeRow = {
  name: 'herd',
  measure: onEachServer(async (connectString) => {
    const few = await requestsPerRelease(connectString, 10);
    const many = await requestsPerRelease(connectString, 1000);
    const line = (waiters: number, requests: number, goal: string) => {
      return { measure: `requests after a release, ${waiters} waiters`, value: requests.toFixed(2), goal };
    };
    const lines = [line(10, few, ''), line(1000, many, 'as with 10')];
    return { lines, data: { few, many } };
  }),
};

/** The number of requests that all clients send from one release to the moment when the next client holds the lock. */
async function requestsPerRelease(connectString: string, waiters: number): Promise<number> {
  const path = `/lock-${waiters}`;
  const clients = await Promise.all(Array.from({ length: waiterClients }, () => connect(connectString)));
  const sent = () => clients.reduce((sum, client) => sum + client.stats().requestsSent, 0);
  const releases = 8;
  let held = await new Lock(clients[0]!, path).acquire();
  const acquired: ((held: Held) => void)[] = [];
  const giveUp = new AbortController();
  const waiting = Array.from({ length: waiters }, async (_, index) => {
    const next = await new Lock(clients[index % waiterClients]!, path).acquire({ signal: giveUp.signal });
    acquired.shift()!(next);
  });
  const ends = Promise.allSettled(waiting);
  await untilWaiting(clients[0]!, waiters + 1, path);
  await untilQuiet(sent);
  const before = sent();
  for (let release = 0; release < releases; release++) {
    const next = new Promise<Held>((resolve) => acquired.push(resolve));
    await held.release();
    held = await next;
  }
  await untilQuiet(sent);
  const requests = (sent() - before) / releases;
  giveUp.abort();
  await ends;
  await held.release();
  await Promise.all(clients.map((client) => client.close()));
  return requests;
}

async function untilWaiting(zk: ZooKeeper, count: number, path = '/lock'): Promise<void> {
  while ((await zk.children(path)).children.length < count);
}

/** Waits until the clients have sent no request for a while. Their pings come later than that. */
async function untilQuiet(sent: () => number): Promise<void> {
  for (let last = -1; sent() !== last; ) {
    last = sent();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
