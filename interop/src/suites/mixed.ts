import { join } from 'node:path';
import { Random } from '../differential/random.js';
import { writeWorkload } from '../directories/workload.js';
import { compareMembers } from '../mixed/compare-members.js';
import { checkReport, KazooLoad } from '../mixed/load.js';
import { expiry, pipelines } from '../mixed/sessions.js';
import { fill, moreThanKept, proposeInVain, startAndExpect, syncModes, write } from '../mixed/synchronisation.js';
import { upheaval } from '../mixed/upheaval.js';
import {
  type Ensemble,
  installApache,
  installKazoo,
  type MemberOptions,
  type ServerKind,
  withEnsemble,
} from '../peers/index.js';
import type { Context, Suite } from '../suite.js';
import { quietConfig } from './differential.js';

/** A test on a running ensemble. The result is a summary. */
type Test = (ensemble: Ensemble) => Promise<string>;

const tests: Record<string, Test> = {
  roles,
  traffic,
  pipelines,
  expiry,
  'DIFF and SNAP': behind,
  'TRUNC and SNAP after an unacknowledged write': astray,
  'leader killed under load': killedLeaders,
  'SNAP under load': snapshotsUnderLoad,
};

export const mixed: Suite = {
  name: 'mixed',
  shows:
    'ensembles of ZooKeeper and nodekeeper servers: every role, every kind of synchronisation, leaders killed under load',
  async run(context) {
    await installApache();
    await installKazoo();
    const { subject } = context;
    const minutes = context.options.get('minutes');
    if (minutes !== undefined) return await runUpheaval(context, Number(minutes));
    await run(context, ['apache', 'apache', subject], 'apache');
    await run(context, [subject, subject, 'apache'], subject);
    return `2 ensembles, ${Object.keys(tests).length} tests each`;
  },
};

/**
 * Runs all tests on a new ensemble. The last voter becomes its leader, because it has the largest id of the voters and
 * runs when the first leader is elected.
 */
