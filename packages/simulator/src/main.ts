import { runFleet, type SeedReport } from './fleet.js';
import { runMutants } from './mutants/run.js';
import { type Options, readOptions, usage } from './options.js';
import { simulateRecipe } from './recipes/simulate.js';
import { added, describeCounts, describeFailure } from './report.js';
import { type Simulate, shrink } from './shrink.js';
import { noCounts, simulate } from './simulation.js';

const shrinkMs = 45_000;
const seedSpan = 1_000_000_000;

/** Returns the simulation that the options select. */
function simulationOf({ recipes, names }: Options): Simulate {
  if (recipes) return (seed, drops) => simulateRecipe(seed, drops, names);
  return async (seed, drops) => simulate(seed, drops);
}

/** Runs seeds one after the other. Returns the number of failures. */
async function runSeeds(options: Options): Promise<number> {
  const { seed, seeds, drops, trace } = options;
  const simulated = simulationOf(options);
  const firstSeed = seed ?? Math.floor(Math.random() * seedSpan);
  let counts = noCounts;
  let failed = 0;
  for (let each = firstSeed; each < firstSeed + seeds; each++) {
    const outcome = await simulated(each, drops);
    counts = added(counts, outcome.counts);
    if (trace) console.log(outcome.notes.join('\n'));
    if (outcome.failure === undefined) {
      if (seeds === 1) console.log(`seed ${each}: no violation, trace ${outcome.traceHash}`);
      continue;
    }
    failed++;
    const [smallest, dropped] = drops.size > 0 ? [outcome, drops] : await shrink(simulated, outcome, drops, shrinkMs);
    console.log(`${describeFailure(smallest, dropped)}\n`);
  }
  console.log(describeCounts(seeds, counts));
  return failed;
}

/** Runs the seeds that the parent process sends, until the parent disconnects. */
function work(options: Options): void {
  const simulated = simulationOf(options);
  process.on('message', async (seed: number) => {
    const outcome = await simulated(seed, new Set());
    const report: SeedReport = {
      seed,
      counts: outcome.counts,
      failure: outcome.failure && describeFailure(...(await shrink(simulated, outcome, new Set(), shrinkMs))),
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
    work(options);
    return 0;
  }
  if (options.mutants) return runMutants(options.names, options.write);
  if (options.minutes !== undefined) {
    const firstSeed = options.seed ?? Math.floor(Math.random() * seedSpan);
    return runFleet(options.minutes, firstSeed, options.recipes ? ['--recipes', ...options.names] : []);
  }
  return runSeeds(options);
}

const failed = await main(process.argv.slice(2));
if (failed > 0) process.exitCode = 1;
