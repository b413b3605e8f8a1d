import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.js';

function load(text: string, lenient = false) {
  return loadConfig({ file: { name: 'zoo.cfg', text }, lenient });
}

function warningsOf(text: string, lenient = false): string[] {
  const result = load(text, lenient);
  assert.ok(result.ok, result.ok ? '' : result.errors.join('\n'));
  return result.warnings;
}

test('a key that looks like a misspelt option prevents the start, or only warns with --lenient', () => {
  const misspelt: [written: string, meant: string][] = [
    ['clientport', 'clientPort'],
    ['tickTme', 'tickTime'],
    ['autopurge.purgeIntervall', 'autopurge.purgeInterval'],
    ['autopurge.purge.interval', 'autopurge.purgeInterval'],
    ['zookeeper.tickTime', 'tickTime'],
    ['sslQorum', 'sslQuorum'],
    ['audit.enabled', 'audit.enable'],
    ['4lw.command.whitelist', '4lw.commands.whitelist'],
  ];
  for (const [written, meant] of misspelt) {
    const result = load(`${written}=7`);
    assert.ok(!result.ok, written);
    const hint = `did you mean '${meant}'?`;
    assert.deepEqual(result.errors, [
      `zoo.cfg:1: unknown option '${written}'; ${hint} If not, --lenient makes this a warning`,
    ]);
    assert.deepEqual(warningsOf(`${written}=7`, true), [
      `zoo.cfg:1: unknown option '${written}' is ignored, as in ZooKeeper; ${hint}`,
    ]);
  }
});

test('a misspelt key of an option without effect is a warning', () => {
  assert.deepEqual(warningsOf('nio.numSelectorThread=2\nssl.keystore.location=/k'), [
    "zoo.cfg:1: unknown option 'nio.numSelectorThread' is ignored, as in ZooKeeper; did you mean 'nio.numSelectorThreads'?",
    "zoo.cfg:2: unknown option 'ssl.keystore.location' is ignored, as in ZooKeeper; did you mean 'ssl.keyStore.location'?",
  ]);
});

test('a misspelt key whose value is the actual behaviour is a warning', () => {
  const hint = "; did you mean 'skipACL'?";
  assert.deepEqual(warningsOf('zookeeper.SkipAcl=no'), [
    `zoo.cfg:1: unknown option 'zookeeper.SkipAcl' is ignored, as in ZooKeeper${hint}`,
  ]);
  assert.ok(!load('zookeeper.SkipAcl=yes').ok);
});

test('a key without its prefix is a warning that names the full key', () => {
  assert.deepEqual(warningsOf('purgeInterval=12'), [
    "zoo.cfg:1: unknown option 'purgeInterval' is ignored, as in ZooKeeper; did you mean 'autopurge.purgeInterval'?",
  ]);
});

test('any other unknown key is a warning', () => {
  assert.deepEqual(warningsOf('my.company.rack=7\nrequest.timeout.ms=1'), [
    "zoo.cfg:1: unknown option 'my.company.rack' is ignored, as in ZooKeeper",
    "zoo.cfg:2: unknown option 'request.timeout.ms' is ignored, as in ZooKeeper; did you mean 'request.timeout'?",
  ]);
});

test("headings of ZooKeeper's guide are not keys: the warning names the key", () => {
  assert.deepEqual(warningsOf('maxTimeToWaitForEpoch=2000\nzookeeper.connectionMaxTokens=5'), [
    "zoo.cfg:1: 'maxTimeToWaitForEpoch' is a heading of ZooKeeper's guide; the key is 'leader.maxTimeToWaitForEpoch'; it is ignored",
    "zoo.cfg:2: 'zookeeper.connectionMaxTokens' is a heading of ZooKeeper's guide; the key is 'connection_throttle_tokens'; it is ignored",
  ]);
});

test('a warning says that a key belongs to an old release or to other software', () => {
  assert.deepEqual(
    warningsOf(
      'jaasLoginRenew=3600000\nrequireClientAuthScheme=sasl\nquorum.auth.server.loginContext=S\nlog4j.rootLogger=INFO\nbroker.id=0',
    ),
    [
      "zoo.cfg:1: 'jaasLoginRenew' is a key of old releases that ZooKeeper does not read either; it is ignored",
      "zoo.cfg:2: 'requireClientAuthScheme' is a key of old releases; today it is 'sessionRequireClientSASLAuth'; it is ignored",
      "zoo.cfg:3: 'quorum.auth.server.loginContext' is a key of old releases; today it is 'quorum.auth.server.saslLoginContext'; it is ignored",
      "zoo.cfg:4: 'log4j.rootLogger' is a key of log4j; it is ignored",
      "zoo.cfg:5: 'broker.id' is a key of Kafka; it is ignored",
    ],
  );
});

test('a value that is neither yes nor no counts as in ZooKeeper, with a warning', () => {
  const result = load('skipACL=true\nforceSync=false\nleaderServes=No');
  assert.ok(result.ok);
  assert.deepEqual([result.config.skipAcl, result.config.forceSync, result.config.leaderServes], [false, true, true]);
  assert.deepEqual(result.warnings, [
    'zoo.cfg:1: skipACL=true is neither yes nor no and counts as no, as in ZooKeeper',
    'zoo.cfg:2: forceSync=false is neither yes nor no and counts as yes, as in ZooKeeper',
    'zoo.cfg:3: leaderServes=No is neither yes nor no and counts as yes, as in ZooKeeper',
  ]);
});
