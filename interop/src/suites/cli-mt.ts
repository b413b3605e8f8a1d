import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MissingTool, mustRun, peersCache, tail } from '../peers/index.js';
import { type Suite, startServer, withServers } from '../suite.js';

const version = '3.8.0-11+deb12u2';

/** The commands for cli_mt. The output must match `answer` before the next command is sent. */
const session: readonly (readonly [command: string, answer: RegExp])[] = [
  ['create /c', /\[\/c\]: rc = 0\s+name = \/c\n/],
  ['create /c', /\[\/c\]: rc = -110/],
  ['create /missing/child', /\[\/missing\/child\]: rc = -101/],
  [
    'create2 /c/two',
    /\[\/c\/two\]: rc = 0\s+name = \/c\/two\n[\s\S]*czxid=5\s[\s\S]*version=0\s+aversion=0\s+ephemeralOwner = 0/,
  ],
  ['set /c hello', /\/c: rc = 0 Stat:[\s\S]*czxid=2\s[\s\S]*mzxid=6\s+version=1/],
  ['get /c', /\/c: rc = 0\s+value_len = 5\s+hello\s+Stat:[\s\S]*version=1/],
  ['aget /c', /\/c: rc = 0\s+value_len = 5\s+hello/],
  ['get /missing', /\/missing: rc = -101/],
  ['exists /c', /(?:)/],
  ['wexists /later', /Error -101 for \/later/],
  ['create +e /later', /Watcher CREATED_EVENT state = CONNECTED_STATE for path \/later[\s\S]*\[\/later\]: rc = 0/],
  ['create /later/child', /\[\/later\/child\]: rc = -108/],
  ['create +s /c/s-', /\[\/c\/s-\]: rc = 0\s+name = \/c\/s-0000000001/],
  ['create2 +es /c/es-', /\[\/c\/es-\]: rc = 0\s+name = \/c\/es-0000000002[\s\S]*ephemeralOwner = 1[0-9a-f]{14}\s/],
  ['create +c /box', /\[\/box\]: rc = 0\s+name = \/box/],
  ['create +t=3600000 /ttl', /\[\/ttl\]: rc = 0\s+name = \/ttl/],
  [
    'ls /',
    /\/: rc = 0\s+(?=[\s\S]*\tbox\n)(?=[\s\S]*\tc\n)(?=[\s\S]*\tlater\n)(?=[\s\S]*\tttl\n)(?=[\s\S]*\tzookeeper\n)/,
  ],
  [
    'create /watched',
    /(?=[\s\S]*Watcher CHILD_EVENT state = CONNECTED_STATE for path \/)(?=[\s\S]*\[\/watched\]: rc = 0)/,
  ],
  ['ls2 /c', /\/c: rc = 0\s[\s\S]*es-0000000002\s[\s\S]*version=1/],
  ['delete /c', /\/c: rc = -111/],
  ['delete /missing', /\/missing: rc = -101/],
  ['delete /watched', /\/watched: rc = 0/],
  ['sync /c', /\[\/c\]: rc = 0\s+name = \/c/],
  ['addauth digest u:p', /(?:)/],
  ['config', /\/zookeeper\/config: rc = 0[\s\S]*aversion=ffffffff/],
  ['delete /later', /\/later: rc = 0/],
];

export const cliMt: Suite = {
  name: 'cli-mt',
  shows: "the C client's cli_mt gets the expected answer to each line of a session",
  async run(context) {
    const root = await installClient();
    const start = () =>
      startServer(context.subject, { directory: context.workDirectory, config: { extendedTypesEnabled: 'true' } });
    await withServers([start], ([server]) => runSession(root, server!.port, context.workDirectory));
    return `${session.length} commands of libzookeeper ${version}`;
  },
};

/** Unpacks the two Debian packages into the cache. Nothing is installed on the machine, so this works without root. */
async function installClient(): Promise<string> {
  const folder = join(peersCache, `zookeeper-bin-${version}`);
  if (existsSync(folder)) return folder;
  const work = join(peersCache, `deb-${process.pid}`);
  mkdirSync(work, { recursive: true });
  const packages = ['zookeeper-bin', 'libzookeeper-mt2'].map((name) => `${name}=${version}`);
  const download = () => mustRun('apt-get', ['download', '-q', ...packages], { cwd: work });
  try {
    await download().catch(async () => {
      await mustRun('apt-get', ['update', '-qq']); // a new machine image has no package lists
      await download();
    });
    const unpacked = join(work, 'root');
    for (const name of readdirSync(work).filter((file) => file.endsWith('.deb'))) {
      await mustRun('dpkg-deb', ['-x', name, unpacked], { cwd: work });
    }
    renameSync(unpacked, folder);
  } catch (error) {
    throw new MissingTool(`zookeeper-bin ${version} is not available from apt-get: ${tail(String(error), 3)}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

async function runSession(root: string, port: number, directory: string): Promise<void> {
  const libraries = readdirSync(join(root, 'usr', 'lib')).map((name) => join(root, 'usr', 'lib', name));
  const child = spawn(join(root, 'usr/lib/zookeeper/bin/cli_mt'), [`127.0.0.1:${port}`], {
    cwd: directory,
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':'), TZ: 'UTC' },
  });
  const transcript = { text: '', wake: () => {} };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      transcript.text += chunk.toString();
      transcript.wake();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  try {
    await expectAnswer(transcript, 0, '(connect)', /CONNECTED_STATE/);
    for (const [command, answer] of session) {
      const from = transcript.text.length;
      child.stdin.write(`${command}\n`);
      await expectAnswer(transcript, from, command, answer);
    }
    child.stdin.write('quit\n');
    const exitCode = await exited;
    if (exitCode !== 0) throw new Error(`cli_mt ended with exit code ${exitCode}\n${tail(transcript.text, 30)}`);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Waits up to 10 s until the output after the position `from` matches `answer`. */
async function expectAnswer(
  transcript: { text: string; wake: () => void },
  from: number,
  command: string,
  answer: RegExp,
): Promise<void> {
  const end = Date.now() + 10_000;
  const timer = setTimeout(() => transcript.wake(), 10_000);
  while (!answer.test(transcript.text.slice(from))) {
    if (Date.now() >= end) {
      throw new Error(`${command}: no output matches ${answer}; cli_mt printed:\n${transcript.text.slice(from)}`);
    }
    await new Promise<void>((resolve) => {
      transcript.wake = resolve;
    });
  }
  clearTimeout(timer);
}