async function run(context: Context, voters: ServerKind[], observer: ServerKind): Promise<void> {
  const members: MemberOptions[] = [...voters.map((kind) => ({ kind })), { kind: observer, role: 'observer' }];
  const directory = join(context.workDirectory, voters.join('-'));
  context.say(`  voters ${voters.join(', ')}, observer ${observer}:`);
  const only = context.options.get('only');
  await withEnsemble({ directory, members, config: quietConfig, startFirst: [1, 3] }, async (ensemble) => {
    for (const [name, test] of Object.entries(tests)) {
      if (only !== undefined && !name.includes(only)) continue;
      const start = Date.now();
      const seen = await test(ensemble).catch((error) => {
        throw new Error(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`, {
          cause: error,
        });
      });
      context.say(`    ${name}: ${seen} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    }
  });
}

/**
 * Runs in place of the tests if the options `--minutes M [--seed N]` are given. Kills, pauses and replaces servers for
 * M minutes.
 */
async function runUpheaval(context: Context, minutes: number): Promise<string> {
  const seed = Number(context.options.get('seed') ?? Math.floor(Math.random() * 1e9));
  const { subject, workDirectory: directory } = context;
  const members: MemberOptions[] = [
    { kind: 'apache' },
    { kind: subject },
    { kind: 'apache' },
    { kind: subject, role: 'observer' },
  ];
  context.say(`  seed ${seed}`);
  // with this snapCount, servers often write snapshots and start new logs; with this syncLimit, a long pause ends the
  // connection to the leader
  const config = { ...quietConfig, snapCount: '2000', syncLimit: '5' };
  const endMs = Date.now() + minutes * 60_000;
  return await withEnsemble({ directory, members, config }, (ensemble) =>
    upheaval(ensemble, new Random(seed), endMs, context.say),
  );
}

async function roles(ensemble: Ensemble): Promise<string> {
  const leader = await ensemble.leader();
  if (leader.id !== 3) throw new Error(`${leader.name} leads, not the largest id`);
  const modes = await Promise.all(ensemble.members.map((member) => member.mode()));
  if (modes.join() !== 'follower,follower,leader,observer') throw new Error(`modes ${modes}`);
  return ensemble.members.map(({ kind }, index) => `${kind} ${modes[index]}`).join(', ');
}

/** At every member, creates nodes of every kind and makes transactions of every kind. Then compares the members. */
async function traffic(ensemble: Ensemble): Promise<string> {
  await Promise.all(ensemble.members.map(({ id, port }) => writeWorkload(port, `/at-${id}`, 3)));
  const tree = await compareMembers(ensemble);
  return `${tree.size} nodes`;
}

/**
 * Members that lack transactions. One missed a few writes, another missed more than the leader keeps in memory, and a
 * third has lost its directory.
 */
async function behind(ensemble: Ensemble): Promise<string> {
  const [leader, observer] = [await ensemble.leader(), ensemble.member(4)];
  const [first, second] = await ensemble.followers();
  await write(leader, '/missed-few', 20);
  await ensemble.untilLevel();
  await Promise.all([first!.stop(), observer.kill()]);
  await write(leader, '/missed-few', 20);
  await Promise.all([startAndExpect(first!, 'DIFF'), startAndExpect(observer, 'DIFF')]);
  await Promise.all([second!.kill(), observer.stop()]);
  await write(first!, '/missed-many', moreThanKept);
  observer.wipe();
  // `second` missed more than the leader has in memory. The leader sends the missed transactions from its log, because
  // they are only a small part of it.
  await Promise.all([startAndExpect(second!, 'DIFF'), startAndExpect(observer, 'SNAP')]);
  await first!.stop();
  first!.wipe();
  await startAndExpect(first!, 'SNAP');
  await compareMembers(ensemble);
  return `from ${leader.kind} to ${[first!, second!, observer].map(({ kind }) => kind).join(', ')}`;
}

/** A former leader comes back with a write that the other servers never received. */
async function astray(ensemble: Ensemble): Promise<string> {
  const seen: string[] = [];
  const first = await proposeInVain(ensemble, '/in-vain-1');
  await startAndExpect(first, 'TRUNC');
  seen.push(`TRUNC from ${(await ensemble.leader()).kind} to ${first.kind}`);
  await write(await ensemble.leader(), '/history', 5);
  const second = await proposeInVain(ensemble, '/in-vain-2');
  // The leader now has writes of a new epoch. It cannot tell from the zxid of the returning server which transactions
  // both share, so it sends a snapshot.
  await write(await ensemble.leader(), '/history', 5);
  await startAndExpect(second, 'SNAP');
  seen.push(`SNAP from ${(await ensemble.leader()).kind} to ${second.kind}`);
  const tree = await compareMembers(ensemble);
  for (const path of ['/in-vain-1', '/in-vain-2']) if (tree.has(path)) throw new Error(`${path} has come back`);
  return seen.join(', ');
}

/** Kills the leader several times under load. No acknowledged write and no session may be lost. */
async function killedLeaders(ensemble: Ensemble): Promise<string> {
  const load = await KazooLoad.start(ensemble, 3);
  const killed: string[] = [];
  try {
    for (let round = 0; round < 3; round++) {
      const leader = await ensemble.leader();
      await load.untilMore(20);
      await leader.kill();
      await ensemble.leader();
      await load.untilMore(20);
      await leader.start();
      await leader.untilServing();
      await load.untilWatched();
      killed.push(`${leader.kind} (back by ${syncModes(leader).at(-1)})`);
    }
    const report = await load.stop();
    return `${killed.join(', ')}; ${checkReport(report, await compareMembers(ensemble))}`;
  } finally {
    load.kill();
  }
}

/**
 * Deletes the directory of a follower, and later the directory of the leader. Each time, the current leader sends the
 * server a snapshot while clients write.
 */
async function snapshotsUnderLoad(ensemble: Ensemble): Promise<string> {
  const leader = await ensemble.leader();
  await fill(leader, '/large', 6, 1_000);
  const load = await KazooLoad.start(ensemble, 3);
  try {
    const [follower] = await ensemble.followers();
    const ways: string[] = [];
    for (const member of [follower!, leader]) {
      await member.kill();
      member.wipe();
      const { kind } = await ensemble.leader();
      await startAndExpect(member, 'SNAP');
      await load.untilMore(10);
      ways.push(`${kind} to ${member.kind}`);
    }
    await load.untilWatched();
    return `${ways.join(', ')}; ${checkReport(await load.stop(), await compareMembers(ensemble))}`;
  } finally {
    load.kill();
  }
}
