import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, installApache, repositoryRoot, runCommand, startApache } from '../peers/index.js';
import { type Context, type ServerKind, type Suite, startServer, withServers } from '../suite.js';
import { everyCommand } from '../zkcli/every-command.js';
import { javaShell } from '../zkcli/java-shell.js';
import { knownDifferences } from '../zkcli/known-differences.js';
import { type OneShot, oneShots } from '../zkcli/one-shots.js';
import { comparable, inSections, marker, type Printed, type Section, withoutEvents } from '../zkcli/printout.js';
import { reconfigScript } from '../zkcli/reconfig-script.js';
import { sessionScript } from '../zkcli/session-script.js';

/** The command that starts a shell. The caller appends the shell's options. */
type ShellCommand = readonly [program: string, ...words: string[]];

interface Run extends Printed {
  readonly exitCode: number;
}

export const shell: Suite = {
  name: 'shell',
  shows: "nodekeeper's zkcli prints the same as ZooKeeper's, for every command and option, on both servers",
  async run(context) {
    await installApache();
    const ours: ShellCommand = [process.execPath, join(repositoryRoot, 'packages', 'cli', 'bin', 'zkcli.js')];
    const shells: Shells = [await javaShell({ lineReader: true }), ours];
    const differences = (await Promise.all([onServers(context, shells), inOneShots(context, shells)])).flat();
    if (differences.length > 0) throw new Error(`${differences.length} differences\n${differences.join('\n')}`);
    for (const { command, why } of knownDifferences) context.say(`known difference: ${command}: ${why}`);
    const commands = everyCommand.length + sessionScript.length;
    return `${commands} commands on two servers, ${reconfigScript.length} on an ensemble, ${oneShots.length} one-shot calls`;
  },
};

/** The commands that start ZooKeeper's shell (`expected`) and nodekeeper's (`actual`). */
type Shells = readonly [expected: ShellCommand, actual: ShellCommand];

/** Runs `use` for both shells at the same time. Returns both results. */
function ofBoth<Result>(shells: Shells, use: (command: ShellCommand) => Promise<Result>): Promise<[Result, Result]> {
  return Promise.all([use(shells[0]), use(shells[1])]);
}

/**
 * Compares the two shells, first on one kind of server, then on the other. Two servers and two shells run at a time,
 * which suits a small machine.
 */
async function onServers(context: Context, shells: Shells): Promise<string[]> {
  const differences: string[] = [];
  for (const server of ['apache', 'nodekeeper'] as const) {
    const [expected, actual] = await ofBoth(shells, (command) => runScripts(context, server, command));
    const found = [...compareSections(expected, actual), ...compareSessions(expected.session, actual.session)];
    differences.push(...found.map((difference) => `on the server of ${server}: ${difference}`));
  }
  const [expected, actual] = await ofBoth(shells, (command) => runReconfig(context, command));
  if (!expected.stdout.includes('Committed new configuration'))
    differences.push('ZooKeeper committed no configuration');
  return [...differences, ...compareSessions(expected, actual)];
}

async function inOneShots(context: Context, shells: Shells): Promise<string[]> {
  const [expected, actual] = await ofBoth(shells, (command) => runOneShots(context, command));
  return oneShots.flatMap((row, index) => compareOneShot(row, expected[index]!, actual[index]!));
}

// ---- runs of the two shells

interface ScriptRuns {
  sections: Section[];
  events: string[];
  exitCodes: number[];
  session: Printed;
}

const serverConfig = { extendedTypesEnabled: 'true', enforceQuota: 'true', reconfigEnabled: 'false' };
const environment = { ...process.env, TZ: 'UTC' };

