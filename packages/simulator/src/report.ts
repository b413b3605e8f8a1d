import { execFileSync } from 'node:child_process';
import { describeFault } from './plan/faults.js';
import { describeSetting } from './plan/setting.js';
import type { Counts, Outcome } from './simulation.js';

const notesShown = 120;

/** Describes a failed run, so that the failure can be understood and reproduced. */
export function describeFailure(outcome: Outcome, drops: ReadonlySet<string>, notesMax = notesShown): string {
  const { seed, setting, failure, notes, traceHash } = outcome;
  const drop = drops.size === 0 ? '' : ` --drop ${[...drops].join(',')}`;
  return [
    `seed ${seed} breaks ${failure!.message}`,
    '',
    `commit ${commit()}, trace ${traceHash}`,
    describeSetting(setting),
    ...setting.faults.map(describeFault),
    '',
    `the last ${Math.min(notes.length, notesMax)} of ${traceHash.split('-')[0]} lines:`,
    ...notes.slice(-notesMax),
    '',
    `reproduce: npm run sim -- --seed ${seed}${drop}`,
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

export const noCounts: Counts = {
  simulatedMs: 0,
  elections: 0,
  crashes: 0,
  faults: 0,
  writesAcked: 0,
  readsChecked: 0,
  eventsChecked: 0,
  committed: 0,
};

export function added(one: Counts, other: Counts): Counts {
  const sum = { ...one };
  for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += other[key];
  return sum;
}

export function describeCounts(seeds: number, counts: Counts): string {
  const hours = (counts.simulatedMs / 3_600_000).toFixed(2);
  return [
    `${seeds} seeds, ${hours} simulated hours: ${counts.faults} faults, ${counts.crashes} crashes, ${counts.elections} elections,`,
    `${counts.committed} transactions committed, ${counts.writesAcked} writes acknowledged, ${counts.readsChecked} reads and`,
    `${counts.eventsChecked} watch events checked`,
  ].join(' ');
}
