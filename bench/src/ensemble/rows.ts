/** The rows of the comparison of ensembles, with nodekeeper's goal in each row. The load is spread over all servers. */
import { type Measurement, measure, type RowResult, summarize } from '../compare.js';
import type { JobResult } from '../job.js';
import type { Options } from '../options.js';
import { comparison, type Section } from '../report.js';
import type { Row } from '../rows.js';
import { type RunningEnsemble, startEnsemble } from './servers.js';

const SETTLE_SECONDS = 0.5;

export const ensembleRows: readonly Row[] = [
  { name: 'get 10x100', workload: 'get', connections: 10, window: 100, goal: { vsApache: 5, vsApachePerCpu: 5 } },
  { name: 'set 10x100', workload: 'set', connections: 10, window: 100, goal: { vsApache: 2.5, vsApachePerCpu: 2.5 } },
  { name: 'set 1x1', workload: 'set', connections: 1, window: 1, goal: { vsApache: 1 } },
  { name: 'mix 50x1', workload: 'mix', connections: 50, window: 1, goal: { vsApache: 1.3, vsApachePerCpu: 1.3 } },
];

/** For every row, starts new ensembles and warms each of them up. Then measures the ensembles in turn. */
export async function compareEnsembles(rows: readonly Row[], options: Options): Promise<Section> {
  const results: RowResult[] = [];
  for (const row of rows) {
    console.error(`ensemble of ${options.ensemble}: ${row.name} ...`);
    results.push(await compareRow(row, options));
  }
  const title = `Load over all ${options.ensemble} servers; CPU and memory are the sums of them`;
  return { name: 'ensembleRows', markdown: `${title}:\n\n${comparison(results)}`, data: results };
}

async function compareRow(row: Row, options: Options): Promise<RowResult> {
  const running: { ensemble: RunningEnsemble; rounds: JobResult[] }[] = [];
  try {
    for (const kind of options.servers) running.push({ ensemble: await startEnsemble(kind, options), rounds: [] });
    for (const { ensemble } of running)
      await measure(row, ensemble.members, options, 'warm', options.warmupSeconds, 0.1);
    for (let round = 0; round < options.rounds; round++) {
      for (const { ensemble, rounds } of running) {
        rounds.push(await measure(row, ensemble.members, options, String(round), SETTLE_SECONDS, options.seconds));
      }
    }
  } finally {
    for (const { ensemble } of running) await ensemble.end();
  }
  const measurements: Measurement[] = running.map(({ ensemble, rounds }) => summarize(ensemble.kind, rounds));
  return { row, measurements };
}
