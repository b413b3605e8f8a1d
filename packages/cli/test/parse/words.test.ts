import assert from 'node:assert/strict';
import test from 'node:test';
import { splitWords, withoutBackslashes } from '../../src/parse/words.js';

const lines: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['ls /', ['ls', '/']],
  ['  get \t -s   /a  ', ['get', '-s', '/a']],
  ['create /a "two words"', ['create', '/a', 'two words']],
  ['create /a \'one "q" \'', ['create', '/a', 'one "q" ']],
  ['create /a ""', ['create', '/a', '']],
  ['create /a it\'s"x y"', ['create', '/a', 'it\'s"x', 'y"']],
  ['get "/a', ['get', '/a']],
  ['"', []],
  ['', []],
  ['   ', [' ']],
  ['set /a a\u00a0b', ['set', '/a', 'a\u00a0b']],
  ['set /a 𝄞', ['set', '/a', '𝄞']],
];

test("a line is split into the same words as in ZooKeeper's shell", () => {
  for (const [line, words] of lines) assert.deepEqual(splitWords(line), words, line);
});

test('a backslash escapes the character after it', () => {
  assert.equal(withoutBackslashes('a\\b\\\\c\\'), 'ab\\c');
});
