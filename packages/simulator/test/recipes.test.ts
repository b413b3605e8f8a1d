import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../src/mutants/run.js';
import { mutants } from '../src/mutants/table.js';
import { simulateRecipe } from '../src/recipes/simulate.js';
import { recipeTable } from '../src/recipes/table.js';
import { describeFailure } from '../src/report.js';

const seedsPerRecipe = 2;

for (const { name } of recipeTable) {
  test(`programs that use ${name} get what it promises, through faults of every kind`, async () => {
    for (let seed = 1; seed <= seedsPerRecipe; seed++) {
      const outcome = await simulateRecipe(seed, new Set(), [name]);
      if (outcome.failure !== undefined) assert.fail(describeFailure(outcome, new Set()));
      assert.ok(outcome.counts.turns > 0);
    }
  });
}

test('a seed always gives the same run of a recipe', async () => {
  const one = await simulateRecipe(3);
  const other = await simulateRecipe(3);
  assert.equal(one.traceHash, other.traceHash);
});

test('the checks catch a recipe without a safeguard, for example RC-2', async () => {
  const { seeds } = await judge(mutants.find(({ id }) => id === 'RC-2')!, 20);
  assert(seeds !== undefined);
});
