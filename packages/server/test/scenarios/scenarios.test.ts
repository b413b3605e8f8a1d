import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandTable } from './commands.js';
import { compareScenario, recordScenario, updateHint } from './recording.js';

const folder = new URL('../../../test/scenarios/', import.meta.url);
const testdata = new URL('testdata/', folder);
const readme = new URL('README.md', folder);
const zabPage = new URL('../../../../../docs/internals/zab.md', import.meta.url);
const isUpdate = process.env.UPDATE_RECORDINGS === '1';
const names = readdirSync(testdata).toSorted();

for (const name of names) {
  test(`${name} runs as recorded`, () => {
    const file = new URL(name, testdata);
    if (isUpdate) writeFileSync(file, recordScenario(name, readFileSync(file, 'utf8')));
    compareScenario(name, readFileSync(file, 'utf8'));
  });
}

test('each scenario begins with its story, and zab.md links to it', () => {
  const page = readFileSync(zabPage, 'utf8');
  for (const name of names) {
    assert.match(readFileSync(new URL(name, testdata), 'utf8'), /^# [A-Z].*\n(?:#.*\n)*\nensemble /, name);
    const link = `[${name.replace('.txt', '')}]`;
    assert(page.includes(`${link}: ../../packages/server/test/scenarios/testdata/${name}\n`), `zab.md has no ${link}`);
    assert(page.split(link).length > 2, `zab.md does not say what ${link} is an example of`);
  }
});

test('the README has the table of the commands', () => {
  const [before, rest] = readFileSync(readme, 'utf8').split('<!-- commands -->\n');
  const after = rest!.slice(rest!.indexOf('<!-- end -->'));
  const expected = `${before}<!-- commands -->\n${commandTable()}\n${after}`;
  if (isUpdate) writeFileSync(readme, expected);
  assert.equal(readFileSync(readme, 'utf8'), expected, `"${updateHint}" writes it`);
});
