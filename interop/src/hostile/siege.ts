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

export const allAttacks: readonly Attack[] = [...electionAttacks, ...quorumAttacks, ...clientAttacks];

export interface Limits {
  /** The slowest answer but one in a thousand of an innocent client. */
  readonly p999Ms: number;
  /** What a process may have in memory, beyond what it had before. */
  readonly grownMiB: number;
  /** What a server may write to its log. */
  readonly logBytesPerMinute: number;
}

export const limits: Limits = { p999Ms: 50, grownMiB: 400, logBytesPerMinute: 4 * 1024 * 1024 };

export interface Siege {
  readonly victims: readonly Victim[];
  readonly seed: number;
  readonly seconds: number;
  /** Only the attacks whose name has this in it. */
  readonly only?: string | undefined;
  say(line: string): void;
}

/** The victim must be there, and in the epoch in which it was: nothing that a stranger says is worth an election. */
interface Condition {
  readonly rssMiB: number;
  readonly epoch: string;
  readonly logBytes: number;
}

/** Attacks the victims, each attack at least once and then at random until the time is over; throws where one is hurt. */
export async function besiege(siege: Siege): Promise<string> {
  const { victims, seconds, seed } = siege;
  const before = await Promise.all(victims.map(conditionOf));
  const innocent = new InnocentClients(victims.map(({ clientPort }) => clientPort));
  // the innocent are measured, so they and the servers go first
  setPriority(constants.priority.PRIORITY_LOW);
  try {
    const startMs = Date.now();
    const count = await attackFor(siege, startMs + seconds * 1000);
    const minutes = (Date.now() - startMs) / 60_000;
    const experiences = await innocent.stop();
    const grown = await Promise.all(victims.map((victim, index) => compare(victim, before[index]!, minutes)));
    const delays = await Promise.all(experiences.map(checkExperience));
    return `seed ${seed}, ${count} attacks; ${victims.map(({ name }, index) => `${name}: ${grown[index]}, ${delays[index]}`).join('; ')}`;
  } finally {
    setPriority(constants.priority.PRIORITY_NORMAL);
    innocent.kill();
  }
}

async function attackFor({ victims, seed, only, say }: Siege, endMs: number): Promise<number> {
  const random = new Random(seed);
  const due = victims.flatMap((victim) =>
    allAttacks
      .filter(({ name, port }) => victim[port] !== undefined && (only === undefined || name.includes(only)))
      .map((attack) => ({ attack, victim })),
  );
  if (due.length === 0) throw new Error(`no attack has "${only}" in its name`);
  let count = 0;
  const first = [...due];
  while (first.length > 0 || Date.now() < endMs) {
    const { attack, victim } = first.shift() ?? random.pick(due);
    const startMs = Date.now();
    await attack.run(victim, random).catch((error) => {
      throw new Error(`"${attack.name}" against ${victim.name}: ${(error as Error).message}`, { cause: error });
    });
    count++;
    if (!isAlive(victim)) throw new Error(`${victim.name} ended under "${attack.name}" (seed ${seed})`);
    if (only !== undefined) say(`    ${attack.name} against ${victim.name}: ${Date.now() - startMs} ms`);
  }
  return count;
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
    throw new Error(`${victim.name} is in epoch ${after.epoch}, no more in ${before.epoch}: there was an election`);
  if (grownMiB > limits.grownMiB) throw new Error(`${victim.name} has grown by ${grownMiB.toFixed(0)} MiB`);
  if (logBytes > limits.logBytesPerMinute * Math.max(1, minutes))
    throw new Error(`${victim.name} has written ${logBytes} bytes of log in ${minutes.toFixed(1)} minutes`);
  return `${grownMiB.toFixed(0)} MiB more, ${Math.round(logBytes / 1024)} KiB of log`;
}

async function checkExperience(experience: Experience): Promise<string> {
  const { port, path, acknowledged, problem } = experience;
  if (problem !== undefined) throw new Error(`the innocent client of port ${port} was hurt: ${problem}`);
  const connection = await RawConnection.open(port);
  await connection.must({ operation: 'sync', value: { path } });
  const { data } = await connection.must({ operation: 'getData', value: { path, watch: false } });
  await connection.must({ operation: 'delete', value: { path, version: -1 } });
  await connection.call({ operation: 'closeSession' });
  if (Number(String(data)) !== acknowledged)
    throw new Error(`${path} is ${data}; the last write that was acknowledged is ${acknowledged}`);
  return `${delays('get', experience.readMs)}, ${delays('set', experience.writeMs)}`;
}

function delays(name: string, sortedMs: readonly number[]): string {
  const at = (share: number) => sortedMs[Math.min(sortedMs.length - 1, Math.floor(sortedMs.length * share))] ?? 0;
  if (at(0.999) > limits.p999Ms)
    throw new Error(
      `${name} of an innocent client: p99.9 is ${at(0.999).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms`,
    );
  return `${name} p99.9 ${at(0.999).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms`;
}
