import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { runCommandLine } from '../../src/cli/command-line.js';
import { RealClient } from '../support/real-client.js';

const bin = join(import.meta.dirname, '../../../bin/nodekeeper.js');
const options = { timeout: 30_000 };

/** The text that a process prints. */
class Output {
  text = '';
  readonly ended: Promise<unknown>;
  readonly #stream: Readable;

  constructor(stream: Readable) {
    this.#stream = stream;
    this.ended = once(stream, 'close');
    stream.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
    });
  }

  /** Resolves with the first line. */
  async line(): Promise<string> {
    while (!this.text.includes('\n')) await Promise.race([once(this.#stream, 'data'), this.ended]);
    return this.text.slice(0, this.text.indexOf('\n'));
  }
}

function start(context: TestContext, ...args: string[]) {
  const child = spawn(process.execPath, [bin, 'dev', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  return { child, exited: once(child, 'exit'), output: new Output(child.stdout) };
}

const portOf = (address: string) => Number(address.split(':')[1]);

test(
  'dev prints one line, the connect string of a server, and ends when its stdin is closed',
  options,
  async (context) => {
    const { child, exited, output } = start(context);
    const address = await output.line();
    assert.match(address, /^127\.0\.0\.1:\d+$/);
    assert.match(await RealClient.exchange(portOf(address), ['srvr']), /Mode: standalone/);
    child.stdin!.end();
    assert.deepEqual(await exited, [0, null]);
    await output.ended;
    assert.equal(output.text, `${address}\n`);
  },
);

test('dev runs an ensemble, and removes its directory at SIGTERM', options, async (context) => {
  const { child, exited, output } = start(context, '--ensemble', '3', '--disk', 'directory', '--json');
  const { connectString, ports, pid } = JSON.parse(await output.line());
  assert.equal(pid, child.pid);
  assert.equal(connectString, ports.map((port: number) => `127.0.0.1:${port}`).join());
  const replies = await Promise.all(ports.map((port: number) => RealClient.exchange(port, ['srvr'])));
  assert.deepEqual(replies.map((reply) => /^Mode: (.*)$/m.exec(reply)?.[1]).sort(), ['follower', 'follower', 'leader']);
  const directory = readdirSync(tmpdir()).find((name) => name.startsWith(`nodekeeper-${pid}-`))!;
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  assert.equal(existsSync(join(tmpdir(), directory)), false);
});

test('dev ends when its parent is killed, also without a pipe on stdin', options, async (context) => {
  const program = `require('node:child_process').spawn(process.execPath, ${JSON.stringify([bin, 'dev'])}, {
    stdio: ['ignore', 'inherit', 'inherit'] }); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => parent.kill('SIGKILL'));
  const output = new Output(parent.stdout);
  const port = portOf(await output.line());
  assert.match(await RealClient.exchange(port, ['ruok']), /imok/);
  parent.kill('SIGKILL');
  // the pipe is closed when the last process that can write to it has ended
  await output.ended;
  await assert.rejects(RealClient.open(port));
});

test('dev takes options of the server', options, async (context) => {
  const { child, exited, output } = start(context, '--set', 'tickTime=777');
  const reply = await RealClient.exchange(portOf(await output.line()), ['conf']);
  assert.match(reply, /tickTime=777/);
  assert.match(reply, /minSessionTimeout=1554/);
  child.stdin!.end();
  await exited;
});

for (const [args, message] of [
  [['--ensemble', '1'], /--ensemble must be a number from 2 to 15, not 1/],
  [['--disk', 'tape'], /--disk must be one of memory, directory, not tape/],
  [['--set', 'clientPort=1'], /--set clientPort=1: this command chooses the value/],
  [['--set', 'tickTime=x'], /tickTime/],
] as const) {
  test(`dev refuses ${args.join(' ')}`, async () => {
    const errors: string[] = [];
    const stderr = (line: string) => void errors.push(line);
    assert.equal(await runCommandLine(['dev', ...args], { environment: {}, stdout() {}, stderr }), 2);
    assert.match(errors.join('\n'), message);
  });
}
