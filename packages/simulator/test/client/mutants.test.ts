import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutants } from './mutants.js';
import { runSchedule } from './schedule.js';

const seedsMax = 1000;

for (const [fault, mutant] of Object.entries(mutants)) {
  test(`a client that ${fault} is caught within ${seedsMax} schedules`, (context) => {
    for (let seed = 1; seed <= seedsMax; seed++) {
      try {
        runSchedule(seed, mutant);
      } catch (error) {
        context.diagnostic(`seed ${seed}: ${(error as Error).message.split('\n')[0]}`);
        return;
      }
    }
    assert.fail(`not caught in ${seedsMax} schedules`);
  });
}
