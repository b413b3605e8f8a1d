import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { Random } from '../differential/random.js';
import { fourLetterWord } from '../peers/index.js';
import { RawConnection } from '../raw/connection.js';
import type { Attack, Victim } from './attack.js';
import { clientAttacks } from './client-attacks.js';
import { electionAttacks } from './election-attacks.js';
import type { Experience } from './innocent.js';
import { InnocentClients } from './innocent-clients.js';
import { quorumAttacks } from './quorum-attacks.js';

const allAttacks: readonly Attack[] = [...electionAttacks, ...quorumAttacks, ...clientAttacks];

interface Limits {
  /**
   * The limit for the 99.9th percentile of an innocent client's reply times. It applies to reads, and to writes of a
   * standalone server.
   */
  readonly p999Ms: number;
  /**
   * The limit for the 99.9th percentile of writes in an ensemble. It is larger than `p999Ms`, because all servers,
   * disks and attackers share one machine.
   */
  readonly ensembleWriteP999Ms: number;
  /**
   * The limit for a victim is at least this factor times the reply time of the bystander. The bystander is a server
   * that is not attacked, but that the same slow machine or disk delays.
   */
  readonly timesBystander: number;
  /**
   * With fewer samples than this, the 99.9th percentile depends on a single bad moment. Then the limit applies to the
   * 99th percentile, and it is doubled.
   */
  readonly samplesMin: number;
  /** How much the memory of a server may grow during the attacks. */
  readonly grownMiB: number;
  /** How much a server may write to its log per minute. */
  readonly logBytesPerMinute: number;
}

const limits: Limits = {
  p999Ms: 50,
  ensembleWriteP999Ms: 100,
  timesBystander: 2,
  samplesMin: 20_000,
  grownMiB: 400,
  logBytesPerMinute: 4 * 1024 * 1024,
};

interface Siege {
  readonly victims: readonly Victim[];
  /** The client port of the bystander, a server on this machine that is not attacked. */
  readonly bystanderPort: number;
  readonly seed: number;
  readonly seconds: number;
  /** Selects the attacks whose name contains this text. */
  readonly only?: string | undefined;
  say(line: string): void;
}

/**
 * The state of a victim before or after the attacks. The epoch must stay the same, because no message of a stranger may
 * cause an election.
 */
interface Condition {
  readonly rssMiB: number;
  readonly epoch: string;
  readonly logBytes: number;
}

/** Thrown if the innocent clients waited too long. In a short run, a single bad moment can be the cause. */
export class TooSlow extends Error {}

/**
 * Attacks the victims. Runs each attack at least once, then random attacks until the time is over. Throws if a victim
 * is harmed.
 */
export async function besiege(siege: Siege): Promise<string> {
  const { victims, seconds, seed } = siege;
  // A server that has just joined reports the epoch from its files until it applies a write. `syncAt` opens a session,
  // and the creation of a session is a write.
  for (const { clientPort } of victims) await syncAt(clientPort);
  const before = await Promise.all(victims.map(conditionOf));
  const innocent = new InnocentClients([siege.bystanderPort, ...victims.map(({ clientPort }) => clientPort)]);
  // this process attacks at low priority, so that the scheduler prefers the servers and the innocent clients
  setPriority(constants.priority.PRIORITY_LOW);
  try {
    const startMs = Date.now();
    const attacked = await attackFor(siege, startMs + seconds * 1000);
    const minutes = (Date.now() - startMs) / 60_000;
    const [bystander, ...experiences] = (await innocent.stop()) as [Experience, ...Experience[]];
    const grown = await Promise.all(victims.map((victim, index) => compare(victim, before[index]!, minutes)));
    for (const line of worstDelays(attacked, experiences)) siege.say(`    ${line}`);
    for (const [index, { name }] of victims.entries()) {
      const { readMs, writeMs } = experiences[index]!;
      siege.say(`    ${name}: ${grown[index]}; ${delays('get', readMs)}; ${delays('set', writeMs)}`);
    }
    siege.say(`    not attacked: ${delays('get', bystander.readMs)}; ${delays('set', bystander.writeMs)}`);
    const writeLimitMs = victims.length === 1 ? limits.p999Ms : limits.ensembleWriteP999Ms;
    for (const experience of [bystander, ...experiences]) await checkWrites(experience);
    for (const experience of experiences) checkDelays(experience, bystander, writeLimitMs);
    return `seed ${seed}, ${attacked.length} attacks`;
  } finally {
    restorePriority();
    innocent.kill();
  }
}

async function syncAt(port: number): Promise<void> {
  const connection = await RawConnection.open(port);
  await connection.must({ operation: 'sync', value: { path: '/' } });
  await connection.call({ operation: 'closeSession' });
}

/**
 * Sets this process back to normal priority, which only root may do. If this fails, the servers that start later have
 * the low priority too, so none has an advantage.
 */
function restorePriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_NORMAL);
  } catch {
    // without root, the priority stays low
  }
}

