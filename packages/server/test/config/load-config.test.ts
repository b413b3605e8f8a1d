import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ConfigSources, describeConfig, loadConfig } from '../../src/config/load-config.js';
import { defaultConfig } from '../../src/config/server-config.js';

function load(text: string, more: Omit<ConfigSources, 'file'> = {}) {
  return loadConfig({ file: { name: 'zoo.cfg', text }, ...more });
}

function loaded(text: string, more: Omit<ConfigSources, 'file'> = {}) {
  const result = load(text, more);
  assert.ok(result.ok, result.ok ? '' : result.errors.join('\n'));
  return result;
}

function errors(text: string, more: Omit<ConfigSources, 'file'> = {}): string[] {
  const result = load(text, more);
  assert.ok(!result.ok, 'the configuration was accepted');
  return result.errors;
}

test('an empty configuration is a standalone server on 2181 with its data in ./data', () => {
  assert.deepEqual(loadConfig({}), { ok: true, config: defaultConfig(), warnings: [], notes: [] });
});

test('conf/zoo_sample.cfg starts without a warning', () => {
  const text = readFileSync(new URL('../../../../../conf/zoo_sample.cfg', import.meta.url), 'utf8');
  const { config, warnings, notes } = loaded(text);
  assert.deepEqual([warnings, notes], [[], []]);
  assert.deepEqual([config.clientPort, config.dataDir, config.tickTimeMs], [2181, './data', 2000]);
});

test("ZooKeeper's sample zoo.cfg starts without a warning", () => {
  const sample =
    'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/tmp/zookeeper\nclientPort=2181\n#maxClientCnxns=60\n';
  const { config, warnings } = loaded(sample);
  assert.deepEqual(warnings, []);
  assert.equal(config.tickTimeMs, 2000);
  assert.equal(config.dataLogDir, '/tmp/zookeeper');
  assert.equal(config.minSessionTimeoutMs, 4000);
  assert.equal(config.maxSessionTimeoutMs, 40_000);
});

test('the command line overrides the environment, which overrides zoo.cfg, which overrides the defaults', () => {
  const environment = { ZOO_TICK_TIME: '3', ZOO_MAX_CNXNS: '30' };
  const { config } = loaded('tickTime=2\nmaxCnxns=20\nsnapCount=10\nsnapCount=11', {
    environment,
    overrides: ['tickTime=4', 'tickTime=5'],
  });
  assert.equal(config.tickTimeMs, 5);
  assert.equal(config.maxCnxns, 30);
  assert.equal(config.snapCount, 11);
  assert.equal(config.maxClientCnxns, 60);
});

test('a property may have the prefix zookeeper., a key of zoo.cfg may not', () => {
  assert.equal(loaded('zookeeper.snapCount=7').config.snapCount, 7);
  assert.equal(loaded('jute.maxbuffer=0x200000').config.juteMaxBufferBytes, 2_097_152);
  assert.equal(loaded('jute.maxbuffer=2000').config.juteMaxBufferExtraSizeBytes, 2000);
  assert.equal(loaded('znode.container.maxPerMinute=5').config.containerMaxPerMinute, 5);
  assert.equal(loaded('readonlymode.enabled=true').config.readOnlyModeEnabled, true);
  assert.equal(loaded('fsync.warningthresholdms=20').config.fsyncWarningThresholdMs, 20);
  assert.deepEqual(errors('zookeeper.tickTime=5'), [
    "zoo.cfg:1: unknown option 'zookeeper.tickTime'; did you mean 'tickTime'? If not, --lenient makes this a warning",
  ]);
});

test('all errors are reported together, with file and line', () => {
  assert.deepEqual(
    errors('# one\ntickTme=2000\nclientPort=x\nclientPortListenBacklog=-2\nstandaloneEnabled=yes\nsnapCount=1e5', {
      overrides: ['nothing', 'tickTime=0'],
      environment: { ZOO_SYNC_LIMIT: 'five' },
    }),
    [
      "--set: 'nothing' is not of the form key=value",
      "zoo.cfg:2: unknown option 'tickTme'; did you mean 'tickTime'? If not, --lenient makes this a warning",
      'zoo.cfg:3: clientPort=x is not a whole number',
      'zoo.cfg:4: clientPortListenBacklog=-2 is not between -1 and 2147483647',
      'zoo.cfg:5: standaloneEnabled=yes is neither true nor false',
      'zoo.cfg:6: snapCount=1e5 is not a whole number',
      'ZOO_SYNC_LIMIT: syncLimit=five is not a whole number',
      '--set: tickTime=0 is not between 1 and 2147483647',
    ],
  );
});

