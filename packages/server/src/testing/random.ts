import { randomFrom } from '../in-memory/random.js';

export { randomFrom };

/** Returns a whole number from 0 to `limit - 1`. */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

export function pick<T>(random: () => number, items: readonly T[]): T {
  return items[below(random, items.length)]!;
}

/**
 * Runs a random test with `count` seeds. If a run fails, the error names its seed. `SEED=<n>` in the environment limits
 * the test to that seed.
 */
export function forSeeds(count: number, run: (random: () => number, seed: number) => void): void {
  const only = process.env.SEED;
  const first = only === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(only);
  for (let seed = first; seed < first + (only === undefined ? count : 1); seed++) {
    try {
      run(randomFrom(seed), seed);
    } catch (error) {
      throw new Error(`SEED=${seed}: ${(error as Error).stack}`, { cause: error });
    }
  }
}