/** An attack that was run, with its start and end. */
interface Attacked {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

async function attackFor({ victims, seed, only }: Siege, endMs: number): Promise<Attacked[]> {
  const random = new Random(seed);
  const due = victims.flatMap((victim) =>
    allAttacks
      .filter(({ name, port }) => victim[port] !== undefined && (only === undefined || name.includes(only)))
      .map((attack) => ({ attack, victim })),
  );
  if (due.length === 0) throw new Error(`no attack has "${only}" in its name`);
  const attacked: Attacked[] = [];
  const first = [...due];
  while (first.length > 0 || Date.now() < endMs) {
    const { attack, victim } = first.shift() ?? random.pick(due);
    const startMs = Date.now();
    await attack.run(victim, random).catch((error) => {
      throw new Error(`"${attack.name}" against ${victim.name}: ${(error as Error).message}`, { cause: error });
    });
    attacked.push({ name: attack.name, startMs, endMs: Date.now() });
    if (!isAlive(victim)) throw new Error(`${victim.name} ended under "${attack.name}" (seed ${seed})`);
  }
  return attacked;
}

/** Describes the longest reply times of innocent clients, with the attacks during which they occurred. */
function worstDelays(attacked: readonly Attacked[], experiences: readonly Experience[]): string[] {
  const worst = new Map<string, number>();
  for (const { atMs, ms } of experiences.flatMap(({ delays }) => delays)) {
    const attack = attacked.find(({ startMs, endMs }) => startMs < atMs + ms && atMs <= endMs);
    if (attack !== undefined) worst.set(attack.name, Math.max(ms, worst.get(attack.name) ?? 0));
  }
  const rows = [...worst].toSorted(([, one], [, other]) => other - one).slice(0, 5);
  return rows.map(([name, ms]) => `longest reply time under "${name}": ${ms.toFixed(1)} ms`);
}

function isAlive({ pid }: Victim): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function conditionOf(victim: Victim): Promise<Condition> {
  const status = await fourLetterWord(victim.clientPort, 'srvr');
  const zxid = BigInt(/^Zxid: (\S+)/m.exec(status)?.[1] ?? 0);
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${victim.pid}/status`, 'utf8'))?.[1];
  return { rssMiB: Number(rss) / 1024, epoch: String(zxid >> 32n), logBytes: victim.log().length };
}

async function compare(victim: Victim, before: Condition, minutes: number): Promise<string> {
  const after = await conditionOf(victim);
  const grownMiB = after.rssMiB - before.rssMiB;
  const logBytes = after.logBytes - before.logBytes;
  if (after.epoch !== before.epoch)
    throw new Error(`${victim.name} is in epoch ${after.epoch}, no longer in ${before.epoch}: there was an election`);
  if (grownMiB > limits.grownMiB) throw new Error(`${victim.name} has grown by ${grownMiB.toFixed(0)} MiB`);
  if (logBytes > limits.logBytesPerMinute * Math.max(1, minutes))
    throw new Error(`${victim.name} has written ${logBytes} bytes of log in ${minutes.toFixed(1)} minutes`);
  return `${grownMiB.toFixed(0)} MiB more, ${Math.round(logBytes / 1024)} KiB of log`;
}

async function checkWrites({ port, path, acknowledged, problem }: Experience): Promise<void> {
  if (problem !== undefined) throw new Error(`the innocent client of port ${port} failed: ${problem}`);
  const connection = await RawConnection.open(port);
  await connection.must({ operation: 'sync', value: { path } });
  const { data } = await connection.must({ operation: 'getData', value: { path, watch: false } });
  await connection.must({ operation: 'delete', value: { path, version: -1 } });
  await connection.call({ operation: 'closeSession' });
  if (Number(String(data)) !== acknowledged)
    throw new Error(`${path} is ${data}, but the last acknowledged write is ${acknowledged}`);
}

function checkDelays({ port, readMs, writeMs }: Experience, bystander: Experience, writeLimitMs: number): void {
  const slow = [
    ...slowness('get', readMs, bystander.readMs, limits.p999Ms),
    ...slowness('set', writeMs, bystander.writeMs, writeLimitMs),
  ];
  if (slow.length > 0) throw new TooSlow(`the innocent client of port ${port} waited too long: ${slow.join(', ')}`);
}

/**
 * Describes the reply times if they exceed the limit. On a busy machine, the limit grows with the reply times of the
 * bystander's client.
 */
function slowness(
  name: string,
  sortedMs: readonly number[],
  bystanderMs: readonly number[],
  limitMs: number,
): string[] {
  const isLong = sortedMs.length >= limits.samplesMin;
  const [share, baseMs] = isLong ? [0.999, limitMs] : [0.99, 2 * limitMs];
  const allowedMs = Math.max(baseMs, (limits.timesBystander * quantile(bystanderMs, share) * limitMs) / limits.p999Ms);
  return quantile(sortedMs, share) > allowedMs ? [delays(name, sortedMs)] : [];
}

function delays(name: string, sortedMs: readonly number[]): string {
  const [p50, p99, p999, longest] = [0.5, 0.99, 0.999, 1].map((share) => quantile(sortedMs, share).toFixed(1));
  return `${sortedMs.length} ${name} p50 ${p50} ms, p99 ${p99} ms, p99.9 ${p999} ms, longest ${longest} ms`;
}

function quantile(sortedMs: readonly number[], share: number): number {
  return sortedMs[Math.min(sortedMs.length - 1, Math.floor(sortedMs.length * share))] ?? 0;
}
