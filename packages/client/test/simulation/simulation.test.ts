import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSchedule, type Tally } from './schedule.js';

const schedules = 10_000;

test(`a client keeps its promises in ${schedules} schedules of losses, stalls, pauses and slow servers`, (context) => {
  const only = process.env.SEED;
  const first = only === undefined ? 1 : Number(only);
  const total: Tally = { connections: 0, requests: 0, watches: 0, events: 0, expired: 0 };
  for (let seed = first; seed < first + (only === undefined ? schedules : 1); seed++) {
    const tally = runSchedule(seed);
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
  }
  context.diagnostic(JSON.stringify(total));
  // a schedule in which nothing happens proves nothing
  if (only === undefined) {
    assert(total.connections > schedules * 3, `${total.connections} connections`);
    assert(total.requests > schedules * 20, `${total.requests} requests`);
    assert(total.events > schedules, `${total.events} watch events`);
    assert(total.expired > schedules / 100, `${total.expired} sessions expired`);
  }
});
