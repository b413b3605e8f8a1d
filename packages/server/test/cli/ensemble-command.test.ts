import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../src/cli/command-line.js';
import { planMembers } from '../../src/cli/member-files.js';
import { temporaryDirectory } from '../support/real-server.js';

const bin = fileURLToPath(new URL('../../../bin/nodekeeper.js', import.meta.url));

async function run(args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const stdout = (line: string) => void out.push(line);
  const stderr = (line: string) => void err.push(line);
  const code = await runCommandLine(args, { environment: {}, stdout, stderr });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A running command and the output that it has printed. */
class Terminal {
  readonly process: ChildProcess;
  readonly exitCode: Promise<number | null>;
  text = '';
  #look: () => void = () => {};

  constructor(context: TestContext, args: string[]) {
    this.process = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.text += text;
        this.#look();
      });
    }
    this.exitCode = new Promise((done) => this.process.on('close', done));
    context.after(() => this.process.kill('SIGTERM') && this.exitCode);
  }

  /** Waits until the output matches the pattern, and resolves with the first match. */
  sees(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((found, failed) => {
      this.#look = () => {
        const match = pattern.exec(this.text);
        if (match !== null) found(match);
      };
      this.#look();
      this.process.on('close', () => failed(new Error(`${pattern} was not printed:\n${this.text}`)));
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pids: number[]): Promise<void> {
  while (pids.some(isAlive)) await new Promise((next) => setTimeout(next, 20));
}

async function startEnsemble(context: TestContext) {
  const directory = temporaryDirectory(context);
  const terminal = new Terminal(context, ['ensemble', '--port', '0', '--dir', directory, '--set', 'tickTime=500']);
  await terminal.sees(/stops all\.\n/);
  const servers = [...terminal.text.matchAll(/^ {2}(\d) {2}(\w+) +port (\d+) {2}pid (\d+) {2}(.*)$/gm)].map(
    ([, id, role, port, pid, data]) => ({ id: Number(id), role, port: Number(port), pid: Number(pid), data }),
  );
  return { terminal, servers, directory };
}

test('ensemble: prints roles and prefixed log lines, names a killed server, and stops all with ctrl-C', async (context) => {
  const { terminal, servers, directory } = await startEnsemble(context);
  assert.deepEqual(
    servers.map(({ id, data }) => [id, data]),
    [1, 2, 3].map((id) => [id, join(directory, String(id))]),
  );
  assert.deepEqual(servers.map(({ role }) => role).sort(), ['follower', 'follower', 'leader']);
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  assert.ok(terminal.text.includes(`The ensemble serves. Connect to ${addresses}\n`), terminal.text);
  for (const { id } of servers) assert.match(terminal.text, new RegExp(`^\\[${id}\\] .* is up `, 'm'));

  for (const { port, role } of servers) {
    const { code, out } = await run(['status', String(port)]);
    assert.deepEqual([code, out.split('\n')[1]], [0, `Mode: ${role}`]);
  }

  const killed = servers.find(({ role }) => role === 'follower')!;
  process.kill(killed.pid, 'SIGKILL');
  await terminal.sees(new RegExp(`^server ${killed.id} has ended: SIGKILL$`, 'm'));
  assert.equal((await run(['status', String(killed.port)])).code, 1);

  terminal.process.kill('SIGINT');
  assert.equal(await terminal.exitCode, 0, terminal.text);
  for (const { id } of servers) {
    const stops = new RegExp(`^\\[${id}\\] .* stopped$`, 'm');
    if (id !== killed.id) assert.match(terminal.text, stops);
  }
  await untilGone(servers.map(({ pid }) => pid));
});

test('ensemble: the servers stop when the command is killed', async (context) => {
  const { terminal, servers } = await startEnsemble(context);
  terminal.process.kill('SIGKILL');
  await untilGone(servers.map(({ pid }) => pid));
});

test('ensemble: ports keep the distances of 2181, 2888 and 3888; other ports replace those in use', async () => {
  // start below the range from which the operating system assigns ephemeral ports
  const wanted = 20_000 + (process.pid % 4000);
  const free = (await planMembers(1, wanted, '/data'))[0]!;
  assert.deepEqual([free.clientPort, free.quorumPort, free.electionPort], [wanted, wanted + 707, wanted + 1707]);
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(wanted + 707, '127.0.0.1', listening));
  const plan = (await planMembers(1, wanted, '/data'))[0]!;
  await new Promise((closed) => taken.close(closed));
  assert.deepEqual([plan.clientPort, plan.electionPort, plan.directory], [wanted, wanted + 1707, '/data/1']);
  assert.notEqual(plan.quorumPort, wanted + 707);
});

