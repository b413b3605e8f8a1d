import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.js';
import type { OptionRow } from '../../src/config/option-row.js';
import { options } from '../../src/config/options.js';

const membership = 'initLimit=10\nsyncLimit=5\nserver.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n';

function standalone(text: string) {
  return loadConfig({ file: { name: 'zoo.cfg', text } });
}

/** The option's line stands first. */
function inEnsemble(text: string) {
  return loadConfig({ file: { name: 'zoo.cfg', text: `${text}\n${membership}` }, readFile: () => '1' });
}

/** `server.realm` alone would be a server line. */
const keyOf = ({ key }: OptionRow) => key.replace('*', '1').replace(/^(?=server\.)/, 'zookeeper.');

/** A line that asks for something else than what is the case. */
function asking(option: OptionRow): string {
  const usual = (option.actual ?? [option.defaultText])[0];
  const other =
    { 'true \\| false': usual === 'true' ? 'false' : 'true', integer: '2281', number: '0.5' }[option.form] ??
    'something';
  return `${keyOf(option)}=${other}`;
}

const ignoredOptions = options.filter(({ status }) => status === 'later' || status === 'inapplicable');
const opening = ignoredOptions.filter(({ ignoring }) => ignoring === 'opens');

test('every option without effect says what ignoring it does, no other one does', () => {
  for (const { key, status, ignoring, opening: why } of options) {
    assert.equal(ignoring !== undefined, status === 'later' || status === 'inapplicable', key);
    assert.equal(why !== undefined, ignoring === 'opens', key);
  }
});

test('an option that opens something when it is ignored keeps the server from starting, with key, place and what to do', () => {
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

test('without effect and nothing opened: less is one warning, nothing is a note', () => {
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

test('a value that says what is the case anyway is passed over', () => {
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

test('no plain default port is opened beside a secure one that does not exist yet', () => {
  assert.ok(!standalone('secureClientPort=2281').ok);
  assert.ok(!standalone('secureClientPort=2281\nserver.1=a:2888:3888').ok);
  for (const named of ['clientPort=2181', 'server.1=a:2888:3888;2181']) {
    const result = standalone(`secureClientPort=2281\n${named}`);
    assert.ok(result.ok);
    assert.match(result.warnings.at(-1)!, /not supported yet are ignored: secureClientPort \(zoo\.cfg:1\)$/);
  }
});

test('what concerns servers among themselves opens nothing in a standalone server', () => {
  const result = standalone('sslQuorum=true\nquorum.auth.enableSasl=true');
  assert.ok(result.ok);
  assert.deepEqual(result.notes, ['options without effect: sslQuorum (zoo.cfg:1), quorum.auth.enableSasl (zoo.cfg:2)']);
});

test('one warning names all options whose absence is felt, one note those that change nothing', () => {
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
