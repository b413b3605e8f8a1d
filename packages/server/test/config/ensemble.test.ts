import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConfigSources, describeConfig, loadConfig } from '../../src/config/load-config.js';
import { versionOfFileName } from '../../src/config/membership.js';
import type { ServerConfig } from '../../src/config/server-config.js';
import { apacheVectors } from '../membership/apache-vectors.js';

type Files = Readonly<Record<string, string>>;

/**
 * Loads a zoo.cfg with this text. `files` maps the path of every other file to its text. A file whose text is `!`
 * cannot be read.
 */
function load(
  text: string,
  files: Files = { './data/myid': '1\n' },
  more: Omit<ConfigSources, 'file' | 'readFile'> = {},
) {
  const readFile = (path: string) => {
    if (files[path] === '!') throw new Error('permission denied');
    return files[path];
  };
  return loadConfig({ file: { name: 'zoo.cfg', text }, readFile, ...more });
}

function loaded(...args: Parameters<typeof load>) {
  const result = load(...args);
  assert.ok(result.ok, result.ok ? '' : result.errors.join('\n'));
  return result;
}

function errors(...args: Parameters<typeof load>): string[] {
  const result = load(...args);
  assert.ok(!result.ok, 'the configuration was accepted');
  return result.errors;
}

const limits = 'initLimit=10\nsyncLimit=5\n';
const two = 'server.1=a:2888:3888\nserver.2=b:2888:3888\n';
const three = `${two}server.3=c:2888:3888\n`;
const ensemble = limits + three;

/** The cases in which nodekeeper deliberately differs from ZooKeeper. */
const differently = new Set(['refused: multiAddress.enabled in zoo.cfg alone']);

for (const { name, myId, multiAddress, zooCfg, dynamic, text, error } of apacheVectors) {
  if (differently.has(name)) continue;
  test(`5.6: a configuration is read as ZooKeeper reads it: ${name}`, () => {
    const path = /^dynamicConfigFile=(.*)$/m.exec(zooCfg)?.[1];
    const files: Record<string, string> = myId === null ? {} : { './data/myid': `${myId}\n` };
    if (path !== undefined && dynamic !== undefined) files[path] = dynamic;
    const result = load(zooCfg, files, { overrides: [`multiAddress.enabled=${multiAddress}`] });
    assert.equal(result.ok, error === undefined, result.ok ? error : result.errors.join('\n'));
    if (!result.ok) return;
    assert.equal(result.config.ensemble?.text, text);
    assert.equal(result.config.myId, myId);
  });
}

test('the configuration has the ensemble, its limits and the values that follow from them', () => {
  const { config, warnings, notes } = loaded(`tickTime=100\n${ensemble}leaderServes=no\nsyncEnabled=false`);
  assert.deepEqual([warnings, notes], [[], ['options without effect: syncEnabled (zoo.cfg:8)']]);
  assert.deepEqual([...(config.ensemble?.voters ?? [])], [1, 2, 3]);
  assert.deepEqual([config.myId, config.initLimitTicks, config.syncLimitTicks], [1, 10, 5]);
  assert.deepEqual([config.connectToLearnerMasterLimitTicks, config.quorumCnxnTimeoutMs], [10, 500]);
  assert.deepEqual([config.leaderServes, config.observerSyncEnabled], [false, false]);
  assert.equal(loaded(`${ensemble}connectToLearnerMasterLimit=3`).config.connectToLearnerMasterLimitTicks, 3);
  assert.equal(describeConfig(config).ensemble, config.ensemble?.text);
});

test('a standalone server has no ensemble and needs neither limits nor myid', () => {
  const { config, warnings } = loaded('server.1=a:2888:3888', { './data/myid': 'nonsense' });
  assert.deepEqual([config.ensemble, config.myId], [null, null]);
  assert.deepEqual(warnings, ['zoo.cfg:1: only one server is listed, so it runs standalone']);
});

