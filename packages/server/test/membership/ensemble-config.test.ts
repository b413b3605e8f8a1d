import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readConfigEntries } from '../../src/membership/config-entries.js';
import { parseConfigText } from '../../src/membership/config-text.js';
import { EnsembleConfig } from '../../src/membership/ensemble-config.js';
import { inHashOrder } from '../../src/membership/hash-order.js';
import { createMember } from '../../src/membership/member.js';
import { apacheVectors, membershipEntries } from './apache-vectors.js';
import { arbitraryConfig } from './arbitraries.js';

function parsed(text: string): EnsembleConfig {
  const result = parseConfigText(text);
  assert.ok('config' in result, 'errors' in result ? result.errors.join('\n') : '');
  return result.config;
}

function errors(text: string): string[] {
  const result = parseConfigText(text);
  assert.ok('errors' in result, 'the text was accepted');
  return result.errors;
}

function withVersion({ members, groups }: EnsembleConfig, version: number): EnsembleConfig {
  return new EnsembleConfig(members.values(), groups, version);
}

for (const vector of apacheVectors) {
  const { name, text } = vector;
  if (text === undefined) continue;
  test(`4.8.1 4.8.2 4.8.7: the configuration text equals ZooKeeper's, byte for byte: ${name}`, () => {
    const result = readConfigEntries(membershipEntries(vector));
    assert.ok('config' in result, JSON.stringify(result));
    assert.equal(result.config.text, text);
    assert.equal(parsed(text).text, text);
  });
}

test('a configuration is read from its text with the same members, groups, weights and version', () => {
  fc.assert(
    fc.property(arbitraryConfig, (config) => {
      const copy = parsed(config.text);
      assert.equal(copy.text, config.text);
      assert.ok(withVersion(copy, config.version + 1).equals(config));
      assert.deepEqual(copy.voters, config.voters);
    }),
  );
});

test('reading any text as a configuration ends without an exception', () => {
  const word = fc.constantFrom(
    ...['server.', 'group.', 'weight.', 'version', '1', '2', '=', ':', ';', '|', '[', ']', '::', 'a', 'observer', '\n'],
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
      parseConfigText(words.join(''));
    }),
    { numRuns: 500 },
  );
});

test('4.8.6: configurations of one version are equal; other versions are equal if members, groups and weights are', () => {
  const one = parsed('server.1=a:1:2\nserver.2=b:1:2;2181\nversion=5');
  assert.ok(one.equals(parsed('server.9=z:1:2\nversion=5')));
  assert.ok(one.equals(parsed('server.2=B:1:2;0.0.0.0:2181\nserver.1=a:1:2:participant\nversion=6')));
  for (const other of [
    'server.1=a:1:2\nserver.2=b:1:2;2182',
    'server.1=a:1:2\nserver.2=b:1:2',
    'server.1=a:1:3\nserver.2=b:1:2;2181',
    'server.1=a:1:2\nserver.2=b:1:2:observer;2181',
    'server.1=a:1:2\nserver.2=b:1:2;2181\nserver.3=c:1:2',
    'server.1=a:1:2\nserver.3=b:1:2;2181',
  ]) {
    assert.equal(one.equals(parsed(other)), false, other);
  }
});

test('4.8.6: groups and weights are compared, and majorities never equal groups', () => {
  const servers = 'server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\n';
  const one = parsed(`${servers}group.1=1:2:3\nversion=5`);
  assert.ok(one.equals(parsed(`${servers}group.1=3:2:1\nweight.2=1\nversion=6`)));
  assert.equal(one.equals(parsed(`${servers}group.1=1:2:3\nweight.2=2\nversion=6`)), false);
  assert.equal(one.equals(parsed(`${servers}group.1=1:2\ngroup.2=3\nversion=6`)), false);
  assert.equal(one.equals(parsed(`${servers}version=5`)), false);
});

test('4.8.8: a client address from zoo.cfg alone is not printed but compared', () => {
  const config = parsed('server.1=a:1:2\nserver.2=b:1:2\nversion=0');
  const own = config.withStaticClientAddress(1, { host: '0.0.0.0', port: 2181 });
  assert.equal(own.text, config.text);
  assert.deepEqual(own.members.get(1)?.clientAddress, { host: '0.0.0.0', port: 2181 });
  assert.equal(withVersion(own, 1).equals(config), false);
});

test('a copy with another version has the same members', () => {
  const config = parsed('server.1=a:1:2\nserver.2=b:1:2:observer\nversion=100000001');
  assert.equal(config.version, 0x1_0000_0001);
  assert.equal(withVersion(config, 0x2_0000_0000).text, config.text.replace('100000001', '200000000'));
  assert.deepEqual(
    config.observers.map(({ id }) => id),
    [2],
  );
});

test('members are sorted by ascending id', () => {
  const config = new EnsembleConfig(
    [3, 17, 2].map((id) => createMember(id, [{ host: 'a', quorumPort: 1, electionPort: 2 }])),
  );
  assert.deepEqual([...config.members.keys()], [2, 3, 17]);
  assert.deepEqual(inHashOrder(config.members.keys()), [17, 2, 3]);
});

test('all errors in a configuration text are found', () => {
  assert.deepEqual(
    errors('server.1=a:1\nserver.x=a:1:2\nserver.2=b:5:5\ntickTime=2\nweight.2=-1\ngroup.1=2:x\nversion=g'),
    [
      'server.1=a:1 is not of the form host:quorumPort:electionPort[:participant|:observer][;[clientHost:]clientPort]',
      "'server.x' is not of the form server.N, group.N or weight.N",
      'server.2=b:5:5 uses port 5 for both quorum and election; use two different ports',
      "'tickTime' is not one of server.N, group.N or weight.N",
      'weight.2=-1 is not a whole number of 0 or more',
      "group.1=2:x is not a list of server ids separated by ':'",
      'version=g is not a zxid in hexadecimal',
    ],
  );
});

const servers = 'server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2:observer\n';
const refused: [rule: string, text: string, message: RegExp][] = [
  ['a duplicate id', `${servers}server.01=d:1:2`, /^server\.1 is defined twice; remove one/],
  ['a duplicate group', `${servers}group.1=1\ngroup.1=2`, /^group\.1 is defined twice/],
  ['nobody', 'version=1', /^there is no server line/],
  ['observers only', 'server.1=a:1:2:observer', /^all servers are observers/],
  ['a voter in no group', `${servers}group.1=1`, /^server\.2 votes but is in no group; add it/],
  ['a voter in two groups', `${servers}group.1=1:2\ngroup.2=2`, /^server 2 is in group\.1 and in group\.2/],
  ['a voter twice in a group', `${servers}group.1=1:2:2`, /^group\.1 names server 2 twice/],
  ['an unknown server in a group', `${servers}group.1=1:2:9`, /^group\.1 names server 9, which has no server line/],
  ['an observer in a group', `${servers}group.1=1:2:3`, /^group\.1 names server 3, which is an observer/],
  ['weights without groups', `${servers}weight.1=2\nweight.2=1`, /^weights need groups/],
  ['groups without weight', `${servers}group.1=1:2\nweight.1=0\nweight.2=0`, /^no group has any weight/],
  ['an id that a number cannot hold', 'server.9007199254740993=a:1:2', /is not of the form server\.N/],
  ['a version that a number cannot hold', `${servers}version=20000000000001`, /is not a zxid/],
];
for (const [rule, text, message] of refused) {
  test(`a configuration is refused with one error: ${rule}`, () => {
    const [first, ...more] = errors(text);
    assert.match(first!, message);
    assert.deepEqual(more, []);
  });
}
