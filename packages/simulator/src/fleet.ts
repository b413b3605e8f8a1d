import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { added, describeCounts } from './report.js';
import { type Counts, noCounts } from './simulation.js';

/** What a worker process reports about one seed. */
export interface SeedReport {
  readonly seed: number;
  readonly counts: Counts;
  readonly failure: string | undefined;
  readonly check: string | undefined;
}

const processes = 2;
const progressMs = 60_000;
const failuresMax = 5;
const main = fileURLToPath(new URL('./main.js', import.meta.url));

/**
 * Runs new seeds in `processes` worker processes until the time is over. Stops early after `failuresMax` failures.
 * Returns the number of failures.
 *
 * @param mode the arguments that say what a worker simulates
 */
export async function runFleet(minutes: number, firstSeed: number, mode: readonly string[]): Promise<number> {
  const endMs = Date.now() + minutes * 60_000;
  let nextSeed = firstSeed;
  let seeds = 0;
  let counts = noCounts;
  const failures: SeedReport[] = [];
  console.log(`seeds from ${firstSeed}, for ${minutes} minutes`);
  const progress = setInterval(() => console.log(describeCounts(seeds, counts)), progressMs);
  const worker = () =>
    new Promise<void>((done) => {
      const child = fork(main, ['--worker', ...mode], { execArgv: ['--enable-source-maps'], stdio: 'inherit' });
      const next = () => {
        if (Date.now() < endMs && failures.length < failuresMax) child.send(nextSeed++);
        else child.disconnect();
      };
      child.on('message', (report: SeedReport) => {
        seeds++;
        counts = added(counts, report.counts);
        if (report.failure !== undefined) {
          failures.push(report);
          console.log(`\n${report.failure}\n`);
        }
        next();
      });
      child.on('exit', (code) => {
        if (code !== 0) failures.push({ seed: -1, counts: noCounts, failure: 'a worker died', check: undefined });
        done();
      });
      next();
    });
  await Promise.all(Array.from({ length: processes }, worker));
  clearInterval(progress);
  console.log(describeCounts(seeds, counts));
  console.log(failures.length === 0 ? 'no violation' : `${failures.length} seeds failed`);
  return failures.length;
}
