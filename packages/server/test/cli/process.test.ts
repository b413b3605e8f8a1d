import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const program = join(import.meta.dirname, '../../../bin/nodekeeper.js');

test('a slow reader of the log gets the last line, with the reason why the server ends', {
  timeout: 30_000,
}, async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-process-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'zoo.cfg');
  const wrong = Array.from({ length: 3000 }, (_, index) => `server.${index + 1}=no address`);
  writeFileSync(file, `${[...wrong, `dataDir=${directory}`, 'tickTime=x'].join('\n')}\n`);
  const server = spawn(process.execPath, [program, 'server', file]);
  context.after(() => server.kill());
  let log = '';
  for await (const chunk of server.stderr) {
    log += chunk;
    await sleep(5); // read slowly
  }
  assert.ok(log.length > 256 * 1024, `${log.length} characters`);
  assert.match(log.trimEnd().split('\n').at(-1)!, /the server does not start/);
});