test('values below a minimum are raised with a warning, as in ZooKeeper', () => {
  const { config, warnings } = loaded(
    'autopurge.snapRetainCount=1\nsnapCount=1\nmaxClientCnxns=-1\nautopurge.purgeInterval=-1',
  );
  assert.deepEqual([config.autopurgeSnapRetainCount, config.snapCount], [3, 2]);
  assert.deepEqual([config.maxClientCnxns, config.autopurgePurgeIntervalHours], [0, 0]);
  assert.equal(warnings[0], 'zoo.cfg:1: autopurge.snapRetainCount=1 is below the minimum, so 3 is used');
  assert.equal(warnings.length, 4);
});

test('session timeouts: -1 follows tickTime, and a minimum above the maximum is an error', () => {
  const { config } = loaded('tickTime=100\nminSessionTimeout=-1\nmaxSessionTimeout=5000');
  assert.deepEqual([config.minSessionTimeoutMs, config.maxSessionTimeoutMs], [200, 5000]);
  assert.deepEqual(errors('tickTime=100\nminSessionTimeout=3000'), [
    'zoo.cfg:2: minSessionTimeout 3000 ms is greater than maxSessionTimeout 2000 ms',
  ]);
});

test('one server line makes a standalone server and sets the client port', () => {
  assert.equal(loaded('server.1=localhost:2888:3888;2191').config.clientPort, 2191);
  const { config } = loaded('server.1=zk:2888:3888:participant;[::1]:2191');
  assert.deepEqual([config.clientPort, config.clientPortAddress], [2191, '0:0:0:0:0:0:0:1']);
  assert.equal(loaded('server.1=zk:2888:3888\nclientPort=5').config.clientPort, 5);
  assert.deepEqual(errors('clientPort=5\nserver.1=zk:2888:3888;6'), [
    'zoo.cfg:2: client port 6 differs from clientPort=5 (zoo.cfg:1); remove one of them',
  ]);
});

test('the environment of the official Docker image is understood', () => {
  const { config, warnings } = loaded('', {
    environment: {
      ZOO_CONF_DIR: '/conf',
      ZOO_LOG_DIR: '/logs',
      ZOO_DATA_DIR: '/d',
      ZOO_DATA_LOG_DIR: '/l',
      ZOO_TICK_TIME: '2000',
      ZOO_INIT_LIMIT: '5',
      ZOO_SYNC_LIMIT: '2',
      ZOO_MAX_CLIENT_CNXNS: '0',
      ZOO_AUTOPURGE_PURGEINTERVAL: '0',
      ZOO_AUTOPURGE_SNAPRETAINCOUNT: '5',
      ZOO_STANDALONE_ENABLED: 'true',
      ZOO_ADMINSERVER_ENABLED: 'true',
      ZOO_4LW_COMMANDS_WHITELIST: 'srvr, mntr',
      ZOO_CFG_EXTRA: 'extendedTypesEnabled=true enforceQuota=true',
      ZOO_SERVERS: 'server.1=localhost:2888:3888;2191',
      ZOO_MY_ID: '1',
      PATH: '/bin',
    },
  });
  assert.deepEqual(warnings, [
    'ZOO_SERVERS: only one server is listed, so it runs standalone',
    'options that are not supported yet are ignored: admin.enableServer (ZOO_ADMINSERVER_ENABLED)',
  ]);
  assert.deepEqual(
    [config.dataDir, config.dataLogDir, config.tickTimeMs, config.maxClientCnxns, config.clientPort],
    ['/d', '/l', 2000, 0, 2191],
  );
  assert.deepEqual([config.autopurgePurgeIntervalHours, config.autopurgeSnapRetainCount], [0, 5]);
  assert.deepEqual(config.fourLetterWordWhitelist, ['srvr', 'mntr']);
  assert.deepEqual([config.extendedTypesEnabled, config.enforceQuota], [true, true]);
});

