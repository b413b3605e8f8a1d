import { simulateRecipe } from '../recipes/simulate.js';
import { simulate } from '../simulation.js';

/** Runs seeds until one of them fails, and reports to the parent process. The code contains a mutant. */
const firstSeed = Number(process.argv[2]);
const seedsMax = Number(process.argv[3]);
/** The recipe to simulate. Undefined for runs without programs that use recipes. */
const recipe = process.env.NODEKEEPER_RECIPE;

async function judge(): Promise<{ seeds: number | undefined; check: string | undefined }> {
  for (let count = 1; count <= seedsMax; count++) {
    const seed = firstSeed + count - 1;
    const { failure } = recipe === undefined ? simulate(seed) : await simulateRecipe(seed, new Set(), [recipe]);
    if (failure !== undefined) return { seeds: count, check: failure.check };
  }
  return { seeds: undefined, check: undefined };
}

process.send!(await judge(), () => process.disconnect());
