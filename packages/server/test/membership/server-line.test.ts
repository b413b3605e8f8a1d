import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { javaHostText } from '../../src/membership/host-text.js';
import { printMember } from '../../src/membership/member.js';
import { parseServerLine } from '../../src/membership/server-line.js';
import { arbitraryMember } from './arbitraries.js';

function printed(value: string): string {
  const result = parseServerLine(1, value);
  return 'member' in result ? printMember(result.member) : `error: ${result.error}`;
}

test('5.6: a server line is read and printed in full', () => {
  assert.equal(printed('zk:2888:3888'), 'zk:2888:3888:participant');
  assert.equal(printed('zk:2888:3888:OBSERVER;2181'), 'zk:2888:3888:observer;0.0.0.0:2181');
  assert.equal(
    printed('[::1]:2888:3888; [::1]:2181'.replace(' ', '')),
    '[0:0:0:0:0:0:0:1]:2888:3888:participant;[0:0:0:0:0:0:0:1]:2181',
  );
  assert.equal(printed('b:1:2|a:3:4'), 'a:3:4|b:1:2:participant');
  assert.equal(printed('zk:+1:2:participant:;'), 'zk:1:2:participant');
});

test('5.6: a member is read from its printed server line unchanged', () => {
  fc.assert(
    fc.property(arbitraryMember(1, fc.constantFrom('participant', 'observer')), (member) => {
      assert.equal(printed(printMember(member)), printMember(member));
    }),
  );
});

const refused: [rule: string, value: string, error: RegExp][] = [
  ['nothing', '', /is not of the form host:quorumPort/],
  ['no election port', 'a:2888', /is not of the form/],
  ['no host', ':2888:3888', /is not of the form/],
  ['too much', 'a:1:2:observer:3', /is not of the form/],
  ['5.6.7: IPv6 without brackets', '2001:db8::1:2888:3888', /write an IPv6 address in brackets/],
  ['an unclosed bracket', '[::1:2888:3888', /is not of the form/],
  ['5.6.2: one port for both', 'a:2888:2888', /port 2888 for both quorum and election/],
  ['an invalid port', 'a:x:3888', /the port 'x', which is not a number from 1 to 65535/],
  ['a port beyond 65535', 'a:2888:65536', /the port '65536'/],
  ['5.6.3: an unknown role', 'a:1:2:watcher', /the role 'watcher', which is neither participant nor observer/],
  ['5.6.1: different roles', 'a:1:2:observer|b:1:2:participant', /different roles/],
  ['a duplicate address', 'a:1:2|A:2:3', /has a:2 twice/],
  ['an invalid client port', 'a:1:2;zk', /the port 'zk', which is not a number from 0 to 65535/],
  ['a client address with three parts', 'a:1:2;b:1:2', /client address 'b:1:2', which is not of the form/],
  ['a TLS client address', 'a:1:2;2181;2281', /more than one client address; .*secureClientPort/],
];
for (const [rule, value, error] of refused) {
  test(`a server line is refused: ${rule}`, () =>
    assert.match(printed(value), new RegExp(`^error: .*${error.source}`)));
}

test('hosts are printed as Java prints them', () => {
  const hosts: [written: string, text: string][] = [
    ['LocalHost', 'LocalHost'],
    ['', 'localhost'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['2001:DB8::A', '2001:db8:0:0:0:0:0:a'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['2001:db8:0:0:1::', '2001:db8:0:0:1:0:0:0'],
    ['::1.2.3.4', '0:0:0:0:0:0:102:304'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:0102:0304', '1.2.3.4'],
    ['00001::', '1:0:0:0:0:0:0:0'],
    ['fe80::1%1', 'fe80:0:0:0:0:0:0:1%1'],
    ['fe80::1%nope', 'fe80::1%nope'],
    ['1::2::3', '1::2::3'],
    ['1', '0.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['1.2.3', '1.2.0.3'],
    ['256', '0.0.1.0'],
    ['4294967295', '255.255.255.255'],
    ['010.0.0.1', '10.0.0.1'],
    ['999.1.1.1', '999.1.1.1'],
    ['1.2.3.4.5', '1.2.3.4.5'],
    ['127.0.0.1.', '127.0.0.1.'],
    ['0x7f.1', '0x7f.1'],
  ];
  for (const [written, text] of hosts) assert.equal(javaHostText(written), text);
});
