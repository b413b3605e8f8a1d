import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { configurationDocPath } from '../../src/cli/generate-docs.js';
import { configurationDoc } from '../../src/config/configuration-doc.js';
import { findOption, nearestKey, options } from '../../src/config/options.js';
import { defaultConfig, type ServerConfig } from '../../src/config/server-config.js';

test('every field of the configuration has exactly one option, and every key is unique', () => {
  const fields = options.flatMap(({ field }) => field ?? []);
  /** The fields without an option. Their values come from server lines, or from files other than zoo.cfg. */
  const composed: (keyof ServerConfig)[] = ['ensemble', 'lastSeenEnsemble', 'myId'];
  assert.deepEqual([...fields, ...composed].sort(), Object.keys(defaultConfig()).sort());
  assert.equal(new Set(options.map(({ key }) => key)).size, options.length);
});

test('every default in the table parses to the default of its field', () => {
  const usual = defaultConfig();
  /** The fields whose default is the value of another option. */
  const derived: (keyof ServerConfig)[] = ['minSessionTimeoutMs', 'maxSessionTimeoutMs', 'dataLogDir'];
  for (const { key, field, defaultText, parse } of options) {
    if (defaultText === '') continue;
    const parsed = parse(defaultText);
    assert.ok('value' in parsed, `${key}=${defaultText}`);
    if (field !== undefined && !derived.includes(field)) assert.deepEqual(parsed.value, usual[field], key);
  }
});

test('no two keys have the same name in the environment', () => {
  const names = options.map(({ key }) => key.toLowerCase().replace(/[^a-z0-9*]/g, ''));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  assert.deepEqual(twice, []);
});

test('open-ended keys match what follows, and only that', () => {
  assert.equal(findOption('authProvider.1')?.key, 'authProvider.*');
  assert.equal(findOption('zookeeper.authProvider.x')?.key, 'authProvider.*');
  assert.equal(findOption('metricsProvider.httpPort')?.key, 'metricsProvider.*');
  assert.equal(findOption('authProvider.'), undefined);
  assert.equal(findOption('superUser')?.key, 'superUser');
});

test('a suggestion is similar to the unknown key, or there is none', () => {
  assert.equal(nearestKey('clientport'), 'clientPort');
  assert.equal(nearestKey('autopurge.purgeIntervall'), 'autopurge.purgeInterval');
  assert.equal(nearestKey('completelyDifferent'), undefined);
});

test('docs/configuration.md matches the table', () => {
  assert.equal(readFileSync(configurationDocPath, 'utf8'), configurationDoc(), 'out of date: run `npm run generate`');
});
