import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../src/cli/command-line.js';

async function run(args: string[], environment: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const stdout = (line: string) => void out.push(line);
  const stderr = (line: string) => void err.push(line);
  const code = await runCommandLine(args, { environment, stdout, stderr });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

function temporaryFile(context: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'zoo.cfg');
  writeFileSync(file, text);
  return file;
}

test('the process runs a command and exits with its code', () => {
  const bin = fileURLToPath(new URL('../../../bin/nodekeeper.js', import.meta.url));
  const version = spawnSync(process.execPath, [bin, 'version'], { encoding: 'utf8' });
  assert.match(version.stdout, /^nodekeeper \d+\.\d+\.\d+, compatible with Apache ZooKeeper 3\.9\.5, on Node\.js v\d+/);
  assert.deepEqual([version.status, version.stderr], [0, '']);
  const wrong = spawnSync(process.execPath, [bin, 'serve'], { encoding: 'utf8' });
  assert.match(wrong.stderr, /^Unknown command: serve\nUsage:\n {2}nodekeeper server \[zoo\.cfg\]/);
  assert.deepEqual([wrong.status, wrong.stdout], [2, '']);
});

test('help lists every command, under each of the names of help', async () => {
  for (const args of [['help'], ['--help'], ['-h'], ['server', '--help']]) {
    const { code, out } = await run(args);
    assert.equal(code, 0);
    for (const name of ['server', 'ensemble', 'status', 'version', 'help'])
      assert.match(out, new RegExp(`^ {2}nodekeeper ${name}`, 'm'));
  }
  assert.equal((await run([])).code, 2);
});

test('unknown arguments are answered with the usage and exit code 2', async () => {
  const cases: [string[], RegExp][] = [
    [['server', '--nope'], /^Unknown option '--nope'.*\nUsage: nodekeeper server/s],
    [['server', 'a.cfg', 'b.cfg'], /^expected at most one configuration file, not a\.cfg and b\.cfg\n/],
    [['server', '--log', 'xml'], /^--log must be one of text, json, not xml\n/],
    [['server', '--log-level', 'loud'], /^--log-level must be one of debug, info, warn, error, not loud\n/],
    [['status', 'a', 'b'], /^expected one server or file, not a b\n/],
    [['version', 'x'], /^version takes no arguments\n/],
  ];
  for (const [args, expected] of cases) {
    const { code, err } = await run(args);
    assert.equal(code, 2);
    assert.match(err, expected);
  }
});

test('server: an invalid configuration gives exit code 2 and one line for each error', async (context) => {
  const file = temporaryFile(context, 'tickTme=1\nclientPort=x\n');
  const { code, err } = await run(['server', file, '--set', 'snapCount=z']);
  assert.equal(code, 2);
  const lines = err.split('\n');
  assert.equal(lines.length, 4);
  assert.ok(
    lines[0]!.endsWith(
      `ERROR ${file}:1: unknown option 'tickTme'; did you mean 'tickTime'? If not, --lenient makes this a warning`,
    ),
  );
  assert.ok(lines[1]!.endsWith(`ERROR ${file}:2: clientPort=x is not a whole number`));
  assert.ok(lines[2]!.endsWith('ERROR --set: snapCount=z is not a whole number'));
  assert.match((await run(['server', '/nowhere/zoo.cfg'])).err, /\/nowhere\/zoo\.cfg: cannot be read: ENOENT/);
});

test('status prints the mode of a running server, found by address, port, file or environment', async (context) => {
  const words: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (bytes) => words.push(String(bytes)));
    // The server replies only after the client has closed its side, like a server that first reads the whole word.
    socket.on('end', () => socket.end('Zookeeper version: 3.9.5-x\nMode: standalone\nNode count: 5\n'));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const file = temporaryFile(context, `clientPort=${port}\nclientPortAddress=127.0.0.1\n`);
  const ways: [string[], Record<string, string>][] = [
    [[`127.0.0.1:${port}`], {}],
    [[file], {}],
    [[], { ZOO_CLIENT_PORT: String(port), ZOO_CLIENT_PORT_ADDRESS: '127.0.0.1' }],
  ];
  for (const [args, environment] of ways) {
    const { code, out } = await run(['status', ...args], environment);
    assert.equal(out, `Client port found: ${port}. Client address: 127.0.0.1. Client SSL: false.\nMode: standalone`);
    assert.equal(code, 0);
  }
  assert.deepEqual(words, ['srvr', 'srvr', 'srvr']);
});

test('status exits with 1 if no server answers, and with 2 if the file is invalid', async (context) => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  const { code, out, err } = await run(['status', `127.0.0.1:${port}`]);
  assert.equal(code, 1);
  assert.match(out, /\nError contacting service\. It is probably not running\.$/);
  assert.match(err, /ECONNREFUSED/);
  assert.equal((await run(['status', temporaryFile(context, 'clientPort=x')])).code, 2);
});
