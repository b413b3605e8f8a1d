import assert from 'node:assert/strict';
import test from 'node:test';
import { formatPermissions, parseAcl } from '../../src/parse/acl.js';
import { decodeInt32, parseInt32, parseInt64, parseVersion } from '../../src/parse/numbers.js';
import { parseProperties } from '../../src/parse/properties.js';

test('numbers are read as Java reads them', () => {
  assert.equal(parseInt32('+7'), 7);
  assert.equal(parseInt32('-2147483648'), -2147483648);
  assert.equal(parseInt64('9223372036854775807'), 2n ** 63n - 1n);
  assert.equal(parseInt64('-ff', 16), -255n);
  assert.equal(decodeInt32('0x10'), 16);
  assert.equal(decodeInt32('-#f'), -15);
  assert.equal(decodeInt32('010'), 8);
  assert.equal(decodeInt32('0'), 0);
  assert.equal(parseVersion(undefined), -1);
});

test('an error quotes a text that is no number or too large', () => {
  for (const text of ['', 'x', '1.5', ' 1', '2147483648']) {
    assert.throws(() => parseInt32(text), { message: `For input string: "${text}"` });
  }
  assert.throws(() => parseInt64('9223372036854775808'), /For input string/);
  assert.throws(() => decodeInt32('08'), /For input string/);
});

function acl(text: string) {
  const complaints: string[] = [];
  return { entries: parseAcl(text, (complaint) => complaints.push(complaint)), complaints };
}

test('an ACL is split at its first and last colon', () => {
  const { entries, complaints } = acl('world:anyone:r,digest:bob:hash=:cdrwa,ip:::1:w,auth::a');
  assert.deepEqual(complaints, []);
  assert.deepEqual(
    entries.map(({ scheme, id, perms }) => [scheme, id, formatPermissions(perms)]),
    [
      ['world', 'anyone', 'r'],
      ['digest', 'bob:hash=', 'cdrwa'],
      ['ip', '::1', 'w'],
      ['auth', '', 'a'],
    ],
  );
});

test('an invalid ACL is reported with its fault and rejected, because it would grant other permissions', () => {
  assert.deepEqual(acl('nonsense,world:anyone:rxc,'), {
    entries: [],
    complaints: ['nonsense does not have the form scheme:id:perm', 'Unknown perm type: x'],
  });
  assert.deepEqual(acl('world:anyone:cdrwa,world:anyone:CDRWA').entries, []);
  assert.deepEqual(acl(',,'), { entries: [], complaints: [] });
  assert.deepEqual(acl('').complaints, [' does not have the form scheme:id:perm']);
});

test('a properties file is read as Java reads it', () => {
  const text = '# comment\n! too\n\n a = b\nc:d\ne f\ng=h\\\n   i\nwith\\ blank=\\u0041\\t\\=\na=last\r\nempty\n';
  assert.deepEqual(
    [...parseProperties(text)],
    [
      ['a', 'last'],
      ['c', 'd'],
      ['e', 'f'],
      ['g', 'hi'],
      ['with blank', 'A\t='],
      ['empty', ''],
    ],
  );
});
