import { execFileSync } from 'node:child_process';
import { describeFault } from './plan/faults.js';
import { describeSetting } from './plan/setting.js';
import type { Counts, Outcome } from './simulation.js';

const notesShown = 120;

/** Describes a failed run, so that the failure can be understood and reproduced. */
export function describeFailure(outcome: Outcome, drops: ReadonlySet<string>, notesMax = notesShown): string {
  const { seed, setting, failure, notes, traceHash } = outcome;
  const drop = drops.size === 0 ? '' : ` --drop ${[...drops].join(',')}`;
  const mode = outcome.recipe === undefined ? '' : ` --recipes ${outcome.recipe}`;
  return [
    `seed ${seed}${outcome.recipe === undefined ? '' : ` of ${outcome.recipe}`} breaks ${failure!.message}`,
    '',
    `commit ${commit()}, trace ${traceHash}`,
    describeSetting(setting),
    ...setting.faults.map(describeFault),
    '',
    `the last ${Math.min(notes.length, notesMax)} of ${traceHash.split('-')[0]} lines:`,
    ...notes.slice(-notesMax),
    '',
    `reproduce: npm run sim -- --seed ${seed}${drop}${mode}`,
  ].join('\n');
}

function commit(): string {
  try {
    const git = (...words: string[]) =>
      execFileSync('git', words, { encoding: 'utf8', cwd: import.meta.dirname }).trim();
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' (with changes)' : ''}`;
  } catch {
    return 'unknown';
  }
}

export function added(one: Counts, other: Counts): Counts {
  const sum = { ...one };
  for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += other[key];
  return sum;
}

export function describeCounts(seeds: number, counts: Counts): string {
  const hours = (counts.simulatedMs / 3_600_000).toFixed(2);
  const checked =
    counts.turns > 0
      ? `recipes succeeded ${counts.turns} times`
      : `${counts.writesAcked} writes acknowledged, ${counts.readsChecked} reads and ${counts.eventsChecked} watch events checked`;
  return [
    `${seeds} seeds, ${hours} simulated hours: ${counts.faults} faults, ${counts.crashes} crashes, ${counts.elections} elections,`,
    `${counts.committed} transactions committed, ${checked}`,
  ].join(' ');
}
