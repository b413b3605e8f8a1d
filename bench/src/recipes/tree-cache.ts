/** The row `tree cache`: how fast a cache of 100,000 nodes loads, and how much memory it needs. */
import { fileURLToPath } from 'node:url';
import { median } from '../compare.js';
import type { Options } from '../options.js';
import { count } from '../report.js';
import { runJob, runProgram } from '../run-job.js';
import { makeDataDirectory, removeDataDirectory, startServer } from '../servers.js';
import type { RecipeRow } from './rows.js';
import type { CacheJob, CacheResult } from './tree-cache-load.js';

const program = fileURLToPath(new URL('./tree-cache-load.js', import.meta.url));
const nodes = 100_000;
const payloadBytes = 100;

export const treeCacheRow: RecipeRow = {
  name: 'tree cache',
  async measure(options) {
    const result = await load(options);
    const rate = (times: readonly number[]) => (result.nodes / median(times)) * 1000;
    const [raw, cache] = [rate(result.rawMs), rate(result.cacheMs)];
    const bytes = (total: number) => `${count(total / result.nodes)} bytes`;
    const lines = [
      { measure: 'raw pipelined reads', value: `${count(raw)} per s`, goal: '' },
      { measure: `load of ${count(result.nodes)} nodes`, value: `${count(cache)} nodes per s`, goal: '' },
      { measure: 'load / raw reads', value: (cache / raw).toFixed(2), goal: 'at least 0.5' },
      { measure: 'requests to load a node', value: result.requestsPerNode.toFixed(3), goal: '' },
      { measure: 'memory of a node, without its value', value: bytes(result.emptyBytes), goal: '' },
      { measure: `memory of a node, with a Buffer of ${payloadBytes} bytes`, value: bytes(result.fullBytes), goal: '' },
    ];
    return { lines, data: result };
  },
};

/** Creates the tree with the load generator, and measures in a process of its own. */
async function load({ config, rounds }: Options): Promise<CacheResult> {
  const directory = makeDataDirectory();
  const server = await startServer('nodekeeper', directory, { config });
  try {
    await runJob({
      workload: 'tree',
      ports: [server.port],
      serverPids: [server.pid],
      connections: 10,
      window: 100,
      payloadBytes,
      warmupSeconds: 0,
      seconds: 0,
      nodes,
      run: 'tree',
    });
    const job: CacheJob = { port: server.port, rounds };
    return await runProgram<CacheResult>(program, job, { nodeOptions: ['--expose-gc'] });
  } finally {
    await server.kill();
    removeDataDirectory(directory);
  }
}