/** Runs the scripts in one shell. Each shell gets a new server, so that both shells see the same zxids. */
function runScripts(context: Context, kind: ServerKind, shell: ShellCommand): Promise<ScriptRuns> {
  return onFreshServer(context, kind, shell, async (port) => {
    const lines = everyCommand.flatMap((command, index) => [command, `get ${marker(index)}`]);
    const first = await runScript(shell, port, lines, '-waitforconnection');
    const { text, events } = withoutEvents(comparable(first, port).stdout);
    const sections = inSections({ ...comparable(first, port), stdout: text }, everyCommand.length);
    const second = await runScript(
      shell,
      port,
      sessionScript.map((line) => line.replaceAll('PORT', String(port))),
    );
    const exitCodes = [first.exitCode, second.exitCode];
    return { sections, events, exitCodes, session: comparable(second, port) };
  });
}

async function runScript(shell: ShellCommand, port: number, lines: readonly string[], ...more: string[]): Promise<Run> {
  const [program, ...words] = shell;
  const input = `${lines.join('\n')}\n`;
  const options = { input, env: environment, timeoutMs: 120_000 };
  return await runCommand(program, [...words, '-server', `127.0.0.1:${port}`, ...more], options);
}

function runOneShots(context: Context, shell: ShellCommand): Promise<Run[]> {
  return onFreshServer(context, 'apache', shell, async (port) => {
    const runs: Run[] = [];
    for (const row of oneShots) {
      const options = row.words.map((word) => word.replace('SERVER', `127.0.0.1:${port}`));
      const [program, ...words] = shell;
      const run = await runCommand(program, [...words, ...options], { env: environment, timeoutMs: 60_000 });
      runs.push({ ...comparable(run, port), exitCode: run.exitCode });
    }
    return runs;
  });
}

/**
 * Runs the reconfiguration script on a ZooKeeper ensemble of one server. A standalone server would reject the
 * reconfigurations.
 */
async function runReconfig(context: Context, shell: ShellCommand): Promise<Printed> {
  const [port, quorum, election] = [await freePort(), await freePort(), await freePort()];
  const directory = freshDirectory(context, 'apache', shell);
  const member = `server.1=127.0.0.1:${quorum}:${election}:participant;127.0.0.1:${port}`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'myid'), '1\n');
  const membersFile = join(directory, 'members');
  writeFileSync(membersFile, `# one\n${member}\n`);
  const ensemble = { initLimit: '5', syncLimit: '5', standaloneEnabled: 'false', reconfigEnabled: 'true' };
  const config = { ...ensemble, clientPort: '', clientPortAddress: '', 'server.1': member.slice('server.1='.length) };
  const start = () => startApache({ directory, port, config, systemProperties: { 'zookeeper.skipACL': 'yes' } });
  return await withServers([start], async () => {
    const places = { PORT: port, QUORUM: quorum, ELECTION: election, MEMBERS: membersFile };
    const lines = reconfigScript.map((line) =>
      line.replaceAll(/PORT|QUORUM|ELECTION|MEMBERS/g, (place) => String(places[place as keyof typeof places])),
    );
    const { stdout, stderr } = comparable(await runScript(shell, port, lines), port);
    return { stdout: stdout.replaceAll(`:${quorum}:${election}`, ':QUORUM:ELECTION'), stderr };
  });
}

let directories = 0;

function freshDirectory(context: Context, kind: ServerKind, [program]: ShellCommand): string {
  return join(context.workDirectory, `${++directories}-${kind}-${program === 'java' ? 'java' : 'ours'}`);
}

function onFreshServer<Result>(
  context: Context,
  kind: ServerKind,
  shell: ShellCommand,
  use: (port: number) => Promise<Result>,
): Promise<Result> {
  const directory = freshDirectory(context, kind, shell);
  return withServers([() => startServer(kind, { directory, config: serverConfig })], ([server]) => use(server!.port));
}

// ---- comparison of the outputs

function compareSections(expected: ScriptRuns, actual: ScriptRuns): string[] {
  const differences = everyCommand.flatMap((command, index) =>
    compareSection(command, expected.sections[index]!, actual.sections[index]!),
  );
  const events = compareText('the watch events', seen(expected.events), actual.events.join('\n'));
  return [...differences, ...events, ...compareText('exit codes', `${expected.exitCodes}`, `${actual.exitCodes}`)];
}

