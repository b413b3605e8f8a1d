import type { Random } from '../differential/random.js';
import { type Ensemble, type Member, type ServerKind, until } from '../peers/index.js';
import { compareMembers } from './compare-members.js';
import { checkReport, KazooLoad } from './load.js';

const writers = 4;
const eventsEach = 5;
const kinds: ServerKind[] = ['apache', 'nodekeeper'];

type Event = (ensemble: Ensemble, member: Member, random: Random, load: KazooLoad) => Promise<void>;

/**
 * The events that `upheaval` chooses from. `killTwo` kills two servers at once, which can leave the ensemble without a
 * quorum. A server starts again as either kind, ZooKeeper or nodekeeper.
 */
const events: Record<string, Event> = {
  async kill(_ensemble, member, random, load) {
    await member.kill();
    await load.untilMore(5);
    await member.start(random.pick(kinds));
  },
  async stop(_ensemble, member, random, load) {
    await member.stop();
    await load.untilMore(5);
    await member.start(random.pick(kinds));
  },
  async restart(_ensemble, member, random) {
    await member.kill();
    await member.start(random.pick(kinds));
  },
  async pause(_ensemble, member, random) {
    await member.pause();
    await pass(random.pick([500, 3_000, 9_000]));
    member.resume();
  },
  async killTwo({ members }, member, random) {
    const other = random.pick(members.filter((item) => item !== member));
    await Promise.all([member.kill(), other.kill()]);
    await pass(random.pick([0, 1_000, 3_000]));
    await Promise.all([member.start(random.pick(kinds)), other.start(random.pick(kinds))]);
  },
};

/** Kills, pauses and replaces random servers under load until `endMs`. Returns a summary. */
export async function upheaval(
  ensemble: Ensemble,
  random: Random,
  endMs: number,
  say: (line: string) => void,
): Promise<string> {
  let count = 0;
  while (Date.now() < endMs) {
    const load = await KazooLoad.start(ensemble, writers);
    try {
      for (let number = 0; number < eventsEach; number++, count++) {
        const member = random.chance(50) ? await ensemble.leader() : random.pick(ensemble.members);
        const name = random.pick(Object.keys(events));
        const before = `${member.name}, ${await member.mode()}`;
        await events[name]!(ensemble, member, random, load);
        await ensemble.untilServing();
        await load.untilMore(5);
        await load.untilWatched();
        say(`  ${name} ${before}; now ${ensemble.members.map(({ kind }) => kind).join(', ')}`);
      }
      const report = await load.stop();
      say(`  ${checkReport(report, await compareMembers(ensemble))}`);
    } finally {
      load.kill();
    }
  }
  return `${count} events`;
}

async function pass(ms: number): Promise<void> {
  const endMs = Date.now() + ms;
  await until('time to pass', () => Date.now() > endMs);
}
