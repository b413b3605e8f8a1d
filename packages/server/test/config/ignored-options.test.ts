import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.js';
import type { OptionRow } from '../../src/config/option-row.js';
import { options } from '../../src/config/options.js';

const membership = 'initLimit=10\nsyncLimit=5\nserver.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n';

function standalone(text: string) {
  return loadConfig({ file: { name: 'zoo.cfg', text } });
}

/** Loads the configuration of an ensemble. `text` becomes its first line. */
function inEnsemble(text: string) {
  return loadConfig({ file: { name: 'zoo.cfg', text: `${text}\n${membership}` }, readFile: () => '1' });
}

/**
 * Returns a key that the option matches. The key `server.realm` needs the prefix `zookeeper.`, because without it the
 * line would describe a server.
 */
const keyOf = ({ key }: OptionRow) => key.replace('*', '1').replace(/^(?=server\.)/, 'zookeeper.');

/**
 * Returns a line that sets the option to a value that nodekeeper ignores. nodekeeper always behaves as if the option
 * had a different value.
 */
function asking(option: OptionRow): string {
  const usual = (option.actual ?? [option.defaultText])[0];
  const other =
    { 'true \\| false': usual === 'true' ? 'false' : 'true', integer: '2281', number: '0.5' }[option.form] ??
    'something';
  return `${keyOf(option)}=${other}`;
}

const ignoredOptions = options.filter(({ status }) => status === 'later' || status === 'inapplicable');
const opening = ignoredOptions.filter(({ ignoring }) => ignoring === 'opens');

test('every option without effect, and no other, says what ignoring it does', () => {
  for (const { key, status, ignoring, opening: why } of options) {
    assert.equal(ignoring !== undefined, status === 'later' || status === 'inapplicable', key);
    assert.equal(why !== undefined, ignoring === 'opens', key);
  }
});

test('an ignored option that would open access prevents the start, with key, place and remedy', () => {
  for (const option of opening) {
    const result = inEnsemble(asking(option));
    assert.ok(!result.ok, `${asking(option)} was accepted`);
    const { effect, advice } = option.opening!;
    assert.deepEqual(result.errors, [`zoo.cfg:1: ${asking(option)} cannot be ignored: ${effect}; ${advice}`]);
  }
  assert.deepEqual(opening.map(({ key }) => key).sort(), [
    'audit.enable',
    'authProvider.*',
    'client.portUnification',
    'quorum.auth.enableSasl',
    'quorum.auth.learnerRequireSasl',
    'quorum.auth.serverRequireSasl',
    'requireKerberosConfig',
    'secureClientPort',
    'sessionRequireClientSASLAuth',
    'sslQuorum',
  ]);
});

test('an ignored option that opens nothing gives one warning if a feature is missing, otherwise a note', () => {
  for (const option of ignoredOptions) {
    if (option.ignoring === 'opens') continue;
    const result = inEnsemble(asking(option));
    assert.ok(result.ok, asking(option));
    const [spoken, silent] =
      option.ignoring === 'less' ? [result.warnings, result.notes] : [result.notes, result.warnings];
    assert.equal(spoken.length, 1, asking(option));
    assert.match(spoken[0]!, /^options (that are not supported yet are ignored|without effect): .* \(zoo\.cfg:1\)$/);
    assert.ok(spoken[0]!.includes(keyOf(option)));
    assert.deepEqual(silent, []);
  }
});

test('an ignored option is not reported if its value is the actual behaviour', () => {
  for (const option of ignoredOptions) {
    for (const value of option.actual ?? [option.defaultText]) {
      if (value === '') continue;
      const result = inEnsemble(`${keyOf(option)}=${value}`);
      assert.ok(result.ok, keyOf(option));
      assert.deepEqual([result.warnings, result.notes], [[], []], `${keyOf(option)}=${value}`);
    }
  }
  const usual = ['admin.enableServer=false', 'localSessionsEnabled=FALSE', 'audit.enable=false', 'sslQuorum=False'];
  const result = standalone(usual.join('\n'));
  assert.ok(result.ok);
  assert.deepEqual([result.warnings, result.notes], [[], []]);
});

test('no plain default port is opened if only a secure port is configured', () => {
  assert.ok(!standalone('secureClientPort=2281').ok);
  assert.ok(!standalone('secureClientPort=2281\nserver.1=a:2888:3888').ok);
  for (const named of ['clientPort=2181', 'server.1=a:2888:3888;2181']) {
    const result = standalone(`secureClientPort=2281\n${named}`);
    assert.ok(result.ok);
    assert.match(result.warnings.at(-1)!, /not supported yet are ignored: secureClientPort \(zoo\.cfg:1\)$/);
  }
});

test('options for traffic between servers open nothing on a standalone server', () => {
  const result = standalone('sslQuorum=true\nquorum.auth.enableSasl=true');
  assert.ok(result.ok);
  assert.deepEqual(result.notes, ['options without effect: sslQuorum (zoo.cfg:1), quorum.auth.enableSasl (zoo.cfg:2)']);
});

test('one warning names all missing features, and one note names the options that change nothing', () => {
  const result = standalone(
    'admin.enableServer=true\nadmin.serverPort=8081\nnio.numWorkerThreads=4\nssl.keyStore.password=x\nmetricsProvider.className=P',
  );
  assert.ok(result.ok);
  assert.deepEqual(result.warnings, [
    'options that are not supported yet are ignored: admin.enableServer (zoo.cfg:1), metricsProvider.className (zoo.cfg:5)',
  ]);
  assert.deepEqual(result.notes, [
    'options without effect: admin.serverPort (zoo.cfg:2), nio.numWorkerThreads (zoo.cfg:3), ssl.keyStore.password (zoo.cfg:4)',
  ]);
});