test('all errors in the configuration of an ensemble are reported together', () => {
  assert.deepEqual(
    errors(
      'syncLimit=0\nserver.1=a:1\nserver.2=b:5:5\nserver.2=c:1:2\nserver.x=d\nserver.3=c:1:2:watcher\nelectionAlg=0',
      {},
    ),
    [
      'zoo.cfg:7: electionAlg=0 is not 3, the only election algorithm',
      'zoo.cfg:2: server.1=a:1 is not of the form host:quorumPort:electionPort[:participant|:observer][;[clientHost:]clientPort]',
      'zoo.cfg:3: server.2=b:5:5 uses port 5 for both quorum and election; use two different ports',
      'zoo.cfg:3, zoo.cfg:4: server.2 is defined twice; remove one of the lines or correct its number',
      "zoo.cfg:5: 'server.x' is not of the form server.N, group.N or weight.N",
      "zoo.cfg:6: server.3=c:1:2:watcher has the role 'watcher', which is neither participant nor observer",
      'zoo.cfg: initLimit is not set, but an ensemble needs it: the maximum ticks for a server to connect and synchronise, for example initLimit=10',
      'zoo.cfg:1: syncLimit is not set, but an ensemble needs it: the maximum ticks for a follower to be silent, for example syncLimit=5',
      "./data/myid does not exist; it identifies this server: write the number after 'server.' into it",
    ],
  );
});

test('5.6.9: myid is a number alone on the first line, and the id of one of the servers', () => {
  assert.equal(loaded(ensemble, { './data/myid': '3' }).config.myId, 3);
  assert.equal(loaded(`dataDir=/d/\n${ensemble}`, { '/d/myid': '2\r\nmore' }).config.myId, 2);
  for (const text of ['', 'one', '1 ', '0x1', '1.5']) {
    assert.deepEqual(errors(ensemble, { './data/myid': text }), [
      `./data/myid:1: '${text}' is not a server id; write only the number after 'server.'`,
    ]);
  }
  assert.deepEqual(errors(ensemble, { './data/myid': '4' }), [
    './data/myid:1: there is no server.4, only 1, 2, 3; correct the number, or add a server line for it',
  ]);
  assert.deepEqual(errors(ensemble, { './data/myid': '!' }), ['./data/myid: cannot be read: permission denied']);
});

test('ZOO_MY_ID counts if there is no myid file', () => {
  const environment = { ZOO_MY_ID: '2' };
  assert.equal(loaded(ensemble, {}, { environment }).config.myId, 2);
  assert.equal(loaded(ensemble, { './data/myid': '1' }, { environment }).config.myId, 1);
  assert.match(errors(ensemble, {}, { environment: { ZOO_MY_ID: '9' } })[0]!, /^ZOO_MY_ID: there is no server\.9/);
});

test('the id is 1, with a warning, if only ZOO_SERVERS is set, as in the official image', () => {
  const environment = { ZOO_SERVERS: three.replaceAll('\n', ' ') };
  const { config, warnings } = loaded(limits, {}, { environment });
  assert.equal(config.myId, 1);
  assert.deepEqual(warnings, [
    'ZOO_MY_ID is not set and ./data/myid does not exist, so with ZOO_SERVERS this is server.1; set ZOO_MY_ID to a different id on each server',
  ]);
  assert.equal(loaded(limits, { './data/myid': '3' }, { environment }).config.myId, 3);
  assert.match(errors(ensemble, {})[0]!, /myid does not exist/);
});

test('peerType may repeat the role in the server line, not contradict it', () => {
  const observer = `${ensemble}server.4=d:2888:3888:observer\n`;
  assert.ok(loaded(`${observer}peerType=Observer`, { './data/myid': '4' }));
  assert.ok(loaded(`${observer}peerType=participant`));
  assert.deepEqual(errors(`${observer}peerType=observer`), [
    'zoo.cfg:7: peerType=observer contradicts server.1 (zoo.cfg:3), which is participant; remove peerType, or add :observer to the line on every server',
  ]);
  assert.deepEqual(errors(`${ensemble}peerType=watcher`), [
    'zoo.cfg:6: peerType=watcher is neither participant nor observer',
  ]);
});

