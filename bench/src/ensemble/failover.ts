/** Measures how long no write succeeds: at a cold start, when the leader is stopped, and when it is killed. */
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../compare.js';
import type { Options } from '../options.js';
import { type Section, serverNames, table } from '../report.js';
import { createEnsemble, type RunningEnsemble } from './servers.js';
import { Writer } from './writer.js';

const ROUNDS = 5;
/** The wait after the old leader has returned, in which the ensemble settles. */
const SETTLE_MS = 2000;
/**
 * How long the writes are observed after the leader was stopped or killed. The result is the longest gap between two
 * writes in this time.
 */
const GAP_MS = 6000;

interface Gaps {
  kind: RunningEnsemble['kind'];
  coldStartMs: number[];
  stopMs: number[];
  killMs: number[];
}

export async function measureFailover(options: Options): Promise<Section> {
  const results: Gaps[] = [];
  for (const kind of options.servers) results.push(await measureOne(kind, options));
  const title = `Longest time without a successful write, median of ${ROUNDS} (all of them in brackets), tickTime 2000`;
  return { name: 'failover', markdown: `${title}:\n\n${gapTable(results)}`, data: results };
}

async function measureOne(kind: Options['servers'][number], options: Options): Promise<Gaps> {
  const coldStartMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const running = await createEnsemble(kind, options);
    try {
      coldStartMs.push(await coldStart(running));
    } finally {
      await running.end();
    }
  }
  const running = await createEnsemble(kind, options);
  try {
    await running.ensemble.start();
    const stopMs = await gaps(running, 'stop');
    const killMs = await gaps(running, 'kill');
    return { kind: running.kind, coldStartMs, stopMs, killMs };
  } finally {
    await running.end();
  }
}

/** The time from the start of the first process to the first answered write. */
async function coldStart({ kind, members }: RunningEnsemble): Promise<number> {
  console.error(`${kind}: cold start ...`);
  const startedMs = performance.now();
  await Promise.all(members.map((member) => member.start()));
  const writer = new Writer(members.map(({ port }) => port));
  writer.start();
  await writer.untilWritten();
  const passedMs = performance.now() - startedMs;
  await writer.stop();
  return passedMs;
}

async function gaps({ kind, ensemble, members }: RunningEnsemble, how: 'stop' | 'kill'): Promise<number[]> {
  const found: number[] = [];
  const writer = new Writer(members.map(({ port }) => port));
  writer.start();
  for (let round = 0; round < ROUNDS; round++) {
    console.error(`${kind}: ${how} the leader ...`);
    const leader = await ensemble.leader();
    await writer.untilWritten();
    writer.resetGap();
    await leader[how]();
    await delay(GAP_MS);
    found.push(writer.longestGapMs);
    await leader.start();
    await leader.untilServing();
    await delay(SETTLE_MS);
  }
  await writer.stop();
  return found;
}

function gapTable(results: readonly Gaps[]): string {
  const lines: [string, (gaps: Gaps) => number[]][] = [
    ['cold start to the first write', (gaps) => gaps.coldStartMs],
    ['leader stopped (SIGTERM)', (gaps) => gaps.stopMs],
    ['leader killed (SIGKILL)', (gaps) => gaps.killMs],
  ];
  const ours = results.find(({ kind }) => kind === 'nodekeeper');
  const apache = results.find(({ kind }) => kind === 'apache');
  const cells = lines.map(([name, of]) => [
    name,
    ...results.map((result) => `${ms(median(of(result)))} (${of(result).map(ms).join(' ')})`),
    ours && apache ? `${(median(of(ours)) / median(of(apache))).toFixed(2)}x` : '-',
  ]);
  return table(['ms', ...results.map(({ kind }) => serverNames[kind]), 'nodekeeper / Apache'], cells);
}

function ms(value: number): string {
  return value.toFixed(0);
}
