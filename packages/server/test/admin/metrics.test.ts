import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { hexLong, javaDate, javaDouble } from '../../src/admin/java-text.js';
import { Counter, MetricSet, PercentileSummary, Summary } from '../../src/admin/metric-kinds.js';
import { createMetrics, readMetrics, resetMetrics } from '../../src/admin/metrics.js';
import { monitorEntries, readSamples } from '../../src/admin/monitor.js';
import type { Sample } from '../../src/admin/sample.js';
import { ConnectionStatistics, SizeStatistics } from '../../src/admin/statistics.js';
import { apacheVersion, fullVersion, packageVersion } from '../../src/admin/version.js';
import { emptyView } from './fake-view.js';

/** Formats the samples as lines of the reply to `mntr`. */
function linesOf(samples: Iterable<Sample>): string[] {
  const entries = [...samples].flatMap((sample) => [...monitorEntries(sample)]);
  return entries.map(({ key, value, isDouble }) => `${key} ${isDouble ? javaDouble(value) : value}`);
}

test('a summary reports average, minimum, maximum, count and sum, and zeros when it is empty', () => {
  const summary = new Summary('x');
  const lines = () => linesOf(summary.samples());
  assert.deepEqual(lines(), ['avg_x 0.0', 'min_x 0', 'max_x 0', 'cnt_x 0', 'sum_x 0']);
  for (const value of [1, 2, 4]) summary.add(value);
  assert.deepEqual(lines(), ['avg_x 2.3333', 'min_x 1', 'max_x 4', 'cnt_x 3', 'sum_x 7']);
  summary.reset();
  summary.add(-3);
  assert.deepEqual(lines(), ['avg_x -3.0', 'min_x -3', 'max_x -3', 'cnt_x 1', 'sum_x -3']);
});

test('percentiles are interpolated between neighbours', () => {
  const summary = new PercentileSummary('x');
  assert.equal(summary.percentile(0.5), 0);
  for (let value = 100; value >= 1; value--) summary.add(value);
  assert.equal(summary.percentile(0.5), 50.5);
  assert.ok(Math.abs(summary.percentile(0.95) - 95.95) < 1e-9);
  assert.equal(summary.percentile(0.999), 100);
  assert.equal(summary.percentile(0.001), 1);
});

test('percentiles of more values than are kept come from a uniform sample of them', () => {
  const summary = new PercentileSummary('x');
  for (let value = 0; value < 100_000; value++) summary.add(value);
  for (const share of [0.1, 0.5, 0.9]) assert.ok(Math.abs(summary.percentile(share) - share * 100_000) < 4000);
  summary.reset();
  summary.add(7);
  assert.equal(summary.percentile(0.5), 7);
});

test('the members of a set are samples of one name with the key as label', () => {
  const set = new MetricSet('x_per_namespace', (name) => new Summary(name));
  set.add('app', 2);
  set.add('other', 3);
  const samples = [...set.samples()];
  assert.deepEqual(
    samples.map(({ name, kind, labels }) => [name, kind, labels]),
    [
      ['x_per_namespace', 'summary', { key: 'app' }],
      ['x_per_namespace', 'summary', { key: 'other' }],
    ],
  );
  assert.equal(linesOf(samples)[2], 'max_app_x_per_namespace 2');
});

test('a sample of a summary has its numbers unrounded, and quantiles for mntr and Prometheus', () => {
  const summary = new PercentileSummary('x');
  for (let value = 1; value <= 100; value++) summary.add(value);
  const { kind, value } = summary.samples()[0]!;
  const { quantiles, ...others } = value;
  assert.deepEqual([kind, others], ['summary', { count: 100, sum: 5050, min: 1, max: 100, average: 50.5 }]);
  assert.deepEqual(
    quantiles.map(({ share, value: at }) => [share, Math.round(at * 1e6) / 1e6]),
    [
      [0.5, 50.5],
      [0.9, 90.9],
      [0.95, 95.95],
      [0.99, 99.99],
      [0.999, 100],
    ],
  );
  assert.deepEqual(linesOf(summary.samples()).slice(5), ['p50_x 51', 'p95_x 96', 'p99_x 100', 'p999_x 100']);
});