test('few voters, an even number of voters, ids above 255 and useless groups each get a warning', () => {
  const warnings = (text: string) => loaded(limits + text).warnings;
  assert.deepEqual(warnings(two), ['zoo.cfg: 2 voting servers tolerate no failure; at least 3 are needed']);
  assert.deepEqual(warnings(`${three}server.256=d:1:2`), [
    'zoo.cfg: 4 voting servers tolerate no more failures than 3; an odd number is better',
    'zoo.cfg:6: server.256: the id is above 255, so session ids contain only its last byte, 0',
  ]);
  assert.deepEqual(warnings(`${three}group.1=1\ngroup.2=2\ngroup.3=3\nweight.3=0`), [
    'zoo.cfg: group.3 has no weight, so its servers never count for a quorum',
    'zoo.cfg: 2 groups tolerate no more failures than 1; an odd number is better',
  ]);
});

test('two servers at one address, and several addresses while disabled, are errors with both lines', () => {
  assert.deepEqual(errors(`${limits}server.1=a:1:2\nserver.2=A:2:3\nserver.3=c:1:2|d:1:2`), [
    'zoo.cfg:3, zoo.cfg:4: server.1 and server.2 are both at a:2; correct one of them',
    'zoo.cfg:5: server.3 has several addresses; set multiAddress.enabled=true on every server, or keep only one address',
  ]);
  const several = `multiAddress.enabled=true\n${limits}${two}server.3=c:1:2|d:1:2`;
  assert.equal(loaded(several).config.ensemble?.members.get(3)?.addresses.length, 2);
});

test('observers need voters, and an ensemble of one server needs standaloneEnabled=false', () => {
  assert.deepEqual(errors(`${limits}server.1=a:1:2:observer`), [
    'zoo.cfg:3: all servers are observers, which cannot elect a leader; remove :observer from the servers that should vote',
  ]);
  const observed = 'server.1=a:1:2\nserver.2=b:1:2:observer\n';
  assert.deepEqual(errors(observed), [
    'zoo.cfg:2: server.2 is an observer, but the single voter runs standalone; add voters, or set standaloneEnabled=false',
  ]);
  const { config } = loaded(`standaloneEnabled=false\n${limits}${observed}`);
  assert.equal(config.ensemble?.members.size, 2);
  assert.deepEqual(errors('standaloneEnabled=false'), [
    'zoo.cfg:1: standaloneEnabled=false needs server lines; add one for each server',
  ]);
});

test("the client address comes from the server's own line or from zoo.cfg, which must not contradict each other", () => {
  const own = (client: string, more = '') =>
    `${more}${limits}server.1=a:1:2${client}\nserver.2=b:1:2;2182\nserver.3=c:1:2`;
  const place = ({ config }: { config: ServerConfig }) => [config.clientPort, config.clientPortAddress];
  assert.deepEqual(place(loaded(own(';2191'))), [2191, null]);
  assert.deepEqual(place(loaded(own(';[::1]:2191', 'clientPort=2191\n'))), [2191, '0:0:0:0:0:0:0:1']);
  assert.deepEqual(place(loaded(own('', 'clientPort=5\nclientPortAddress=10.0.0.1\n'))), [5, '10.0.0.1']);
  assert.deepEqual(errors(own(';2191', 'clientPort=5\nclientPortAddress=10.0.0.1\n')), [
    'zoo.cfg:5: client port 2191 differs from clientPort=5 (zoo.cfg:1); remove one of them',
    'zoo.cfg:5: client address 0.0.0.0 differs from clientPortAddress=10.0.0.1 (zoo.cfg:2); remove one of them',
  ]);
});

