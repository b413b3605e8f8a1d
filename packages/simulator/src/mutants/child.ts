import { simulate } from '../simulation.js';

/** Runs seeds until one of them fails, and reports to the parent process. The code of the server contains a mutant. */
const firstSeed = Number(process.argv[2]);
const seedsMax = Number(process.argv[3]);

function judge(): { seeds: number | undefined; check: string | undefined } {
  for (let count = 1; count <= seedsMax; count++) {
    const { failure } = simulate(firstSeed + count - 1);
    if (failure !== undefined) return { seeds: count, check: failure.check };
  }
  return { seeds: undefined, check: undefined };
}

process.send!(judge(), () => process.disconnect());