test('environment: any option by its name in capitals; an unknown ZOO_ name is a warning, an empty one is unset', () => {
  const { config, warnings } = loaded('', {
    environment: {
      ZOO_SNAPSHOT_COMPRESSION_METHOD: 'gz',
      ZOO_CONNECTION_THROTTLE_TOKENS: '9',
      ZOO_DATADIR_AUTOCREATE_DISABLE: '1',
      ZOO_TICK_TIME: '',
      ZOO_FOO: '1',
    },
  });
  assert.deepEqual(warnings, ['environment variable ZOO_FOO does not name a known option and is ignored']);
  assert.deepEqual(
    [config.snapshotCompressionMethod, config.connectionThrottleTokens, config.datadirAutocreate, config.tickTimeMs],
    ['gzip', 9, false, 3000],
  );
  assert.deepEqual(errors('', { environment: { ZOO_CFG_EXTRA: 'tickTime' } }), [
    'ZOO_CFG_EXTRA: entry 1 is not of the form key=value',
  ]);
});

test('enforced authentication needs known schemes', () => {
  assert.deepEqual(errors('enforce.auth.enabled=true'), [
    'zoo.cfg:1: enforce.auth.enabled=true needs enforce.auth.schemes',
  ]);
  assert.deepEqual(errors('enforce.auth.enabled=true\nenforce.auth.schemes=digest,sasl'), [
    "zoo.cfg:2: authentication scheme 'sasl' is not available",
  ]);
  assert.deepEqual(loaded('enforce.auth.enabled=true\nenforce.auth.schemes= Digest ').config.enforceAuthSchemes, [
    'digest',
  ]);
});

test('unsafe settings give a warning', () => {
  assert.deepEqual(loaded('forceSync=no\nskipACL=yes').warnings, [
    'zoo.cfg:1: forceSync=no: acknowledged writes can be lost',
    'zoo.cfg:2: skipACL=yes: every client may do everything',
  ]);
});

test('C-9 CVE-2026-24308: secrets appear neither in errors nor in logged values', () => {
  const secret = 'super:kZ2D';
  const { config } = loaded(`DigestAuthenticationProvider.superDigest=${secret}\ntickTime=2000`);
  const described = describeConfig(config);
  assert.equal(JSON.stringify(described).includes(secret), false);
  assert.equal(described['DigestAuthenticationProvider.superDigest'], '(secret)');
  assert.equal(described.tickTime, 2000);
  assert.equal(errors('DigestAuthenticationProvider.superDigest=').join().includes('='), false);
});

test('nodekeeper.sessionSecret is read from the option or a file, is never shown, and must be long enough', () => {
  const secret = 'correct horse battery';
  const files: Record<string, string> = { '/run/secret': ` ${secret}\n`, '/run/short': 'short' };
  const load = (text: string) => loadConfig({ file: { name: 'zoo.cfg', text }, readFile: (path) => files[path] });
  for (const text of [`nodekeeper.sessionSecret=${secret}`, 'nodekeeper.sessionSecretFile=/run/secret']) {
    const result = load(text);
    assert.equal(result.ok && result.config.sessionSecret, secret, text);
  }
  const errors = (text: string) => {
    const result = load(text);
    assert.equal(result.ok, false, text);
    return result.ok ? '' : result.errors.join('\n');
  };
  assert.match(
    errors('nodekeeper.sessionSecret=hush-hush'),
    /^zoo\.cfg:1: the secret has 9 characters; use at least 16$/,
  );
  assert.match(errors('nodekeeper.sessionSecretFile=/run/short'), /^\/run\/short: the secret has 5 characters/);
  assert.match(
    errors('nodekeeper.sessionSecretFile=/run/none'),
    /sessionSecretFile=\/run\/none: the file does not exist/,
  );
  const both = errors(`nodekeeper.sessionSecret=${secret}\nnodekeeper.sessionSecretFile=/run/secret`);
  assert.match(both, /remove one of the two/);
  assert.doesNotMatch(both, /horse/);
});
