import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePropertiesFile } from '../../src/config/properties-file.js';

/**
 * Each case has a text, and the keys and values that `java.util.Properties` of Java 17 reads from this text. The number
 * is the line of the key.
 */
const cases: [name: string, text: string, expected: [string, string, number][]][] = [
  [
    'the three separators',
    'a=1\nb:2\nc 3\nd\t4',
    [
      ['a', '1', 1],
      ['b', '2', 2],
      ['c', '3', 3],
      ['d', '4', 4],
    ],
  ],
  ['white space around a separator', '  a  =  1  ', [['a', '1', 1]]],
  ['a separator inside a value', 'a=b=c:d', [['a', 'b=c:d', 1]]],
  ['only the first separator after blanks', 'a = = b', [['a', '= b', 1]]],
  ['comments and blank lines', '# x=1\n! y=2\n\n  # z\na=1', [['a', '1', 5]]],
  ['a comment sign inside a value', 'a=1 # one', [['a', '1 # one', 1]]],
  [
    'a continued line keeps its first line number',
    'a=1,\\\n   2,\\\n   3\nb=4',
    [
      ['a', '1,2,3', 1],
      ['b', '4', 4],
    ],
  ],
  [
    'an even number of backslashes does not continue the line',
    'a=1\\\\\nb=2',
    [
      ['a', '1\\', 1],
      ['b', '2', 2],
    ],
  ],
  ['a continued comment is just a comment', '# a\\\nb=2', [['b', '2', 2]]],
  ['a backslash at the very end', 'a=1\\', [['a', '1', 1]]],
  ['escapes', 'a=x\\ty\\u0041\\:\\=\\q', [['a', 'x\tyA:=q', 1]]],
  ['escaped separators in a key', 'a\\=b\\ c=1', [['a=b c', '1', 1]]],
  [
    'every line end',
    'a=1\rb=2\r\nc=3\n',
    [
      ['a', '1', 1],
      ['b', '2', 2],
      ['c', '3', 3],
    ],
  ],
  [
    'a key without a value',
    'a\nb=',
    [
      ['a', '', 1],
      ['b', '', 2],
    ],
  ],
  [
    'duplicates in order',
    'a=1\na=2',
    [
      ['a', '1', 1],
      ['a', '2', 2],
    ],
  ],
  ['a backslash alone on a line', '\\\n#x\n\\\na=1', [['a', '1', 4]]],
  ['a byte order mark', '\uFEFFa=1', [['a', '1', 1]]],
];

for (const [name, text, expected] of cases) {
  test(`a properties file: ${name}`, () => {
    const { properties, errors } = parsePropertiesFile(text);
    assert.deepEqual(errors, []);
    assert.deepEqual(
      properties.map(({ key, value, line }) => [key, value, line]),
      expected,
    );
  });
}

test('a properties file: a malformed \\u escape is an error on its line, and the rest is read', () => {
  const { properties, errors } = parsePropertiesFile('a=1\nb=\\u12g4\nc=3');
  assert.deepEqual(errors, [{ line: 2, message: '\\u must be followed by 4 hexadecimal digits' }]);
  assert.deepEqual(
    properties.map(({ key }) => key),
    ['a', 'c'],
  );
});

test('a properties file: any text is read to the end, and line numbers are in range', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '=', ':', ' ', '\\', '\n', '\r', 'u', '0', '#', '!') }),
      (text) => {
        const lines = text.split(/\r\n|\n|\r/).length;
        for (const { line } of parsePropertiesFile(text).properties) assert.ok(line >= 1 && line <= lines);
      },
    ),
  );
});
