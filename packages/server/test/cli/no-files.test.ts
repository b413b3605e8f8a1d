import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/real-server.js';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const limitMs = 20_000;

const kinds: Record<string, (path: string, context: TestContext) => void | Promise<void>> = {
  FIFO: (path) => void execFileSync('mkfifo', [path]),
  directory: (path) => void mkdirSync(path),
  device: (path) => symlinkSync('/dev/zero', path),
  async socket(path, context) {
    const server = createServer().listen(path);
    await once(server, 'listening');
    context.after(() => server.close());
  },
};

const zooCfg = (directory: string, lines: readonly string[]) => {
  return ['clientPort=0', `dataDir=${directory}`, 'admin.enableServer=false', ...lines].join('\n');
};
const members = [
  'initLimit=10',
  'syncLimit=5',
  'server.1=127.0.0.1:21888:21889',
  'server.2=127.0.0.1:21890:21891',
  'server.3=127.0.0.1:21892:21893',
];

/**
 * Creates an object of this kind, such as a directory, at a path where the server expects a file. Then starts the
 * server, and returns its exit code and its output.
 */
async function start(
  context: TestContext,
  path: string,
  kind: string,
  lines: readonly string[] = [],
): Promise<{ code: number | null; text: string; path: string }> {
  const directory = temporaryDirectory(context);
  mkdirSync(join(directory, path, '..'), { recursive: true });
  if (lines.length > 0 && path !== 'myid') writeFileSync(join(directory, 'myid'), '1');
  await kinds[kind]!(join(directory, path), context);
  if (path !== 'zoo.cfg') {
    const text = zooCfg(directory, lines).replaceAll('HERE', directory);
    writeFileSync(join(directory, 'zoo.cfg'), text);
  }
  const child = spawn(process.execPath, [main, 'server', join(directory, 'zoo.cfg')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  let text = '';
  child.stdout.on('data', (bytes) => void (text += bytes));
  child.stderr.on('data', (bytes) => void (text += bytes));
  const [code] = await once(child, 'close');
  return { code, text, path: join(directory, path) };
}

const starts: [path: string, kind: string, lines?: readonly string[]][] = [
  ['zoo.cfg', 'FIFO'],
  ['myid', 'FIFO', members],
  ['zoo.cfg.dynamic', 'FIFO', ['dynamicConfigFile=HERE/zoo.cfg.dynamic']],
  ['version-2', 'FIFO'],
  ['version-2/log.1', 'FIFO'],
  ['version-2/log.1', 'directory'],
  ['version-2/log.1', 'device'],
  ['version-2/log.1', 'socket'],
  ['version-2/snapshot.0', 'FIFO'],
  ['version-2/currentEpoch', 'FIFO', members],
  ['version-2/acceptedEpoch', 'device', members],
  ['.nodekeeper.lock', 'FIFO'],
];

for (const [path, kind, lines] of starts) {
  test(`a ${kind} in place of ${path} prevents the start, and the error names it`, {
    skip: process.platform === 'win32',
  }, async (context) => {
    const { code, text, path: full } = await start(context, path, kind, lines);
    assert.ok(code !== null && code > 0, `exit code ${code}\n${text}`);
    assert.ok(text.includes(full) && text.includes(`is a ${kind}`), text);
  });
}
