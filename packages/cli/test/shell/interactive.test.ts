import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { run } from '../../src/run.js';
import { HistoryFile } from '../../src/shell/history-file.js';
import { command, type TestIo, testIo } from '../support/run-shell.js';
import { serverPort, temporaryDirectory } from '../support/server.js';

/** A user at a terminal: types commands and waits for output. */
class Person {
  readonly ended: Promise<number>;
  readonly #io: TestIo;
  #seen = 0;

  constructor(context: TestContext, port: number, env: Record<string, string> = { ZKCLI_HISTORY: '', NO_COLOR: '1' }) {
    this.#io = { ...testIo(context, true), env };
    this.ended = run(this.#io, ['-server', `127.0.0.1:${port}`]);
  }

  get complaints(): string {
    return this.#io.stderr.text;
  }

  type(keys: string): void {
    this.#io.stdin.write(keys);
  }

  /** Waits until `text` appears after the output that earlier calls have waited for. */
  async sees(text: string): Promise<void> {
    let found: number;
    while ((found = plain(this.#io.stdout.text).indexOf(text, this.#seen)) < 0) await once(this.#io.stdout, 'text');
    this.#seen = found + text.length;
  }
}

const escapeKey = '\u001b';
const plain = (text: string) => text.replaceAll(new RegExp(`${escapeKey}\\[[0-9;]*[A-Za-z]`, 'g'), '');
const options = { timeout: 20_000 };

test('prompt, command, ctrl-D: the session is closed', options, async (context) => {
  const port = await serverPort(context);
  const person = new Person(context, port);
  await person.sees('Tab completes');
  await person.sees(`[zk: 127.0.0.1:${port}(CONNECTED) 0] `);
  person.type('ls /\r');
  await person.sees('[zookeeper]');
  await person.sees('(CONNECTED) 1] ');
  person.type('\u0004');
  await person.sees('state:Closed');
  assert.equal(await person.ended, 0);
});

test('Tab completes commands, options and paths of the live tree', options, async (context) => {
  const port = await serverPort(context);
  const person = new Person(context, port);
  await person.sees('0] ');
  person.type('getAl');
  await person.sees('getAl');
  person.type('\t');
  await person.sees('lChildrenNumber');
  person.type(' /zoo');
  await person.sees('/zoo');
  person.type('\t');
  await person.sees('keeper');
  person.type('\r');
  await person.sees('2');
  await person.sees('1] ');
  person.type('getAcl -');
  await person.sees('getAcl -');
  person.type('\t');
  await person.sees('s');
  person.type(' /\r');
  await person.sees(': cdrwa');
  person.type('exit\r');
  assert.equal(await person.ended, 0);
});

test('a watch event appears above the line that is being typed', options, async (context) => {
  const port = await serverPort(context);
  const person = new Person(context, port);
  await person.sees('0] ');
  person.type('get -w /zookeeper/quota\r');
  await person.sees('1] ');
  person.type('half a li');
  await person.sees('half a li');
  await command(context, port, 'set', '/zookeeper/quota', 'x');
  await person.sees('type:NodeDataChanged path:/zookeeper/quota');
  await person.sees('1] half a li');
  person.type('\u0003');
  person.type('exit\r');
  assert.equal(await person.ended, 0);
});

test('ctrl-C ends a command that waits for a reply', options, async (context) => {
  const silent = createServer().listen(0, '127.0.0.1');
  context.after(() => silent.close());
  await once(silent, 'listening');
  const person = new Person(context, (silent.address() as AddressInfo).port);
  await person.sees('(CONNECTING) 0] ');
  person.type('ls /\r');
  await person.sees('ls /');
  person.type('\u0003');
  await person.sees('(CONNECTING) 1] ');
  assert.match(person.complaints, /^Interrupted\n$/);
  person.type('exit\r');
  assert.equal(await person.ended, 130);
});

test('history is kept in a file, without credentials', options, async (context) => {
  const port = await serverPort(context);
  const path = join(temporaryDirectory(context), 'history');
  const first = new Person(context, port, { ZKCLI_HISTORY: path, NO_COLOR: '1' });
  await first.sees('0] ');
  for (const [number, line] of [
    'ls /',
    'ls /',
    'addauth digest bob:secret',
    ' addauth digest bob:secret',
    'version',
  ].entries()) {
    first.type(`${line}\r`);
    await first.sees(`${number + 1}] `);
  }
  first.type('exit\r');
  await first.ended;
  assert.equal(readFileSync(path, 'utf8'), 'ls /\nversion\nexit\n');
  const second = new Person(context, port, { ZKCLI_HISTORY: path });
  await second.sees('0] ');
  second.type(`${escapeKey}[A${escapeKey}[A`);
  await second.sees('version');
  second.type('\u0004\u0003\u0004');
  await second.sees('state:Closed');
});

test('a history file that cannot be read or written is ignored', () => {
  const file = new HistoryFile({ ZKCLI_HISTORY: '/none/at/all' });
  file.append('ls /');
  assert.deepEqual(file.load(), []);
});

test('the prompt has colours unless NO_COLOR is set', options, async (context) => {
  const port = await serverPort(context);
  for (const [env, coloured] of [
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ] as const) {
    const io = { ...testIo(context, true), env: { ZKCLI_HISTORY: '', ...env } };
    const ended = run(io, ['-server', `127.0.0.1:${port}`]);
    while (!io.stdout.text.includes('0] ')) await once(io.stdout, 'text');
    assert.equal(io.stdout.text.includes(`${escapeKey}[32mCONNECTED`), coloured);
    io.stdin.write('exit\r');
    await ended;
  }
});