function compareSection(command: string, expected: Section, actual: Section): string[] {
  return (['prompt', 'stdout', 'stderr'] as const).flatMap((part) => {
    const known = knownDifferences.some((row) => row.command === command && row.stream === part);
    const found = compareText(`${command} (${part})`, expected[part], actual[part]);
    if (!known) return found;
    return found.length > 0 ? [] : [`${command} (${part}) is the same, but is listed as a known difference`];
  });
}

/**
 * Removes events that happened while `printwatches` was off. ZooKeeper's event thread may print them after
 * `printwatches` is on again.
 */
function seen(events: readonly string[]): string {
  return events.filter((event) => !event.includes(' path:/unseen ')).join('\n');
}

/**
 * Compares the outputs of the session script. Ignores when events are printed, and the state in a prompt directly after
 * a connect.
 */
function compareSessions(expected: Printed, actual: Printed): string[] {
  const left = withoutEvents(expected.stdout);
  const right = withoutEvents(actual.stdout);
  const settled = (text: string) => text.replaceAll(/\((CONNECTING|CONNECTED)\) (?=\d+\])/g, '(a state) ');
  return [
    ...compareText('the session (stdout)', settled(left.text), settled(right.text)),
    ...compareText('the session (stderr)', expected.stderr, actual.stderr),
    ...compareText('the session (events)', untilTheEnd(left.events), untilTheEnd(right.events)),
  ];
}

/**
 * Removes the event for the end of the shell's own session. ZooKeeper's process may end before its event thread has
 * printed this event.
 */
function untilTheEnd(events: readonly string[]): string {
  const isAnnounced = events.at(-1)?.includes('state:Closed') === true;
  return (isAnnounced ? events.slice(0, -1) : events).join('\n');
}

function compareOneShot(row: OneShot, expected: Run, actual: Run): string[] {
  const { words, stderrDiffers, refusal } = row;
  const name = words.join(' ');
  if (refusal !== undefined) {
    const isSo = expected.exitCode === 0 && actual.exitCode === 1 && actual.stderr.includes(refusal);
    return isSo
      ? []
      : [
          `${name}: ZooKeeper's shell ends with ${expected.exitCode}, nodekeeper's with ${actual.exitCode}: ${actual.stderr}`,
        ];
  }
  const code = compareText(`${name} (exit code)`, String(expected.exitCode), String(actual.exitCode));
  // a shell that ends quickly may or may not have received its connection event
  const printed = (run: Run) => run.stdout.replace(connectedEvent, '');
  const stdout = compareText(`${name} (stdout)`, completed(printed(expected)), printed(actual));
  if (stderrDiffers === undefined) {
    return [...code, ...stdout, ...compareText(`${name} (stderr)`, expected.stderr, actual.stderr)];
  }
  const isTrace = expected.stderr.includes('\n\tat ');
  const isOneLine = actual.stderr.trimEnd().split('\n').length === 1;
  if (isTrace && isOneLine) return [...code, ...stdout];
  return [
    ...code,
    ...stdout,
    `${name} (stderr): not a stack trace from ZooKeeper and one line from nodekeeper:\n${actual.stderr}`,
  ];
}

const eventHead = '\nWATCHER::';
const connectedEvent = `${eventHead}\n\nWatchedEvent state:SyncConnected type:None path:null zxid: -1\n`;
const closedEvent = `${eventHead}\n\nWatchedEvent state:Closed type:None path:null zxid: -1\n`;

/** Completes the last event of ZooKeeper's shell: the shell may exit while its event thread still prints. */
function completed(stdout: string): string {
  const start = stdout.lastIndexOf(eventHead);
  const isCutOff = start >= 0 && closedEvent.startsWith(stdout.slice(start));
  return isCutOff ? stdout.slice(0, start) + closedEvent : stdout;
}

function compareText(what: string, expected: string, actual: string): string[] {
  if (expected === actual) return [];
  return [`${what}\n  ZooKeeper:  ${indented(expected)}\n  nodekeeper: ${indented(actual)}`];
}

function indented(text: string): string {
  return JSON.stringify(text).replaceAll('\\n', '\\n\n          ');
}
