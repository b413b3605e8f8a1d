import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { commands, shellUsage } from '../../src/commands/table.js';

const ofApache =
  'addWatch addauth close config connect create delete deleteall delquota get getAcl getAllChildrenNumber ' +
  'getEphemerals history listquota ls printwatches quit reconfig redo removewatches set setAcl setquota stat sync ' +
  'version whoami';

test('every command of Apache 3.9.5 is there, and in its order; ours are not in its usage', () => {
  const names = commands.filter(({ isExtra }) => !isExtra).map(({ name }) => name);
  assert.equal(names.join(' '), ofApache);
  const usage = shellUsage().split('\n');
  assert.equal(usage.length, names.length + 1);
  assert.equal(usage[1]?.split(' ')[0], '\taddWatch');
});

test('every command has a summary that fits a line of help', () => {
  for (const { name, summary } of commands) assert.ok(summary.length > 0 && summary.length <= 78 - 22, name);
});

test('the README names every command', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  for (const { name } of commands) assert.ok(readme.includes(`\`${name}`), `${name} is missing`);
});
