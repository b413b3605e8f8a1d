import type { Outcome } from './simulation.js';
import { simulate } from './simulation.js';

/** Everything of a run that it can do without, by the names that `--drop` takes. */
function partsOf({ setting }: Outcome): string[] {
  const faults = setting.faults.map(({ id }) => `f${id}`);
  const clients = [...setting.clients, ...setting.shippedClients].map(({ name }) => name);
  return [...faults, ...clients, 'skew', 'network', 'starts'];
}

/**
 * Leaves out of a failing run what it fails without: halves, then quarters, down to single parts, as long as there is
 * time. Gives the smallest run that still breaks the same promise.
 */
export function shrink(failing: Outcome, drops: ReadonlySet<string>, budgetMs: number): [Outcome, Set<string>] {
  const endMs = Date.now() + budgetMs;
  const { check } = failing.failure!;
  let best = failing;
  let dropped = new Set(drops);
  for (let size = Math.ceil(partsOf(best).length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    const parts = partsOf(best).filter((part) => !dropped.has(part));
    for (let from = 0; from < parts.length; from += size) {
      if (Date.now() > endMs) return [best, dropped];
      const tried = new Set([...dropped, ...parts.slice(from, from + size)]);
      const outcome = simulate(failing.seed, tried);
      if (outcome.failure?.check !== check) continue;
      best = outcome;
      dropped = tried;
    }
  }
  return [best, dropped];
}
