import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathFault, Reader, Writer } from '@nodekeeper/protocol';
import { parseNetwork } from '../../src/auth/ip-network.js';
import { authProviders, digestId } from '../../src/auth/providers.js';
import { defaultConfig } from '../../src/config/server-config.js';
import { parseConfigText } from '../../src/membership/index.js';
import { addressBytes, javaAddressText } from '../../src/ports/ip-address.js';
import { QuotaText } from '../../src/tree/quota-text.js';

/* The work on a text from a client must grow no faster than the length of the text, whichever parser reads it. */

const providers = authProviders({ ...defaultConfig(), ensembleAuthNames: ['name'] });

type Parser = readonly [name: string, parse: (text: string) => unknown];

const parsers: readonly Parser[] = [
  ...[...providers].map(([scheme, provider]) => [`${scheme} id`, (text: string) => provider.isValid(text)] as Parser),
  ...[...providers].map(
    ([scheme, provider]) => [`${scheme} user`, (text: string) => provider.userName(text)] as Parser,
  ),
  ['digest of user and password', (text) => digestId(text, 'sha1')],
  ['address', addressBytes],
  ['network', parseNetwork],
  ['address as Java writes it', javaAddressText],
  ['path', pathFault],
  ["configuration, as a server's", parseConfigText],
  ['quota', (text) => new QuotaText(text).with(1, 1).toString()],
  [
    'string',
    (text) => {
      const writer = new Writer();
      writer.ustring(text);
      return new Reader(writer.view()).ustring();
    },
  ],
];

/**
 * Patterns for long texts: a unit that is repeated, and an end that makes the parser's match fail. If the unit is a
 * function, it gets the index of each repetition.
 */
const patterns: readonly (readonly [unit: string | ((index: number) => string), end: string])[] = [
  [':', 'x'],
  [':', ''],
  ['a:', ''],
  ['::', 'g'],
  ['1', 'x'],
  ['1.', 'x'],
  ['0', '/'],
  ['10.0.0.0/', 'x'],
  ['10.0.0.0/+', '0'],
  ['/', 'x'],
  ['/a', '/'],
  ['/..', ''],
  [' ', 'x'],
  ['=', ','],
  ['a=1;', '='],
  ['%', ':'],
  ['\ufffd', ''],
  ['\ud800', 'x'],
  ['\n', 'x'],
  ['server.1=a:1:1\n', ''],
  [(index) => `server.${index}=h${index}:1:1:observer\ngroup.${index}=${index}\n`, 'server.x'],
  [(index) => (index === 0 ? 'server.1=a:1:1\ngroup.1=1' : `:${index}`), ''],
  [(index) => (index === 0 ? `group.${'0'.repeat(1000)}1=1` : ':1'), ''],
];

function textOf([unit, end]: (typeof patterns)[number], length: number): string {
  if (typeof unit === 'string') return unit.repeat(length / unit.length) + end;
  const pieces: string[] = [];
  for (let index = 0, size = 0; size < length; size += pieces[index++]!.length) pieces.push(unit(index));
  return pieces.join('') + end;
}

/**
 * Returns the shortest time of up to three attempts, because other work on the machine can only make an attempt longer.
 */
function fastestMs(work: () => void): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3 && fastest >= limitMs; round++) {
    const start = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

const lengthMax = 160_000;
/**
 * Quadratic work on a text of `lengthMax` characters takes at least 20 s. The linear work of the slowest parser takes
 * far less than a second.
 */
const limitMs = 5000;

for (const [name, parse] of parsers) {
  test(`reading a long text as a client's ${name} costs work in proportion to its length`, () => {
    for (const pattern of patterns) {
      for (const length of [10_000, lengthMax]) {
        const text = textOf(pattern, length);
        const ms = fastestMs(() => parse(text));
        assert.ok(ms < limitMs, `${ms} ms for ${length} times ${pattern[0]}`);
      }
    }
  });
}
