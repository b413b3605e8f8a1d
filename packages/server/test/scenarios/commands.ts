import { CreateFlag } from '@nodekeeper/protocol';
import { createRequest } from '../support/test-client.js';
import type { TestMember } from '../support/test-ensemble.js';
import { type Scenario, statusOf } from './scenario.js';
import { type Arguments, Usage, UsageError } from './usage.js';

interface Command {
  readonly usage: Usage;
  readonly help: string;
  readonly run: (scenario: Scenario, args: Arguments) => void;
}

function command(usage: string, help: string, run: Command['run']): Command {
  return { usage: new Usage(usage), help, run };
}

/** The commands of a scenario. After each command, the ensemble completes all work that needs no time to pass. */
const commands: readonly Command[] = [
  command(
    'ensemble COUNT [observers=SERVERS] [serving=SERVERS] [commitLogCount=COUNT] [pings]',
    'Configures the servers 1 to COUNT. Starts those of `serving`, and begins the trace when they serve. With ' +
      '`commitLogCount` a leader keeps so many transactions in memory for its learners, and does not read more from its logs. ' +
      'With `pings` the trace includes PING packets.',
    createEnsemble,
  ),
  command('start SERVER...', 'Starts servers, for the first time or again.', (scenario, args) => {
    for (const id of args.numbers('SERVER')) scenario.start(id);
  }),
  command('stop SERVER...', 'Stops servers cleanly.', (scenario, args) => {
    for (const id of args.numbers('SERVER')) scenario.running(id).stop();
  }),
  command(
    'crash SERVER...',
    'The servers lose power. Their unsynced data is lost, and so are their packets on links that are cut.',
    (scenario, args) => {
      for (const id of args.numbers('SERVER')) scenario.crash(id);
    },
  ),
  command(
    'until STATE SERVER...',
    'Lets time pass until all these servers are `serving`, `leading` or `looking`.',
    until,
  ),
  command('wait TIME', 'Lets time pass.', ({ ensemble }, args) => ensemble.advance(args.number('TIME'))),
  command('cut LINK...', 'Cuts links. Packets on them are held, and new connections fail.', (scenario, args) => {
    for (const [from, to] of directions(scenario, args)) scenario.ensemble.peers.cut(from, to);
  }),
  command(
    'cut before PACKET LINK...',
    'Cuts each of these links when the next such packet is sent over it, and holds the packet.',
    (scenario, args) => {
      const packet = args.text('PACKET');
      for (const [from, to] of directions(scenario, args)) {
        if (!scenario.links.cutBefore(packet, from, to)) throw new UsageError(`there is no packet ${packet}`);
      }
    },
  ),
  command('heal', 'Restores all links. The held packets arrive.', ({ ensemble }) => ensemble.peers.heal()),
  command('hold disk SERVER...', 'Holds the log writes of these servers before the disk.', (scenario, args) => {
    for (const id of args.numbers('SERVER')) scenario.member(id).isDiskHeld = true;
  }),
  command('release disk SERVER...', 'Writes the held data to the disk.', (scenario, args) => {
    for (const id of args.numbers('SERVER')) scenario.member(id).isDiskHeld = false;
  }),
  command('connect CLIENT to SERVER', 'A new client opens a session.', (scenario, args) => {
    scenario.connect(args.text('CLIENT'), args.number('SERVER'));
  }),
  command(
    'reconnect CLIENT to SERVER',
    'The client resumes its session on a new connection. Its older connection stays open until a server closes it.',
    (scenario, args) => scenario.reconnect(args.text('CLIENT'), args.number('SERVER')),
  ),
  command('disconnect CLIENT', 'The client closes its connection, and keeps its session.', (scenario, args) => {
    scenario.client(args.text('CLIENT')).disconnect();
  }),
  command('create CLIENT PATH DATA [ephemeral]', 'The client creates a znode.', (scenario, args) => {
    const [path, data] = [args.text('PATH'), args.text('DATA')];
    const flags = args.has('ephemeral') ? CreateFlag.EPHEMERAL : CreateFlag.PERSISTENT;
    const about = `${path} "${data}"${args.has('ephemeral') ? ' ephemeral' : ''}`;
    scenario.client(args.text('CLIENT')).request('create', createRequest(path, data, { flags }), about);
  }),
  command('set CLIENT PATH DATA', 'The client sets the data of a znode.', (scenario, args) => {
    const [path, data] = [args.text('PATH'), args.text('DATA')];
    const request = { path, data: Buffer.from(data), version: -1 };
    scenario.client(args.text('CLIENT')).request('setData', request, `${path} "${data}"`);
  }),
  command('delete CLIENT PATH', 'The client deletes a znode.', (scenario, args) => {
    const path = args.text('PATH');
    scenario.client(args.text('CLIENT')).request('delete', { path, version: -1 }, path);
  }),
  command(
    'get CLIENT PATH [watch]',
    'The client reads a znode. With `watch` it is notified of the next change.',
    (scenario, args) => {
      const [path, watch] = [args.text('PATH'), args.has('watch')];
      scenario.client(args.text('CLIENT')).request('getData', { path, watch }, `${path}${watch ? ' watch' : ''}`);
    },
  ),
  command('sync CLIENT', 'The client syncs with the leader.', (scenario, args) => {
    scenario.client(args.text('CLIENT')).request('sync', { path: '/' }, '/');
  }),
  command('close CLIENT', 'The client ends its session.', (scenario, args) => {
    scenario.client(args.text('CLIENT')).request('closeSession', undefined, '');
  }),
  command(
    'status',
    'Shows each server in one line: state, epochs, last zxid on disk and in memory, znodes.',
    addStatus,
  ),
];

