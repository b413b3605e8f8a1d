import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.js';

type Environment = Readonly<Record<string, string>>;

function load(environment: Environment, text = '', overrides: string[] = []) {
  return loadConfig({ file: { name: 'zoo.cfg', text }, environment, overrides });
}

function warningsOf(...args: Parameters<typeof load>): string[] {
  const result = load(...args);
  assert.ok(result.ok, result.ok ? '' : result.errors.join('\n'));
  return result.warnings;
}

function errorsOf(...args: Parameters<typeof load>): string[] {
  const result = load(...args);
  assert.ok(!result.ok, 'the configuration was accepted');
  return result.errors;
}

test('a warning names a variable that overrides another value in zoo.cfg, with both places', () => {
  assert.deepEqual(warningsOf({ ZOO_TICK_TIME: '3000', ZOO_INIT_LIMIT: '5' }, 'tickTime=2000\ninitLimit=5'), [
    'ZOO_TICK_TIME: tickTime=3000 overrides tickTime=2000 (zoo.cfg:1)',
  ]);
  assert.deepEqual(warningsOf({ ZOO_CFG_EXTRA: 'zookeeper.snapCount=7' }, 'snapCount=8'), [
    'ZOO_CFG_EXTRA: zookeeper.snapCount=7 overrides snapCount=8 (zoo.cfg:1)',
  ]);
  const [first] = warningsOf({ ZOO_SERVERS: 'server.1=a:1:2' }, 'server.1=b:1:2');
  assert.equal(first, 'ZOO_SERVERS: server.1=a:1:2 overrides server.1=b:1:2 (zoo.cfg:1)');
  assert.deepEqual(warningsOf({}, 'tickTime=2000', ['tickTime=3000']), [], '--set overrides without a warning');
});

test('variables of other images and scripts are reported with the variable to use instead', () => {
  assert.deepEqual(
    warningsOf({
      ADDITIONAL_ZOOKEEPER_1: 'server.1=a:1:2',
      SERVER_ID: '3',
      ZOOKEEPER_CLIENT_PORT: '2181',
      ZOOKEEPER_SERVER_ID: '3',
      ZOO_PORT: '2181',
      ZOO_PORT_NUMBER: '2181',
      ZOO_SERVER_ID: '3',
      ZOOCFGDIR: '/conf',
    }),
    [
      'environment variable ADDITIONAL_ZOOKEEPER_1 is not read; use ZOO_SERVERS instead',
      'environment variable SERVER_ID is not read; use ZOO_MY_ID, or the file myid instead',
      'environment variable ZOOKEEPER_CLIENT_PORT is not read; use ZOO_CLIENT_PORT instead',
      'environment variable ZOOKEEPER_SERVER_ID is not read; use ZOO_MY_ID, or the file myid instead',
      'environment variable ZOO_PORT is not read; use ZOO_CLIENT_PORT instead',
      'environment variable ZOO_PORT_NUMBER is not read; use ZOO_CLIENT_PORT instead',
      'environment variable ZOO_SERVER_ID is not read; use ZOO_MY_ID, or the file myid instead',
      'environment variable ZOOCFGDIR is not read; use the file named on the command line instead',
    ],
  );
});

test('a warning names the keys of Java flags that would have an effect in ZooKeeper', () => {
  const flags = '-Xmx1g -Dzookeeper.snapCount=5 -Dzookeeper.log.dir=/l "-Djute.maxbuffer=0x200000" -Dfoo=1';
  assert.deepEqual(warningsOf({ SERVER_JVMFLAGS: flags, JVMFLAGS: '-Xmx1g', CLIENT_JVMFLAGS: flags }), [
    'environment variable SERVER_JVMFLAGS is not read; set these options in zoo.cfg or with --set instead: snapCount, jute.maxbuffer',
  ]);
});

test('a variable that requires authentication or TLS that does not exist prevents the start', () => {
  for (const name of ['ZOO_ENABLE_AUTH', 'ZOO_ENABLE_QUORUM_AUTH', 'ZOO_TLS_CLIENT_ENABLE', 'ZOO_TLS_QUORUM_ENABLE']) {
    assert.match(errorsOf({ [name]: 'yes' })[0]!, new RegExp(`^${name} cannot be ignored: there is no`));
    assert.deepEqual(warningsOf({ [name]: 'no' }), []);
  }
  assert.match(
    errorsOf({ SERVER_JVMFLAGS: '-Dzookeeper.sessionRequireClientSASLAuth=true' })[0]!,
    /^SERVER_JVMFLAGS: zookeeper\.sessionRequireClientSASLAuth=true cannot be ignored: there is no SASL yet/,
  );
  assert.match(
    errorsOf({ ZOO_SECURE_CLIENT_PORT: '2281' })[0]!,
    /^ZOO_SECURE_CLIENT_PORT: secureClientPort=2281 cannot/,
  );
});

test('variables that Kubernetes, Docker and other programs name after ZooKeeper are ignored', () => {
  assert.deepEqual(
    warningsOf({
      ZOO_PORT: 'tcp://10.0.0.1:2181',
      ZOO_PORT_2181_TCP: 'tcp://10.0.0.1:2181',
      ZOO_PORT_2181_TCP_ADDR: '10.0.0.1',
      ZOO_SERVICE_HOST: '10.0.0.1',
      ZOO_SERVICE_PORT_CLIENT: '2181',
      ZOOKEEPER_PORT_2181_TCP: 'tcp://10.0.0.1:2181',
      ZOOKEEPER_SERVICE_HOST: '10.0.0.1',
      ZOOKEEPER_VERSION: '3.9.5',
      ZOOKEEPER_HOSTS: 'a:2181',
    }),
    [],
  );
});

test('secrets in variables, and in the values that they override, are never shown', () => {
  const secret = 'hunter2';
  const environments: Environment[] = [
    { ZOO_CFG_EXTRA: `DigestAuthenticationProvider.superDigest=super:${secret}` },
    { ZOO_CFG_EXTRA: `ssl.keyStore.password=a ${secret}` },
    { ZOO_CFG_EXTRA: `metricsProvider.ssl.keyStore.password=${secret} my.password=${secret}` },
    { ZOO_SSL_KEYSTORE_PASSWORD: secret },
    { ZOO_SERVER_PASSWORDS: secret, ZOO_ENABLE_AUTH: 'yes' },
    { ZOO_SERVER_PASSWORDS: secret },
    { SERVER_JVMFLAGS: `-Dzookeeper.DigestAuthenticationProvider.superDigest=super:${secret}` },
  ];
  const text =
    'DigestAuthenticationProvider.superDigest=super:other\nssl.keyStore.password=other\nmetricsProvider.ssl.keyStore.password=other';
  for (const environment of environments) {
    const result = load(environment, text);
    const said = result.ok ? [...result.warnings, ...result.notes] : result.errors;
    assert.ok(said.length > 0);
    assert.doesNotMatch(said.join('\n'), /hunter2|other/);
  }
});
