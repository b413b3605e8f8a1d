import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { applied } from '../src/mutants/loader.js';
import { judge } from '../src/mutants/run.js';
import { folderOf, mutants } from '../src/mutants/table.js';
import { describeFailure } from '../src/report.js';
import { simulate } from '../src/simulation.js';

const budgetMs = 6_000;
const firstSeed = 1;

test('ensembles survive faults of every kind and break no promise', () => {
  const endMs = Date.now() + budgetMs;
  for (let seed = firstSeed; Date.now() < endMs; seed++) {
    const outcome = simulate(seed);
    if (outcome.failure !== undefined) assert.fail(describeFailure(outcome, new Set()));
  }
});

test('a seed always gives the same run', () => {
  assert.equal(simulate(3).traceHash, simulate(3).traceHash);
});

test('a dropped part does not appear in the run', () => {
  const whole = simulate(6).setting;
  const { faults, clients, shippedClients } = simulate(6, new Set(['f0', 'c1', 'n1'])).setting;
  assert.equal(faults.length, whole.faults.length - 1);
  assert([...clients, ...shippedClients].every(({ name }) => name !== 'c1' && name !== 'n1'));
});

test('the checks catch a server without a safeguard, for example R-3 ZK-4646', async () => {
  const { seeds, check } = await judge(mutants.find(({ id }) => id === 'R-3')!, 20);
  assert.equal(check, 'AcknowledgedIsDurable');
  assert(seeds !== undefined);
});

test('the checks catch a client without a safeguard, for example CL-8', async () => {
  const { seeds, check } = await judge(mutants.find(({ id }) => id === 'CL-8')!, 20);
  assert.equal(check, 'SentOnce');
  assert(seeds !== undefined);
});

for (const mutant of mutants) {
  test(`the edits of mutant ${mutant.id} fit the code`, () => {
    const texts = new Map<string, string>();
    for (const edit of mutant.edits) {
      const url = new URL(`../../../../${folderOf(mutant)}${edit.file}`, import.meta.url);
      texts.set(edit.file, applied(texts.get(edit.file) ?? readFileSync(url, 'utf8'), edit));
    }
  });
}
