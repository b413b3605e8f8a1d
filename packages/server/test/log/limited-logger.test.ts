import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LimitedLogger } from '../../src/log/limited-logger.js';
import type { Logger } from '../../src/log/logger.js';
import { ManualScheduler } from '../support/manual-scheduler.js';

function recording() {
  const lines: string[] = [];
  const line = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const logger: Logger = { debug: line('DEBUG'), info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
  const clock = new ManualScheduler();
  return { lines, clock, logger: new LimitedLogger(logger, clock) };
}

test('repeated lines about one address are logged three times, then counted every ten seconds', () => {
  const { lines, clock, logger } = recording();
  for (let index = 0; index < 942; index++) {
    logger.warn(`Refusing frame ${index}`, { client: `10.0.0.1:${index}` });
    clock.nowMs += 1;
  }
  const first = ['WARN Refusing frame 0', 'WARN Refusing frame 1', 'WARN Refusing frame 2'];
  assert.deepEqual(lines, first);
  clock.nowMs += 8000;
  logger.flush();
  assert.deepEqual(lines, first, 'not yet');
  clock.nowMs += 2000;
  logger.flush();
  assert.deepEqual(lines.slice(3), ['WARN Refusing frame 0 ... and 939 more like this from 10.0.0.1 in the last 10 s']);
  logger.warn('Refusing frame 7', { client: '10.0.0.1:7' });
  assert.equal(lines.at(-1), 'WARN Refusing frame 7');
  logger.end();
  assert.equal(lines.length, 5);
});

test('other addresses and other reasons are logged as usual; the address may be part of the text', () => {
  const { lines, logger } = recording();
  const say = (client: string) => logger.warn('Refusing it', { client });
  for (let index = 0; index < 10; index++) say('10.0.0.1:1');
  say('10.0.0.2:1');
  say('0:0:0:0:0:0:0:1:4000');
  logger.warn('Closing it', { client: '10.0.0.1:1' });
  for (let index = 0; index < 10; index++)
    logger.info(`Refusing a connection from 10.0.0.9 to the quorum port: ${index}`);
  for (let index = 0; index < 10; index++) logger.info(`Refusing a connection from 1:0:0:0:0:0:0:9 to the quorum port`);
  for (let index = 0; index < 10; index++) logger.warn('Quota exceeded', { session: '0x1' });
  assert.equal(lines.length, 3 + 1 + 1 + 1 + 3 + 3 + 3);
});

test('lines without an address are never limited', () => {
  const { lines, logger } = recording();
  for (let index = 0; index < 100; index++) logger.error('The disk is full');
  assert.equal(lines.length, 100);
});

test('varying texts and addresses fill neither the log nor the memory, and suppressed lines are counted', () => {
  const { lines, clock, logger } = recording();
  let said = 0;
  for (let address = 0; address < 3000; address++) {
    for (let reason = 0; reason < 20; reason++) {
      const text = String.fromCharCode(97 + reason).repeat(3);
      logger.warn(`No provider for ${text}`, { client: `10.${address >> 8}.${address & 255}.1:1` });
      said++;
    }
  }
  assert.equal(lines.length, 200);
  clock.nowMs += 10_000;
  logger.flush();
  assert.ok(lines.length <= 200 + 51, `${lines.length} lines`);
  const counts = lines.slice(200).map((line) => Number(/and (\d+) more/.exec(line)![1]));
  assert.equal(
    counts.reduce((sum, count) => sum + count, 200),
    said,
  );
});
