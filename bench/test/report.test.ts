import assert from 'node:assert/strict';
import test from 'node:test';
import { type Measurement, median } from '../src/compare.js';
import type { JobResult } from '../src/job.js';
import { parseOptions } from '../src/options.js';
import { baselineTable, measurementTable, ratioTable } from '../src/report.js';
import { rows, selectRows } from '../src/rows.js';
import type { ServerKind } from '../src/servers.js';

const measured = (server: ServerKind, operationsPerSecond: number, errors = 0): Measurement => ({
  server,
  rounds: [],
  operationsPerSecond,
  operationsPerCpuSecond: operationsPerSecond,
  p50Ms: 1,
  p99Ms: 1,
  maxMs: 1,
  residentBytes: 0,
  clientCpu: 0.5,
  errors,
  firstError: errors > 0 ? 'A reply had error -101.' : null,
});

test('a row with an error reply is shown as invalid and gets no ratio', () => {
  const results = [{ row: rows[0]!, measurements: [measured('nodekeeper', 10, 3), measured('apache', 1)] }];
  assert.match(measurementTable(results), /INVALID: 3, first: A reply had error -101\./);
  assert.match(ratioTable(results), /\| get 1x1 \|.*INVALID \|/);
  assert.doesNotMatch(ratioTable(results), /10\.00x/);
});

test('the ratio table says which goal was missed', () => {
  const apache = measured('apache', 100);
  const good = ratioTable([{ row: rows[0]!, measurements: [measured('nodekeeper', 220), apache] }]);
  const bad = ratioTable([{ row: rows[0]!, measurements: [measured('nodekeeper', 219), apache] }]);
  assert.match(good, /2\.20x.*\| +yes \|/);
  assert.match(bad, /2\.19x.*\| +no: Apache \|/);
});

test('against a baseline the median of the ratios of neighbouring rounds counts, however the speed of the disk changes', () => {
  const rounds = (...rates: number[]) =>
    rates.map((rate) => ({ operations: rate, seconds: 1, serverCpuSeconds: 1, latency: { p99Ms: rate } }) as JobResult);
  const ours = { ...measured('nodekeeper', 1), rounds: rounds(101, 20, 515) };
  const baseline = { ...measured('baseline', 1), rounds: rounds(100, 40, 500) };
  const text = baselineTable([{ row: rows[0]!, measurements: [ours, baseline] }]);
  assert.match(text, /nodekeeper \/ baseline \| +1\.01x/);
});

test('rows are selected by part of their name, and an unknown name is rejected', () => {
  assert.deepEqual(
    selectRows(['set']).map((row) => row.name),
    ['set 1x1', 'set 50x1', 'set 10x100'],
  );
  assert.throws(() => selectRows(['sett']), /No row is called "sett"; rows are: get 1x1, /);
});

test('options name the servers in the order in which they take turns', () => {
  assert.deepEqual(parseOptions(['--vs', 'apache', '--floor']).servers, ['nodekeeper', 'apache', 'floor']);
  assert.deepEqual(parseOptions([]).servers, ['nodekeeper']);
  assert.deepEqual(parseOptions(['--servers', 'floor,apache']).servers, ['floor', 'apache']);
  assert.throws(() => parseOptions(['--vs', 'etcd']), /the only peer is "apache"/);
  assert.throws(() => parseOptions(['--seconds', '0']), /give a number above 0/);
});

test('the median of an even number of rounds is a measured value', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2);
  assert.ok(Number.isNaN(median([])));
});
