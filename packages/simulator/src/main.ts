import { runFleet, type SeedReport } from './fleet.js';
import { runMutants } from './mutants/run.js';
import { type Options, readOptions, usage } from './options.js';
import { added, describeCounts, describeFailure, noCounts } from './report.js';
import { shrink } from './shrink.js';
import { simulate } from './simulation.js';

const shrinkMs = 45_000;
const seedSpan = 1_000_000_000;

/** Runs seeds one after the other. Returns the number of failures. */
function runSeeds({ seed, seeds, drops, trace }: Options): number {
  const firstSeed = seed ?? Math.floor(Math.random() * seedSpan);
  let counts = noCounts;
  let failed = 0;
  for (let each = firstSeed; each < firstSeed + seeds; each++) {
    const outcome = simulate(each, drops);
    counts = added(counts, outcome.counts);
    if (trace) console.log(outcome.notes.join('\n'));
    if (outcome.failure === undefined) {
      if (seeds === 1) console.log(`seed ${each}: no violation, trace ${outcome.traceHash}`);
      continue;
    }
    failed++;
    const [smallest, dropped] = drops.size > 0 ? [outcome, drops] : shrink(outcome, drops, shrinkMs);
    console.log(`${describeFailure(smallest, dropped)}\n`);
  }
  console.log(describeCounts(seeds, counts));
  return failed;
}

/** Runs the seeds that the parent process sends, until the parent disconnects. */
function work(): void {
  process.on('message', (seed: number) => {
    const outcome = simulate(seed);
    const report: SeedReport = {
      seed,
      counts: outcome.counts,
      failure: outcome.failure && describeFailure(...shrink(outcome, new Set(), shrinkMs)),
      check: outcome.failure?.check,
    };
    process.send!(report);
  });
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    return 0;
  }
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.worker) {
    work();
    return 0;
  }
  if (options.mutants) return runMutants(options.names, options.write);
  if (options.minutes !== undefined) {
    return runFleet(options.minutes, options.seed ?? Math.floor(Math.random() * seedSpan));
  }
  return runSeeds(options);
}

const failed = await main(process.argv.slice(2));
if (failed > 0) process.exitCode = 1;
