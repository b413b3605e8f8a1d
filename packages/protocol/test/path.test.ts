import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { parentPath, pathFault } from '../src/index.js';

const invalid = (path: string, reason: string) => `Invalid path string "${path}" caused by ${reason}`;

test('1.11, 6.6: faults have the text and the index of ZooKeeper 3.9.5', () => {
  const faults: [string | null, string][] = [
    [null, 'Path cannot be null'],
    ['', 'Path length must be > 0'],
    ['a', 'Path must start with / character'],
    ['//', 'Path must not end with / character'],
    ['/a/', 'Path must not end with / character'],
    ['/a//b', invalid('/a//b', 'empty node name specified @3')],
    ['/a/./b', invalid('/a/./b', 'relative paths not allowed @3')],
    ['/a/../b', invalid('/a/../b', 'relative paths not allowed @4')],
    ['/.', invalid('/.', 'relative paths not allowed @1')],
    ['/..', invalid('/..', 'relative paths not allowed @2')],
    ['/a/b/..', invalid('/a/b/..', 'relative paths not allowed @6')],
    ['/a.b/.', invalid('/a.b/.', 'relative paths not allowed @5')],
    ['/..a/..', invalid('/..a/..', 'relative paths not allowed @6')],
    ['/\0', invalid('/\0', 'null character not allowed @1')],
    ['/.\0', invalid('/.\0', 'null character not allowed @2')],
    ['/a\u0001', invalid('/a\u0001', 'invalid character @2')],
    ['/a\u001f/b', invalid('/a\u001f/b', 'invalid character @2')],
    ['/\u{1f600}', invalid('/\u{1f600}', 'invalid character @1')],
    ['/a//./\u0001', invalid('/a//./\u0001', 'empty node name specified @3')],
    ['/./\0', invalid('/./\0', 'relative paths not allowed @1')],
  ];
  for (const [path, fault] of faults) assert.equal(pathFault(path), fault, JSON.stringify(path));
});

test('1.11: paths with dots, spaces and any printable character are valid', () => {
  const legal = ['/', '/a', '/...', '/a/.b', '/a/b.', '/a/..b', '/a b', '/ ', '/\u00a0', '/\uffef', '/zookeeper/quota'];
  for (const path of legal) assert.equal(pathFault(path), undefined, path);
});

test('1.11.3: the forbidden UTF-16 units are exactly four ranges', () => {
  const ranges: string[] = [];
  let start = -1;
  for (let unit = 0; unit <= 0x10000; unit++) {
    const isForbidden = unit < 0x10000 && pathFault(`/a${String.fromCharCode(unit)}b`) !== undefined;
    if (isForbidden && start < 0) start = unit;
    if (!isForbidden && start >= 0) {
      ranges.push(`${start.toString(16)}-${(unit - 1).toString(16)}`);
      start = -1;
    }
  }
  assert.deepEqual(ranges, ['0-1f', '7f-9f', 'd800-f8ff', 'fff0-ffff']);
});

test('1.11: all 19,531 strings of up to six of / . a U+0000 U+0001 are judged as in ZooKeeper 3.9.5', () => {
  const alphabet = ['/', '.', 'a', '\0', '\u0001'];
  const hash = createHash('sha256');
  let strings = [''];
  for (let length = 0; length <= 6; length++) {
    for (const path of strings) hash.update(`${path}\t${pathFault(path) ?? ''}\n`);
    strings = strings.flatMap((path) => alphabet.map((unit) => path + unit));
  }
  // This hash of the same list was made with validatePath of ZooKeeper 3.9.5.
  assert.equal(hash.digest('hex'), 'f8535f830e69d5345c9ed629ab14b4ab072c5e52cc4ff1fab868603ca9f04b1d');
});

test('parentPath goes up one level and stops at the root', () => {
  assert.equal(parentPath('/a/b/c'), '/a/b');
  assert.equal(parentPath('/a'), '/');
  assert.equal(parentPath('/'), '/');
});
