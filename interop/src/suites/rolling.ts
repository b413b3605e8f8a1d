import { compareMembers } from '../mixed/compare-members.js';
import { checkReport, KazooLoad } from '../mixed/load.js';
import { type Ensemble, installApache, installKazoo, type ServerKind, withEnsemble } from '../peers/index.js';
import type { Context, Suite } from '../suite.js';
import { quietConfig } from './differential.js';

const writers = 4;

export const rolling: Suite = {
  name: 'rolling',
  shows:
    'nodekeeper replaces a running ensemble of ZooKeeper servers, server by server, and back, and no client notices',
  async run(context) {
    await installApache();
    await installKazoo();
    const directory = context.workDirectory;
    const members: ServerKind[] = ['apache', 'apache', 'apache'];
    return await withEnsemble({ directory, members, config: quietConfig }, (ensemble) => roll(context, ensemble));
  },
};

async function roll(context: Context, ensemble: Ensemble): Promise<string> {
  const load = await KazooLoad.start(ensemble, writers);
  try {
    for (const id of [1, 2, 3]) await replace(context, ensemble, load, id, context.subject);
    for (const id of [3, 2, 1]) await replace(context, ensemble, load, id, 'apache');
    const report = await load.stop();
    const sessions = writers + ensemble.members.length;
    return `6 replacements, ${sessions} sessions kept, ${checkReport(report, await compareMembers(ensemble))}`;
  } finally {
    load.kill();
  }
}

/** Stops the member, and starts a server of the other kind on the member's directory. */
async function replace(
  context: Context,
  ensemble: Ensemble,
  load: KazooLoad,
  id: number,
  kind: ServerKind,
): Promise<void> {
  const member = ensemble.member(id);
  const before = `${member.kind} ${await member.mode()}`;
  const start = Date.now();
  await member.stop();
  await load.untilMore(10);
  await member.start(kind);
  await member.untilServing();
  await load.untilMore(10);
  await load.untilWatched();
  const after = `${member.kind} ${await member.mode()}`;
  context.say(`  server ${id}: ${before} became ${after} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}
