import { join } from 'node:path';
import { Random } from '../differential/random.js';
import type { Victim } from '../hostile/attack.js';
import { HostileLeader, type HostilePorts } from '../hostile/hostile-leader.js';
import { besiege, TooSlow } from '../hostile/siege.js';
import { checkNodes, writeNodes } from '../hostile/written.js';
import { Ensemble, installApache, type Member, type ServerKind, startNodekeeper, until } from '../peers/index.js';
import { MissingTool } from '../peers/tools.js';
import { type Context, type Suite, withServers } from '../suite.js';

const defaultSeconds = 20;
/**
 * `maxClientCnxns: 0` allows attacks with many connections. Without the short interval between notifications, a silent
 * member could delay an election by minutes.
 */
const config = { maxClientCnxns: '0', snapCount: '20000', 'fastleader.maxNotificationInterval': '1000' };

/**
 * Options: `--minutes M` is the duration for each kind of victim, and `--seed N` the seed. `--only PART` selects
 * attacks by name, and `--against PART` selects victims by name.
 */
export const hostile: Suite = {
  name: 'hostile',
  shows: 'strangers at all ports of nodekeeper servers, alone, in an ensemble and in a mixed one, and a lying leader',
  async run(context) {
    const against = context.options.get('against') ?? '';
    const chosen = Object.entries(parts).filter(([name]) => name.includes(against));
    if (chosen.length === 0)
      throw new Error(`no victim has "${against}" in its name: ${Object.keys(parts).join(', ')}`);
    for (const [name, part] of chosen) context.say(`  ${name}: ${await part(context)}`);
    return chosen.map(([name]) => name).join(', ');
  },
};

const parts: Record<string, (context: Context) => Promise<string>> = {
  alone,
  ensemble: (context) => members(context, ['nodekeeper', 'nodekeeper', 'nodekeeper']),
  mixed,
  'a lying leader': lyingLeader,
};

function seedOf({ options }: Context): number {
  return Number(options.get('seed') ?? Math.floor(Math.random() * 1e9));
}

async function siege(context: Context, victims: readonly Victim[]): Promise<string> {
  const minutes = context.options.get('minutes');
  const seconds = minutes === undefined ? defaultSeconds : Number(minutes) * 60;
  const directory = join(context.workDirectory, `bystander-of-${victims.length}`);
  return await withServers([() => startNodekeeper({ directory, config })], async ([bystander]) => {
    const attack = () =>
      besiege({
        victims,
        bystanderPort: bystander!.port,
        seed: seedOf(context),
        seconds,
        only: context.options.get('only'),
        say: context.say,
      });
    try {
      return await attack();
    } catch (error) {
      if (!(error instanceof TooSlow) || minutes !== undefined) throw error;
      context.say(`    once more: ${error.message}`);
      return await attack();
    }
  });
}

async function alone(context: Context): Promise<string> {
  const directory = join(context.workDirectory, 'alone');
  return await withServers([() => startNodekeeper({ directory, config })], async ([server]) => {
    const { port, pid } = server!;
    const log = () => server!.log();
    const noPorts = { serverId: undefined, electionPort: undefined, quorumPort: undefined };
    return await siege(context, [{ name: 'the server', pid, clientPort: port, ...noPorts, log }]);
  });
}

async function mixed(context: Context): Promise<string> {
  try {
    await installApache();
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    return `skipped: ${error.message}`;
  }
  return await members(context, ['apache', 'nodekeeper', 'nodekeeper']);
}

/**
 * Attacks the nodekeeper members of a new ensemble. Servers 2 and 3 start first, so that they elect server 3 as the
 * leader.
 */
async function members(context: Context, kinds: ServerKind[]): Promise<string> {
  const directory = join(context.workDirectory, kinds.join('-'));
  return await withMembers(directory, kinds, async (ensemble) => {
    await ensemble.start([2, 3]);
    await ensemble.start();
    await ensemble.leader();
    const victims = ensemble.members.filter(({ kind }) => kind === 'nodekeeper').map(victimOf);
    const leader = await ensemble.leader();
    const seen = await siege(context, victims);
    const stillLeads = (await ensemble.leader()) === leader;
    if (!stillLeads) throw new Error(`${leader.name} no longer leads`);
    return seen;
  });
}

async function withMembers(
  directory: string,
  members: ServerKind[],
  use: (ensemble: Ensemble) => Promise<string>,
): Promise<string> {
  const ensemble = await Ensemble.create({ directory, members, config });
  try {
    return await use(ensemble);
  } catch (error) {
    throw new Error(`${(error as Error).stack}\n${ensemble.logs()}`, { cause: error });
  } finally {
    await ensemble.destroy();
  }
}

function portsOf({ id, serverLine }: Member): HostilePorts {
  const [, quorumPort, electionPort] = serverLine.split(':');
  return { serverId: id, quorumPort: Number(quorumPort), electionPort: Number(electionPort) };
}

function victimOf(member: Member): Victim {
  const { name, pid, port: clientPort } = member;
  return { name, pid, clientPort, ...portsOf(member), log: () => member.log() };
}

/**
 * A server whose only running peer is a liar elects the liar and receives every lie. Then the liar leaves, and a second
 * honest server starts. Both honest servers must have all their data. The second server is down while the liar leads,
 * because otherwise the two honest servers could elect each other.
 */
async function lyingLeader(context: Context): Promise<string> {
  const directory = join(context.workDirectory, 'lies');
  return await withMembers(directory, ['nodekeeper', 'nodekeeper', 'nodekeeper'], async (ensemble) => {
    const honest = ensemble.members.slice(0, 2);
    const [deceived] = honest;
    await ensemble.start([1, 2]);
    await writeNodes((await ensemble.leader()).port);
    await ensemble.untilLevel();
    await Promise.all(honest.map((member) => member.stop()));
    const liar = new HostileLeader(portsOf(ensemble.member(3)), new Random(seedOf(context)));
    await liar.start([portsOf(deceived!).electionPort]);
    await deceived!.start();
    try {
      await until('every lie to be told', () => assertUp([deceived!]) && liar.untold === 0, 120_000);
    } catch (error) {
      throw new Error(`${(error as Error).message}; ${liar.untold} are left`, { cause: error });
    } finally {
      liar.stop();
    }
    await ensemble.start([1, 2]);
    for (const { port } of honest) await checkNodes(port);
    await Promise.all(honest.map((member) => member.kill()));
    await ensemble.start([1, 2]);
    for (const { port } of honest) await checkNodes(port);
    return 'every lie was told; the server continued, and restarted, with all its data';
  });
}

function assertUp(members: readonly Member[]): true {
  for (const member of members) if (!member.isUp) throw new Error(`${member.name} has ended`);
  return true;
}
