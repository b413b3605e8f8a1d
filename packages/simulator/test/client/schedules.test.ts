import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSchedule, type Tally } from './schedule.js';

/**
 * `SEED=5` runs only schedule 5. `SEED=20000 SCHEDULES=50000` runs 50,000 new schedules, starting with schedule 20000.
 */
const { SEED, SCHEDULES } = process.env;
const first = Number(SEED ?? 1);
const schedules = Number(SCHEDULES ?? (SEED === undefined ? 10_000 : 1));

test(`a client keeps its promises in ${schedules} random schedules of losses, stalls, pauses and slow servers`, (context) => {
  const total: Tally = { connections: 0, requests: 0, watches: 0, events: 0, expired: 0 };
  for (let seed = first; seed < first + schedules; seed++) {
    const tally = runSchedule(seed);
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
  }
  context.diagnostic(JSON.stringify(total));
  // a few schedules may contain too few faults for these assertions
  if (schedules < 1000) return;
  assert(total.connections > schedules * 3, `${total.connections} connections`);
  assert(total.requests > schedules * 20, `${total.requests} requests`);
  assert(total.events > schedules, `${total.events} watch events`);
  assert(total.expired > schedules / 100, `${total.expired} sessions expired`);
});
