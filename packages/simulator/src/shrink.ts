import type { Drops } from './plan/setting.js';
import type { Outcome } from './simulation.js';

/** Simulates a seed without the dropped parts. */
export type Simulate = (seed: number, drops: Drops) => Promise<Outcome>;

/** The names of all parts that a run can leave out. The option `--drop` uses the same names. */
function partsOf({ setting }: Outcome): string[] {
  const faults = setting.faults.map(({ id }) => `f${id}`);
  const clients = [...setting.clients, ...setting.shippedClients, ...setting.programs].map(({ name }) => name);
  return [...faults, ...clients, 'skew', 'network', 'starts'];
}

/**
 * Drops parts that a failing run does not need. Tries halves of the parts, then quarters, and so on to single parts,
 * within the time limit. Returns the smallest run that still breaks the same promise.
 */
export async function shrink(
  simulate: Simulate,
  failing: Outcome,
  drops: Drops,
  budgetMs: number,
): Promise<[Outcome, Set<string>]> {
  const endMs = Date.now() + budgetMs;
  const { check } = failing.failure!;
  let best = failing;
  let dropped = new Set(drops);
  for (let size = Math.ceil(partsOf(best).length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    const parts = partsOf(best).filter((part) => !dropped.has(part));
    for (let from = 0; from < parts.length; from += size) {
      if (Date.now() > endMs) return [best, dropped];
      const tried = new Set([...dropped, ...parts.slice(from, from + size)]);
      const outcome = await simulate(failing.seed, tried);
      if (outcome.failure?.check !== check) continue;
      best = outcome;
      dropped = tried;
    }
  }
  return [best, dropped];
}