test('4.8.8: a client address from zoo.cfg alone is in the ensemble but not in its text', () => {
  const { ensemble: members } = loaded(`clientPort=2191\n${ensemble}`).config;
  assert.deepEqual(members?.members.get(1)?.clientAddress, { host: '0.0.0.0', port: 2191 });
  assert.doesNotMatch(members?.text ?? '', /2191/);
  assert.equal(loaded(ensemble).config.ensemble?.members.get(1)?.clientAddress, null);
});

test('the environment and the command line replace server lines key by key', () => {
  const environment = { ZOO_SERVERS: 'server.2=x:1:2 server.3=y:1:2' };
  const overrides = ['server.3=z:1:2', 'server.3=zz:1:2'];
  const { config } = loaded(ensemble, undefined, { environment, overrides });
  const hosts = [...(config.ensemble?.members.values() ?? [])].map(({ addresses }) => addresses[0]!.host);
  assert.deepEqual(hosts, ['a', 'x', 'zz']);
});

test('5.6.5: the version of a dynamic file is the end of its name', () => {
  assert.equal(versionOfFileName('zoo.cfg.dynamic.10000000A'), '10000000A');
  assert.equal(versionOfFileName('zoo.cfg.dynamic'), '0');
  assert.equal(versionOfFileName('conf.d/members'), '0');
});

test('5.6.8: errors in a dynamic file are reported with their lines', () => {
  const files = { './data/myid': '1', 'd.1': `${three}tickTime=5\nversion=2\nserver.4=a:1` };
  assert.deepEqual(errors(`${limits}dynamicConfigFile=d.1\nserver.9=x:1:2`, files), [
    'zoo.cfg:4: server.9 must be in d.1, because zoo.cfg:3 sets dynamicConfigFile=d.1; move it there',
    'd.1:5: the version of d.1 is part of its file name; remove this line',
    "d.1:4: 'tickTime' is not one of server.N, group.N or weight.N",
    'd.1:6: server.4=a:1 is not of the form host:quorumPort:electionPort[:participant|:observer][;[clientHost:]clientPort]',
  ]);
  assert.deepEqual(errors('dynamicConfigFile=d', {}), [
    'zoo.cfg:1: dynamicConfigFile=d does not exist; correct the path or create the file',
  ]);
  assert.deepEqual(errors('dynamicConfigFile=d', { d: '!' }), ['d: cannot be read: permission denied']);
  assert.deepEqual(errors('dynamicConfigFile=d', { d: '' }), [
    'd: there is no server line; add one for each server of the ensemble',
  ]);
});

test('4.9.18: a reconfiguration that was only proposed before the server stopped is read from zoo.cfg.dynamic.next', () => {
  const files = { './data/myid': '1', d: three, 'zoo.cfg.dynamic.next': `${two}version=100000005` };
  const { config } = loaded(`${limits}dynamicConfigFile=d`, files);
  assert.equal(config.ensemble?.version, 0);
  assert.equal(config.lastSeenEnsemble?.version, 0x1_0000_0005);
  assert.equal(loaded(ensemble, files).config.lastSeenEnsemble, null);
  assert.match(
    errors(`${limits}dynamicConfigFile=d`, { ...files, 'zoo.cfg.dynamic.next': 'server.1=a' })[0]!,
    /^zoo\.cfg\.dynamic\.next:1: server\.1=a is not of the form/,
  );
});

test('1.10.8 with extendedTypesEnabled, a server id above 254 is refused with the reason and the remedy', () => {
  const of = (id: number) => [`${ensemble}server.${id}=d:2888:3888\n`, { './data/myid': `${id}\n` }] as const;
  const extended = ['extendedTypesEnabled=true'];
  assert.deepEqual(errors(...of(255), { overrides: extended }), [
    'zoo.cfg:6: server.255: with extendedTypesEnabled (--set) the highest id is 254; a higher one would turn ephemeral nodes into TTL nodes. Give the server a lower id in all files and its myid, or remove extendedTypesEnabled on every server',
  ]);
  assert.equal(load(...of(254), { overrides: extended }).ok, true);
  assert.equal(load(...of(255)).ok, true);
});
