import assert from 'node:assert/strict';
import test from 'node:test';
import { type OptionSpec, parseOptions } from '../../src/parse/options.js';

const spec: OptionSpec = {
  rows: [{ name: 's' }, { name: 'w' }, { name: 'v', takesValue: true }, { name: 'file', takesValue: true }],
};
const group: OptionSpec = {
  rows: [
    { name: 'n', takesValue: true, text: 'num' },
    { name: 'b', takesValue: true, text: 'bytes' },
  ],
  oneOf: 'required',
};

function read(line: string): object {
  const { words, has, value } = parseOptions(spec, line.split(' '));
  return { words, flags: ['s', 'w'].filter(has).join(''), v: value('v'), file: value('file') };
}

const understood: readonly (readonly [
  line: string,
  flags: string,
  words: string,
  v?: string | undefined,
  file?: string,
])[] = [
  ['get /a', '', 'get /a'],
  ['get -s -w /a', 'sw', 'get /a'],
  ['get /a -sw', 'sw', 'get /a'],
  ['get -v 3 /a', '', 'get /a', '3'],
  ['get -v3 /a', '', 'get /a', '3'],
  ['get -v=3 /a', '', 'get /a', '3'],
  ['get -sv3 /a', 's', 'get /a', '3'],
  ['get -v -1 /a', '', 'get /a', '-1'],
  ['get -v -1.5e3 /a', '', 'get /a', '-1.5e3'],
  ['get -v -x /a', '', 'get /a', '-x'],
  ['get -v "3" /a', '', 'get /a', '3'],
  ['get -v 1 -v 2 /a', '', 'get /a', '1'],
  ['get -file /x /a', '', 'get /a', undefined, '/x'],
  ['get - /a', '', 'get - /a'],
  ['get -- -s -v', '', 'get -s -v'],
];

test('options are found in the same places as by Commons CLI', () => {
  for (const [line, flags, words, v, file] of understood) {
    assert.deepEqual(read(line), { words: words.split(' '), flags, v, file }, line);
  }
});

const refused: readonly (readonly [line: string, message: string])[] = [
  ['get -q', 'UnrecognizedOptionException: Unrecognized option: -q'],
  ['get -sq', 'UnrecognizedOptionException: Unrecognized option: -sq'],
  ['get --long', 'UnrecognizedOptionException: Unrecognized option: --long'],
  ['get -s=1', 'UnrecognizedOptionException: Unrecognized option: -s=1'],
  ['get -file=/x', 'UnrecognizedOptionException: Unrecognized option: -file=/x'],
  ['get -v', 'MissingArgumentException: Missing argument for option: v'],
  ['get -v -s', 'MissingArgumentException: Missing argument for option: v'],
  ['get -v -- 1', 'MissingArgumentException: Missing argument for option: v'],
];

test('faults are reported with the texts of Commons CLI', () => {
  for (const [line, message] of refused) {
    assert.throws(() => read(line), { message: `org.apache.commons.cli.${message}` }, line);
  }
});

test('exactly one of a group of exclusive options is required', () => {
  assert.throws(
    () => parseOptions(group, ['q', '/a']),
    /MissingOptionException: Missing required option: \[-n num, -b bytes\]$/,
  );
  assert.throws(
    () => parseOptions(group, ['q', '-n', '1', '-b', '2']),
    /AlreadySelectedException: The option 'b' was specified but an option from this group has already been selected: 'n'$/,
  );
  assert.equal(parseOptions(group, ['q', '-n', '1', '-n', '2']).value('n'), '1');
});
