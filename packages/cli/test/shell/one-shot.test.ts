import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { run } from '../../src/run.js';
import { command, testIo, zkcli } from '../support/run-shell.js';
import { serverPort, temporaryDirectory } from '../support/server.js';

test('without a server a request fails after one attempt, with exit code 1', async (context) => {
  const printed = await zkcli(context, 1, ['ls', '/']);
  const stderr = 'KeeperErrorCode = ConnectionLoss for /\n';
  assert.deepEqual(printed, { stdout: 'Connecting to 127.0.0.1:1\n', stderr, exitCode: 1 });
});

test('the shell uses another server of the list if one is down', async (context) => {
  const port = await serverPort(context);
  for (let attempt = 0; attempt < 5; attempt++) {
    const io = testIo(context);
    assert.equal(await run(io, ['-server', `127.0.0.1:1,127.0.0.1:${port}`, 'ls', '/']), 0, io.stderr.text);
  }
});

test('-waitforconnection fails after the session timeout, with one line of output', async (context) => {
  const printed = await zkcli(context, 1, ['-timeout', '300', '-waitforconnection', 'ls', '/']);
  assert.equal(printed.stderr, 'KeeperErrorCode = ConnectionLoss: no connection to 127.0.0.1:1 in 300 ms\n');
  assert.equal(printed.exitCode, 1);
});

test('a fault in the command line is reported in one line', async (context) => {
  const rows: readonly (readonly [words: string, stderr: RegExp, exitCode: number])[] = [
    ['-timeout x ls /', /^-timeout x is not a whole number of milliseconds\n$/, 1],
    ['-server 127.0.0.1:1/a/ ls /', /^connect string "127.0.0.1:1\/a\/" has a bad chroot: Path must not end with/, 1],
    ['-client-configuration /none ls /', /^Error while processing \/none: ENOENT: .*\n$/, 2],
    ['-server', /^Error: no argument found for option -server\n/, 0],
  ];
  for (const [words, stderr, exitCode] of rows) {
    const io = testIo(context);
    io.stdin.end();
    assert.equal(await run(io, words.split(' ')), exitCode, words);
    assert.match(io.stderr.text, stderr);
    assert.equal(io.stderr.text.trimEnd().split('\n').length, 1, io.stderr.text);
  }
});

test('an invalid version is reported in one line', async (context) => {
  const port = await serverPort(context);
  const printed = await command(context, port, 'delete', '-v', 'x', '/a');
  assert.deepEqual(printed, { stdout: '', stderr: 'For input string: "x"\n', exitCode: 1 });
});

test('an ephemeral node of a one-shot create exists after the command', async (context) => {
  const port = await serverPort(context);
  await command(context, port, 'create', '-e', '/mine');
  assert.equal((await command(context, port, 'ls', '/')).stdout, '[mine, zookeeper]\n');
});

test('paths are relative to the path after the servers', async (context) => {
  const port = await serverPort(context);
  await command(context, port, 'create', '/a');
  const io = testIo(context);
  await run(io, ['-server', `127.0.0.1:${port}/a`, 'create', '/b']);
  assert.equal(io.stderr.text, 'Created /b\n');
  assert.equal((await command(context, port, 'ls', '/a')).stdout, '[b]\n');
});

test('--json prints one object a line: results on standard output, errors on standard error', async (context) => {
  const port = await serverPort(context);
  const json = async (...words: string[]) => {
    const { stdout, stderr } = await zkcli(context, port, [...words, '--json']);
    return JSON.parse(`${stdout}${stderr}`) as Record<string, unknown>;
  };
  assert.deepEqual(await json('create', '/a', 'text'), { path: '/a' });
  assert.deepEqual(await json('get', '/a'), { path: '/a', data: 'text' });
  assert.deepEqual(await json('set', '-b', '/a', 'gP8='), { path: '/a', stat: (await json('stat', '/a')).stat });
  assert.deepEqual(await json('get', '/a'), { path: '/a', base64: 'gP8=' });
  assert.deepEqual(await json('ls', '/'), { path: '/', children: ['a', 'zookeeper'] });
  assert.deepEqual(await json('delete', '/a'), { ok: true });
  const missing = { error: 'Node does not exist: /a', code: 'NONODE', path: '/a' };
  assert.deepEqual(await json('stat', '/a'), missing);
  assert.deepEqual(await json('get', '/a'), { ...missing, outcome: 'rejected' });
});

test('--json before the command leaves out greetings and the event of the connection', async (context) => {
  const port = await serverPort(context);
  const { stdout, stderr } = await zkcli(context, port, ['--json', 'getAllChildrenNumber', '/']);
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), { path: '/', count: 3 });
});

test('--help and --version need no server', async (context) => {
  const io = testIo(context);
  assert.equal(await run(io, ['--help']), 0);
  assert.match(io.stdout.text, /-waitforconnection/);
  assert.equal(await run(io, ['--version']), 0);
  assert.match(io.stdout.text, /^3\.9\.5-nodekeeper-/m);
});

test('reconfig -file reports why a file is invalid', async (context) => {
  const port = await serverPort(context);
  const file = join(temporaryDirectory(context), 'members');
  writeFileSync(file, 'server.1=a:1:2;3\nnonsense=1\n');
  const { stderr } = await command(context, port, 'reconfig', '-file', file);
  assert.equal(stderr, `Error processing ${file}Unrecognised parameter: nonsense\n`);
});
