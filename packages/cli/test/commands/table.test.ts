import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { commands, shellUsage } from '../../src/commands/table.js';

const ofZooKeeper =
  'addWatch addauth close config connect create delete deleteall delquota get getAcl getAllChildrenNumber ' +
  'getEphemerals history listquota ls printwatches quit reconfig redo removewatches set setAcl setquota stat sync ' +
  'version whoami';

test('the usage lists the commands of ZooKeeper 3.9.5 in its order, without our own commands', () => {
  const names = commands.filter(({ isExtra }) => !isExtra).map(({ name }) => name);
  assert.equal(names.join(' '), ofZooKeeper);
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
