import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConnectString } from '../../src/core/connect-string.js';
import { addressText } from '../../src/core/ports.js';

const good: [text: string, servers: string, chroot: string][] = [
  ['localhost', 'localhost:2181', ''],
  ['localhost:2182', 'localhost:2182', ''],
  ['10.10.10.1,10.10.10.2', '10.10.10.1:2181 10.10.10.2:2181', ''],
  ['10.10.10.1:112,10.10.10.2:110', '10.10.10.1:112 10.10.10.2:110', ''],
  [' a:1 , b , c:3 ', 'a:1 b:2181 c:3', ''],
  ['a,,b,', 'a:2181 b:2181', ''],
  ['10.10.10.1/hallo/welt', '10.10.10.1:2181', '/hallo/welt'],
  ['10.10.10.1:112,10.10.10.2/hallo/welt', '10.10.10.1:112 10.10.10.2:2181', '/hallo/welt'],
  ['a,b/', 'a:2181 b:2181', ''],
  ['[127::1],127.0.10.2', '[127::1]:2181 127.0.10.2:2181', ''],
  [
    '[2001:db8:1::242:ac11:2]:2181,[2001:db8:85a3:8d3:1319:8a2e:370:7348]:5678/app',
    '[2001:db8:1::242:ac11:2]:2181 [2001:db8:85a3:8d3:1319:8a2e:370:7348]:5678',
    '/app',
  ],
  ['host-1.example.com:1,under_score:65535', 'host-1.example.com:1 under_score:65535', ''],
];

for (const [text, servers, chroot] of good) {
  test(`"${text}" means ${servers}${chroot}`, () => {
    const parsed = parseConnectString(text);
    assert.equal(parsed.servers.map(addressText).join(' '), servers);
    assert.equal(parsed.chroot, chroot);
  });
}

const bad: [text: string, reason: RegExp][] = [
  ['', /names no server; write host:port/],
  ['   ', /names no server/],
  [',,', /names no server/],
  ['/app', /names no server/],
  ['a:0', /port 0 in "a:0"; ports are 1 to 65535/],
  ['a:65536', /port 65536/],
  ['a:x', /"a:x" where host\[:port\] is expected/],
  ['a:', /"a:" where/],
  [':2181', /":2181" where/],
  ['a b', /"a b" where/],
  ['::1', /"::1" where .*brackets: \[::1\]:2181/],
  ['2001:db8::1:2181', /brackets/],
  ['[::1', /"\[::1" where/],
  ['a/b/', /bad chroot: Path must not end with \/ character/],
  ['a//b', /bad chroot: .*empty node name/],
  ['a/x,b/x', /has servers after its chroot; write the chroot once, at the end: a,b\/x$/],
  ['a:1/x, b:2/x ,c:3/x', /at the end: a:1,b:2,c:3\/x$/],
  ['a,b/x,c/x', /at the end: a,b,c\/x$/],
  ['a/x,b', /at the end: a,b\/x$/],
  ['a/,b/', /at the end: a,b\/$/],
  ['a/./b', /bad chroot: .*relative paths/],
];

for (const [text, reason] of bad) {
  test(`"${text}" fails with a text that names its fault`, () => {
    assert.throws(() => parseConnectString(text), { name: 'RangeError', message: reason });
  });
}