test('ensemble: a client port in use, or a directory of another program, gives one line and an exit code', async (context) => {
  const directory = temporaryDirectory(context);
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
  const { port } = taken.address() as AddressInfo;
  const refused = await run(['ensemble', '--port', String(port), '--dir', directory]);
  await new Promise((closed) => taken.close(closed));
  assert.deepEqual(
    [refused.code, refused.err],
    [14, `port ${port} is not available. Stop the process that listens on it, or choose another --port`],
  );
  assert.equal(existsSync(join(directory, '1')), false);

  mkdirSync(join(directory, '2'));
  writeFileSync(join(directory, '2', 'zoo.cfg'), 'tickTime=2000\n');
  const foreign = await run(['ensemble', '--port', '0', '--dir', directory]);
  assert.equal(foreign.code, 3);
  assert.match(foreign.err, /did not write .*\/2\/zoo\.cfg\. Choose another --dir$/);
  assert.equal(readFileSync(join(directory, '2', 'zoo.cfg'), 'utf8'), 'tickTime=2000\n');
});

test('ensemble: invalid arguments are answered with the usage', async () => {
  const cases: [string[], RegExp][] = [
    [['--size', '1'], /^--size must be a number from 2 to 15, not 1\n/],
    [['--size', 'three'], /^--size must be a number from 2 to 15, not three\n/],
    [['--port', '70000'], /^--port must be a number from 0 to 65535, not 70000\n/],
    [['--set', 'clientPort=2181'], /^--set clientPort=2181: this value differs for each server and cannot be set\n/],
    [['--log-level', 'loud'], /^--log-level must be one of debug, info, warn, error, not loud\n/],
    [['zoo.cfg'], /^Unexpected argument 'zoo\.cfg'/],
  ];
  for (const [args, expected] of cases) {
    const { code, err } = await run(['ensemble', ...args]);
    assert.equal(code, 2);
    assert.match(err, expected);
    assert.match(err, /\nUsage: nodekeeper ensemble \[--size 3\]/);
  }
});

for (const kind of ['electionPort', 'clientPort'] as const) {
  test(`a member whose ${kind} is in use ends with one line and an exit code`, async (context) => {
    const directory = temporaryDirectory(context);
    const plans = await planMembers(2, 0, directory);
    const one = plans[0]!;
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(one[kind], '127.0.0.1', listening));
    context.after(() => taken.close());
    mkdirSync(one.directory);
    writeFileSync(join(one.directory, 'myid'), '1');
    const members = plans.map(
      ({ id, quorumPort, electionPort }) => `server.${id}=127.0.0.1:${quorumPort}:${electionPort}`,
    );
    const client = [`clientPort=${one.clientPort}`, 'clientPortAddress=127.0.0.1', `dataDir=${one.directory}`];
    const options = [...members, ...client, 'initLimit=5', 'syncLimit=2', 'electionPortBindRetry=1'];
    const terminal = new Terminal(context, ['server', ...options.flatMap((option) => ['--set', option])]);
    const isElection = kind === 'electionPort';
    assert.equal(await terminal.exitCode, isElection ? 14 : 1, terminal.text);
    const what = isElection ? 'the server ends' : 'the server cannot start';
    const of = isElection ? ' of server.1' : '';
    const line = `ERROR ${what} error="cannot listen on 127.0.0.1:${one[kind]}, the ${kind}${of}: `;
    assert.ok(terminal.text.trimEnd().split('\n').at(-1)!.includes(line), terminal.text);
  });
}