test('gauges are samples too: integers, doubles, and sums of quotas by namespace', () => {
  const view = emptyView();
  view.nodeCount = 7;
  const quota = { countLimit: 10, bytesLimit: 100, countUsage: 3, bytesUsage: 30 };
  view.quotas = () => [
    { path: '/app/a', ...quota },
    { path: '/app/b', ...quota },
  ];
  const samples = [...readSamples(view)];
  const find = (name: string) => samples.filter((sample) => sample.name === name);
  const common = { kind: 'gauge', labels: {}, isDouble: false };
  assert.deepEqual(find('znode_count'), [{ ...common, name: 'znode_count', value: 7 }]);
  assert.deepEqual(find('avg_latency'), [{ ...common, name: 'avg_latency', value: 0, isDouble: true }]);
  const name = 'quota_count_limit_per_namespace';
  assert.deepEqual(find(name), [{ ...common, name, labels: { key: 'app' }, value: 20 }]);
  assert.deepEqual(find('learners'), []);
});

test('every metric reports under its own name, and can be reset', () => {
  const metrics = createMetrics();
  metrics.connectionRequestCount.add(2);
  metrics.fsynctime.add(3);
  metrics.quotaExceededErrorPerNamespace.add('app', 1);
  const values = () => {
    const lines = linesOf(readMetrics(metrics)).map((line) => line.split(' ') as [string, string]);
    const reported = new Map(lines);
    assert.equal(reported.size, lines.length);
    return reported;
  };
  assert.equal(values().get('connection_request_count'), '2');
  assert.equal(values().get('app_quota_exceeded_error_per_namespace'), '1');
  assert.equal(values().get('sum_fsynctime'), '3');
  resetMetrics(metrics);
  for (const [key, value] of values()) assert.match(value, /^0(\.0)?$/, key);
});

test('recording allocates nothing', () => {
  const counter = new Counter('x');
  const summary = new PercentileSummary('x');
  const record = (times: number) => {
    for (let time = 0; time < times; time++) {
      counter.add(1);
      summary.add(time & 1023);
    }
  };
  record(100_000);
  const before = process.memoryUsage().heapUsed;
  record(100_000);
  assert.ok(process.memoryUsage().heapUsed - before < 1_000_000);
});

test('doubles print as in Java', () => {
  const cases: [number, string][] = [
    [0, '0.0'],
    [2, '2.0'],
    [0.5, '0.5'],
    [2.4699, '2.4699'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [0.00025, '2.5E-4'],
    [9_999_999, '9999999.0'],
    [10_000_000, '1.0E7'],
    [12_345_678.5, '1.23456785E7'],
    [-1.5, '-1.5'],
    [Number.NaN, 'NaN'],
  ];
  for (const [value, text] of cases) assert.equal(javaDouble(value), text);
});

test('hexadecimal numbers are printed as signed 64-bit numbers', () => {
  assert.equal(hexLong(-1), 'ffffffffffffffff');
  assert.equal(hexLong(0x137), '137');
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      assert.equal(BigInt.asIntN(64, BigInt(`0x${hexLong(value)}`)), value);
    }),
  );
});

test('dates print as in Java', () => {
  process.env.TZ = 'UTC';
  assert.equal(javaDate(Date.UTC(2026, 10, 2, 3, 4, 5)), 'Mon Nov 02 03:04:05 UTC 2026');
});

test('sizes start at -1', () => {
  const sizes = new SizeStatistics();
  assert.deepEqual([sizes.last, sizes.min, sizes.max], [-1, -1, -1]);
  for (const size of [20, 16, 90, 30]) sizes.record(size);
  assert.deepEqual([sizes.last, sizes.min, sizes.max], [30, 16, 90]);
});

test('pings and notifications do not replace the last request of a connection', () => {
  const statistics = new ConnectionStatistics();
  statistics.recordResponse('GETD', 4, 9, 10, 13);
  statistics.recordResponse('PING', -2, 9, 20, 20);
  assert.deepEqual([statistics.lastCxid, statistics.lastOperation, statistics.lastLatencyMs], [4, 'PING', 0]);
  assert.deepEqual([statistics.minLatencyMs, statistics.averageLatencyMs, statistics.maxLatencyMs], [0, 1, 3]);
});

test('the version is that of the package, in a form that clients can parse', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  assert.equal(manifest.version, packageVersion);
  assert.match(fullVersion, /^\d+\.\d+\.\d+-[\w.-]+, built on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  assert.ok(fullVersion.startsWith(`${apacheVersion}-`));
});
