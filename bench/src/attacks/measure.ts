/**
 * Measures how an attack slows down another client. The other client sends a ping and a get at a fixed pace, and
 * records their latencies.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { getFrame, pingFrame } from '../frames.js';
import type { LatencySummary } from '../histogram.js';
import type { Options } from '../options.js';
import { ProbeConnection } from '../probe.js';
import { milliseconds, type Section, serverNames, table } from '../report.js';
import { makeDataDirectory, removeDataDirectory, type ServerKind, startServer } from '../servers.js';
import { type Attack, attacks } from './table.js';

const program = fileURLToPath(new URL('./attacker.js', import.meta.url));
const paceMs = 10;
/** After the last ping and get, the measurement waits at most this long for missing replies. */
const patienceMs = 60_000;

interface AttackResult {
  attack: string;
  server: ServerKind;
  ping: LatencySummary;
  get: LatencySummary;
}

export async function measureAttacks(options: Options): Promise<Section> {
  const wanted = attacks.filter(
    ({ name }) => options.only.length === 0 || options.only.some((text) => name.includes(text)),
  );
  const results: AttackResult[] = [];
  for (const attack of wanted) {
    for (const kind of options.servers.filter((name) => name !== 'floor')) {
      console.error(`${attack.name}: ${kind} ...`);
      results.push(await measureOne(attack, kind, options));
    }
  }
  const heads = [
    'attack',
    'server',
    'ping p50 ms',
    'ping p99 ms',
    'ping max ms',
    'get p50 ms',
    'get p99 ms',
    'get max ms',
  ];
  const cells = ({ p50Ms, p99Ms, maxMs }: LatencySummary) => [p50Ms, p99Ms, maxMs].map(milliseconds);
  const lines = results.map(({ attack, server, ping, get }) => [
    attack,
    serverNames[server],
    ...cells(ping),
    ...cells(get),
  ]);
  return { name: 'attacks', markdown: table(heads, lines), data: results };
}

async function measureOne(attack: Attack, kind: ServerKind, options: Options): Promise<AttackResult> {
  const directory = makeDataDirectory();
  const server = await startServer(kind, directory, { config: options.config, baseline: options.baseline });
  const attacker = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    const ping = await new ProbeConnection(server.port, pingFrame()).open();
    const get = await new ProbeConnection(server.port, getFrame('/zookeeper')).open();
    await begin(attacker, server.port, attack);
    const timer = setInterval(() => {
      ping.send();
      get.send();
    }, paceMs);
    await delay(options.seconds * 1000);
    clearInterval(timer);
    await Promise.all([ping.answered(patienceMs), get.answered(patienceMs)]);
    return { attack: attack.name, server: kind, ping: ping.histogram.summary(), get: get.histogram.summary() };
  } finally {
    attacker.kill('SIGKILL');
    await server.kill();
    removeDataDirectory(directory);
  }
}

async function begin(attacker: ChildProcess, port: number, { name }: Attack): Promise<void> {
  attacker.send({ port, name });
  await Promise.race([once(attacker, 'message'), once(attacker, 'exit')]);
}
