import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installApache, tail } from '../peers/index.js';
import { type Context, type ServerKind, type Suite, startServer, withServers } from '../suite.js';
import { javaShell } from '../zkcli/java-shell.js';
import { masked } from '../zkcli/masks.js';

const aclOfBob = 'digest:bob:fyVmFCwVbTJYrznoSu1koqYEYF0=:cdrwa';

/** All commands of the test. One zkCli process for each server runs them all, because a JVM starts slowly. */
const commands = `
ls /
create /a first
create /a again
create /a/b
create /a/b/c data
create /none/child x
create a x
create /a//b x
create /a/ x
get /a
get -s /a
get /none
get -b /a
set /a second
set -s /a third
set -v 9 /a fourth
set -v 2 /a fifth
set /none x
stat /a
stat /none
ls /a
ls -s /a
ls -R /a
ls /none
create -s /a/seq- one
create -s /a/seq- two
create -e /a/mine temporary
create /a/mine/child x
create -e -s /a/mine- x
create -c /a/box
create -c -e /a/box2
create -c /a/box/inside
create -t 3600000 /a/ttl x
create -t 0 /a/ttl0 x
create -t 3600000 -e /a/ttl1 x
create -t 3600000 -s /a/ttl- x
stat /a/box
stat /a/ttl
stat /a/mine
getAllChildrenNumber /a
getAllChildrenNumber /
getAllChildrenNumber /none
getEphemerals
getEphemerals /a/mine-
getEphemerals /none
getAcl /a
getAcl -s /a
getAcl /none
whoami
create /private x auth::cdrwa
addauth digest bob:secret
whoami
create /private x auth::cdrwa
getAcl /private
create /ips x ip:127.0.0.1:rw,world:anyone:r
getAcl /ips
create /bad x nonsense:x:r
create /bad x world:anyone
setAcl /a/b world:anyone:cdrwa,${aclOfBob}
getAcl -s /a/b
setAcl -v 7 /a/b world:anyone:r
setAcl -R /a/b world:anyone:cdrwa
setAcl /a/b world:someone:r
setAcl /none world:anyone:r
create /closed x digest:ann:abc:cdrwa
get /closed
set /closed y
ls /closed
getAcl /closed
setAcl /closed world:anyone:cdrwa
create /closed/in x
setquota -n 20 /a
listquota /a
setquota -b 1000 /a
listquota /a
setquota -N 12 /a
listquota /a
setquota -n 0 /a
setquota -n 5 /a/b
setquota -n 5 /none
setquota -n 5 /zookeeper/quota
create /a/q1 x
create /a/q2 x
create /a/q3 x
create /a/q4 x
create /a/q5 x
listquota /a
ls -R /zookeeper
get /zookeeper/quota/a/zookeeper_stats
delquota -n /a
listquota /a
delquota /a
listquota /a
listquota /none
delquota /none
sync /a
sync /none
config
delete /a
delete -v 3 /a/q1
delete -v 0 /a/q1
delete /none
delete /zookeeper
delete /
delete /zookeeper/config
create /zookeeper/mine x
delete /zookeeper/mine
deleteall /a/b
ls -R /a
deleteall /none
get -w /a
set /a watched
stat -w /later
create /later x
ls -w /later
create /later/child x
addWatch /rec
create /rec x
create /rec/x x
set /rec/x y
delete /rec/x
removewatches /rec
removewatches /rec
addWatch -m PERSISTENT /rec
create /rec/y x
set /rec z
removewatches /none -d
reconfig -add server.2=localhost:1:2;3
set /zookeeper/config x
deleteall /a
deleteall /rec
ls -R /
nonsense
version
get /later
`
  .trim()
  .split('\n');

export const zkcli: Suite = {
  name: 'zkcli',
  shows: "ZooKeeper's Java zkCli prints the same for a session on ZooKeeper and on nodekeeper",
  async run(context) {
    await installApache();
    const [expected, actual] = [
      await printout(context, 'expected', 'apache'),
      await printout(context, 'actual', context.subject),
    ];
    const differences = [...commands, '(watch events)'].flatMap((command, index) =>
      expected[index] === actual[index]
        ? []
        : [`${command}\n  Apache: ${indent(expected[index])}\n  ${context.subject}: ${indent(actual[index])}`],
    );
    if (differences.length > 0) {
      throw new Error(`${differences.length} of ${commands.length} commands differ\n${differences.join('\n')}`);
    }
    return `${commands.length} commands`;
  },
};

function indent(text: string | undefined): string {
  return (text ?? '(nothing)').replaceAll('\n', '\n    ');
}

/** The output of zkCli for each command. The last item contains all watch events. */
async function printout(context: Context, name: string, kind: ServerKind): Promise<string[]> {
  const directory = join(context.workDirectory, name);
  const config = { extendedTypesEnabled: 'true', enforceQuota: 'true' };
  return withServers([() => startServer(kind, { directory, config })], async ([server]) => {
    const output = await runZkCli(server!.port, join(context.workDirectory, `${name}.txt`));
    return inSections(output.replaceAll(`:${server!.port}`, ':PORT'));
  });
}

/** A `get` of this missing node follows each command. Its error message shows where the output of the command ends. */
const marker = (index: number) => `/marker-${index}`;

async function runZkCli(port: number, outputPath: string): Promise<string> {
  // without jline's line reader, zkCli does not echo its input and prints no prompts
  const [program, ...words] = await javaShell({ lineReader: false });
  const output = openSync(outputPath, 'w');
  const child = spawn(program, [...words, '-server', `127.0.0.1:${port}`, '-waitforconnection'], {
    stdio: ['pipe', output, output],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
  child.stdin!.on('error', () => {});
  child.stdin!.end(`${commands.map((command, index) => `${command}\nget ${marker(index)}`).join('\n')}\nquit\n`);
  await exited; // ignore the exit code, which is that of the last command that failed
  clearTimeout(timer);
  closeSync(output);
  const text = readFileSync(outputPath, 'utf8');
  if (!text.includes(marker(commands.length - 1)))
    throw new Error(`zkCli stopped early; it printed:\n${tail(text, 40)}`);
  return text;
}

/**
 * Splits the output into a section for each command, and one with all watch events. A separate thread prints the events
 * at any point of the output.
 */
function inSections(output: string): string[] {
  const lines = masked(output.replaceAll(/^.*JLine.*\n/gm, ''))
    .split('\n')
    .filter((line) => line !== '' && line !== 'WATCHER::');
  const events = lines.filter((line) => line.startsWith('WatchedEvent ') && !line.includes('type:None'));
  let rest = lines.filter((line) => !line.startsWith('WatchedEvent ')).join('\n');
  const sections = commands.map((_command, index) => {
    const end = `Node does not exist: ${marker(index)}`;
    const at = `${rest}\n`.indexOf(`${end}\n`);
    const section = at < 0 ? '(its end is missing)' : rest.slice(0, at);
    rest = at < 0 ? rest : rest.slice(at + end.length);
    return section;
  });
  return [...sections, events.join('\n')];
}
