/** The program that loads the cache. It takes one job over IPC, runs the job, sends the result and ends. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Codec, connect, type ZooKeeper } from '@nodekeeper/client';
import { TreeCache } from '@nodekeeper/recipes';

export interface CacheJob {
  port: number;
  rounds: number;
}

export interface CacheResult {
  nodes: number;
  /** The time of a get of each node, with 1000 requests in flight; one entry for each round. */
  rawMs: number[];
  /** The time until a new cache is loaded. */
  cacheMs: number[];
  requestsPerNode: number;
  /** The memory of a loaded cache whose values are numbers. */
  emptyBytes: number;
  /** The memory of a loaded cache whose values are the data. */
  fullBytes: number;
}

const root = '/bench';
const inFlight = 1000;
/** The value of each node is the same small number, so that only the cache itself needs memory. */
const noValue: Codec<number> = { encode: String, decode: () => 0 };

async function run({ port, rounds }: CacheJob): Promise<CacheResult> {
  const zk = await connect(`127.0.0.1:${port}`);
  const paths = await allPaths(zk);
  const rawMs: number[] = [];
  const cacheMs: number[] = [];
  let requestsPerNode = 0;
  // the first round warms up
  for (let round = 0; round <= rounds; round++) {
    const raw = await timed(() => readAll(zk, paths));
    const cache = new TreeCache(zk, root);
    const before = zk.stats().requestsSent;
    const loaded = await timed(() => cache.start());
    if (cache.size !== paths.length) throw new Error(`the cache has ${cache.size} nodes of ${paths.length}`);
    requestsPerNode = (zk.stats().requestsSent - before) / paths.length;
    await cache.close();
    if (round === 0) continue;
    rawMs.push(raw);
    cacheMs.push(loaded);
  }
  const nodes = paths.length;
  paths.length = 0;
  const emptyBytes = await memoryOf(new TreeCache(zk, root, { codec: noValue }));
  const fullBytes = await memoryOf(new TreeCache(zk, root));
  await zk.close();
  return { nodes, rawMs, cacheMs, requestsPerNode, emptyBytes, fullBytes };
}

async function allPaths(zk: ZooKeeper): Promise<string[]> {
  const parents = (await zk.children(root)).children.map((name) => `${root}/${name}`);
  const lists = await Promise.all(parents.map(async (path) => [path, (await zk.children(path)).children] as const));
  return [root, ...parents, ...lists.flatMap(([path, names]) => names.map((name) => `${path}/${name}`))];
}

/** Reads all nodes: each reply starts the next request. */
function readAll(zk: ZooKeeper, paths: readonly string[]): Promise<void> {
  let next = 0;
  let left = paths.length;
  return new Promise((resolve, reject) => {
    const readNext = () => {
      if (next < paths.length) zk.get(paths[next++]!).then(done, reject);
    };
    const done = () => {
      left--;
      if (left === 0) resolve();
      else readNext();
    };
    for (let slot = 0; slot < inFlight; slot++) readNext();
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  globalThis.gc!();
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function memoryOf(cache: TreeCache<unknown>): Promise<number> {
  const before = await usedBytes();
  await cache.start();
  const after = await usedBytes();
  await cache.close();
  return after - before;
}

/** Buffers are freed some time after the collection that finds them unused, so this collects several times. */
async function usedBytes(): Promise<number> {
  for (let collection = 0; collection < 5; collection++) {
    globalThis.gc!();
    await delay(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

process.once('message', (job: CacheJob) => {
  run(job)
    .then(
      (result) => process.send!({ result }),
      (error: Error) => process.send!({ failure: error.message }),
    )
    .finally(() => process.disconnect());
});
