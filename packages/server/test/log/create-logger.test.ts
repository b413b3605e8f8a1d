import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLogger, type LogFormat, type LogLevel } from '../../src/log/create-logger.js';

function recording(format: LogFormat, level: LogLevel = 'debug') {
  const lines: string[] = [];
  const logger = createLogger({
    format,
    level,
    write: (line) => lines.push(line),
    now: () => Date.UTC(2026, 10, 22, 3, 4, 5, 6),
  });
  return { logger, lines };
}

test('text: a readable line with time, level, message and fields', () => {
  const { logger, lines } = recording('text');
  logger.info('serves', {
    port: 2181,
    data: '/var/lib/zoo keeper',
    session: 0x10n,
    missing: undefined,
    path: '/a="b"',
  });
  logger.warn('slow');
  assert.deepEqual(lines, [
    '2026-11-22 03:04:05.006 INFO  serves port=2181 data="/var/lib/zoo keeper" session=16 path="/a=\\"b\\""\n',
    '2026-11-22 03:04:05.006 WARN  slow\n',
  ]);
});

test('json: an object with time, level, message and fields', () => {
  const { logger, lines } = recording('json');
  const cause = new Error('ENOSPC');
  logger.error('write failed', {
    zxid: 2n ** 63n,
    error: new Error('no', { cause }),
    list: [1n],
    set: new Set(['a']),
    nested: { big: 1n },
  });
  assert.deepEqual(JSON.parse(lines[0]!), {
    time: '2026-11-22T03:04:05.006Z',
    level: 'error',
    message: 'write failed',
    zxid: '9223372036854775808',
    error: 'no (ENOSPC)',
    list: ['1'],
    set: ['a'],
    nested: { big: '1' },
  });
});

test('lines below the level are left out', () => {
  const { logger, lines } = recording('text', 'warn');
  logger.debug('no');
  logger.info('no');
  logger.warn('yes');
  logger.error('yes');
  assert.equal(lines.length, 2);
});

test('C-9 CVE-2026-24308: fields named like a secret are never written', () => {
  for (const format of ['text', 'json'] as const) {
    const { logger, lines } = recording(format);
    logger.info('config', {
      superDigest: 'hunter2',
      'ssl.keyStore.password': 'hunter2',
      nested: { password: 'hunter2' },
    });
    assert.equal(lines.join().includes('hunter2'), false);
  }
});

test('one call writes one line, whatever text a client sent', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<LogFormat>('text', 'json'),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (format, message, value) => {
        const { logger, lines } = recording(format);
        logger.info(message, { value });
        assert.equal(lines.length, 1);
        assert.match(lines[0]!, /^[^\n\r]*\n$/);
        if (format === 'json') assert.equal(JSON.parse(lines[0]!).message, message);
      },
    ),
  );
});

test('control characters (also C1 and DEL), separators and direction marks are escaped in both formats', () => {
  const bad = [
    '\0',
    '\n',
    '\u001b',
    '\u007f',
    '\u0080',
    '\u009b',
    '\u009f',
    '\u2028',
    '\u2029',
    '\u202e',
    '\u2066',
    '\u200f',
  ];
  for (const format of ['text', 'json'] as const) {
    const { logger, lines } = recording(format);
    for (const letter of bad) logger.warn(`a${letter}b`, { path: `c${letter}d` });
    for (const [index, line] of lines.entries()) {
      const raw = bad.filter((letter) => line.slice(0, -1).includes(letter));
      assert.deepEqual(raw, [], `${format} ${index}`);
      if (format === 'text') continue;
      const { message, path } = JSON.parse(line);
      assert.deepEqual([message, path], [`a${bad[index]}b`, `c${bad[index]}d`]);
    }
  }
});

test('a long message or value is cut, and its original length is shown', () => {
  for (const format of ['text', 'json'] as const) {
    const { logger, lines } = recording(format);
    logger.warn('\u009b'.repeat(900_000), { path: 'x'.repeat(900_000), list: ['y'.repeat(900_000)] });
    assert.ok(lines[0]!.length < 20_000, `${lines[0]!.length} letters`);
    assert.match(lines[0]!, /\.\.\. \(900000 characters\)/);
  }
});
