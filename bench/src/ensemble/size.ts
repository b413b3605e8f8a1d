/**
 * Measures the memory of an ensemble, idle and with a million nodes. Also measures how writes slow down while a server
 * joins.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Options } from '../options.js';
import { probe } from '../probe.js';
import { residentBytes } from '../process-stats.js';
import { count, milliseconds, type Section, serverNames, table } from '../report.js';
import { runJob } from '../run-job.js';
import { type RunningEnsemble, startEnsemble } from './servers.js';

const IDLE_MS = 5000;
const JOIN_SECONDS = 20;
const MIB = 2 ** 20;

interface Size {
  kind: RunningEnsemble['kind'];
  idleBytes: number;
  loadedBytes: number;
  joinSeconds: number;
  joinSetP99Ms: number;
  joinSetMaxMs: number;
}

export async function measureSize(options: Options): Promise<Section> {
  const results: Size[] = [];
  for (const kind of options.servers) {
    const running = await startEnsemble(kind, options);
    try {
      results.push(await measureOne(running, options));
    } finally {
      await running.end();
    }
  }
  const title = `Resident memory of all ${options.ensemble} servers, and a follower that joins with an empty directory`;
  return { name: 'ensembleSize', markdown: `${title}:\n\n${sizeTable(results, options)}`, data: results };
}

async function measureOne(running: RunningEnsemble, options: Options): Promise<Size> {
  const { kind, members } = running;
  await delay(IDLE_MS);
  const idleBytes = totalBytes(running);
  console.error(`${kind}: loading ${options.nodes} nodes ...`);
  await runJob({
    workload: 'tree',
    ports: members.map(({ port }) => port),
    serverPids: members.map(({ pid }) => pid),
    connections: 10,
    window: 100,
    payloadBytes: 100,
    warmupSeconds: 0,
    seconds: 0,
    nodes: options.nodes,
    run: 'tree',
  });
  await delay(IDLE_MS);
  const loadedBytes = totalBytes(running);
  return { kind, idleBytes, loadedBytes, ...(await join(running)) };
}

/** Writes to the leader at a steady pace while an empty follower joins and receives a whole snapshot. */
async function join({ kind, ensemble }: RunningEnsemble) {
  console.error(`${kind}: a follower joins ...`);
  const leader = await ensemble.leader();
  const [joiner] = await ensemble.followers();
  await joiner!.kill();
  joiner!.wipe();
  const probing = probe(leader.port, '/bench/p0000', Buffer.alloc(100, 'y'), JOIN_SECONDS);
  const startedMs = performance.now();
  await joiner!.start();
  await joiner!.untilServing();
  const joinSeconds = (performance.now() - startedMs) / 1000;
  const { set } = await probing;
  return { joinSeconds, joinSetP99Ms: set.p99Ms, joinSetMaxMs: set.maxMs };
}

function totalBytes({ members }: RunningEnsemble): number {
  return members.reduce((total, { pid }) => total + residentBytes(pid), 0);
}

function sizeTable(results: readonly Size[], options: Options): string {
  const lines: [string, (size: Size) => number, (value: number) => string][] = [
    ['RSS idle, MiB', (size) => size.idleBytes / MIB, count],
    [`RSS with ${count(options.nodes)} nodes, MiB`, (size) => size.loadedBytes / MIB, count],
    ['join to serving, s', (size) => size.joinSeconds, (value) => value.toFixed(1)],
    ['set p99 while joining, ms', (size) => size.joinSetP99Ms, milliseconds],
    ['set max while joining, ms', (size) => size.joinSetMaxMs, milliseconds],
  ];
  const ours = results.find(({ kind }) => kind === 'nodekeeper');
  const apache = results.find(({ kind }) => kind === 'apache');
  const cells = lines.map(([name, of, format]) => [
    name,
    ...results.map((result) => format(of(result))),
    ours && apache ? `${(of(ours) / of(apache)).toFixed(2)}x` : '-',
  ]);
  return table(['measure', ...results.map(({ kind }) => serverNames[kind]), 'nodekeeper / Apache'], cells);
}