/**
 * Runs one line of a scenario, and returns the trace of what happened. Throws `UsageError` if the line is not a
 * command.
 */
export function runCommand(scenario: Scenario, line: string): string[] {
  const words = line.split(/\s+/);
  const { run, usage } = commandFor(words);
  run(scenario, usage.parse(words));
  scenario.ensemble.settle();
  const lines = scenario.trace.take();
  return lines.length === 0 ? ['ok'] : lines;
}

/**
 * Finds the command of a line. If several names match, the longest one wins, because `cut before` is a different
 * command from `cut`.
 */
function commandFor(words: readonly string[]): Command {
  const named = commands.filter(({ usage }) => isPrefix(usage.name.split(' '), words));
  const found = named.toSorted((a, b) => b.usage.name.length - a.usage.name.length)[0];
  if (found !== undefined) return found;
  const usages = commands.map(({ usage }) => `  ${usage.text}`).join('\n');
  throw new UsageError(`"${words[0]}" is not a command; the commands are:\n${usages}`);
}

function isPrefix(name: readonly string[], words: readonly string[]): boolean {
  return name.every((word, index) => words[index] === word);
}

function createEnsemble(scenario: Scenario, args: Arguments): void {
  const observers = serverIds(args.option('observers'));
  const commitLogCount = args.option('commitLogCount');
  const config = commitLogCount === undefined ? {} : { commitLogCount: Number(commitLogCount), snapshotSizeFactor: -1 };
  scenario.create(args.number('COUNT'), { observers, config }, args.has('pings'));
  const serving = serverIds(args.option('serving'));
  if (serving.length === 0) return;
  for (const id of serving) scenario.start(id);
  scenario.ensemble.untilServing();
  scenario.trace.take();
  addStatus(scenario);
}

function serverIds(option = ''): number[] {
  return option.split(',').filter(Boolean).map(Number);
}

function addStatus({ ensemble, trace }: Scenario): void {
  for (const member of ensemble.members) trace.add(statusOf(member));
}

const states: Record<string, (member: TestMember) => boolean> = {
  serving: ({ clients }) => clients.isServing,
  leading: ({ peer }) => peer.leader?.phase === 'broadcast',
  looking: ({ peer }) => peer.state === 'looking',
};

function until(scenario: Scenario, args: Arguments): void {
  const isSo = states[args.text('STATE')]!;
  const members = args.numbers('SERVER').map((id) => scenario.running(id));
  scenario.ensemble.until(`${args.text('STATE')} ${args.all('SERVER').join(' ')}`, () => members.every(isSo));
}

/** Returns the names of the sending and the receiving server for each direction of the links. */
function directions(scenario: Scenario, args: Arguments): [from: string, to: string][] {
  return args.all('LINK').flatMap((link): [string, string][] => {
    const name = (id: string | undefined) => scenario.member(Number(id)).name;
    const [one, other] = [name(link[0]), name(link[2])];
    return link[1] === '>'
      ? [[one, other]]
      : [
          [one, other],
          [other, one],
        ];
  });
}

/** Returns the table of commands, as it is in the README of this folder. */
export function commandTable(): string {
  const rows = commands.map(({ usage, help }) => `| \`${usage.text}\` | ${help} |`);
  return ['| command | what happens |', '| --- | --- |', ...rows].join('\n');
}
