import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Histogram } from '../src/histogram.js';

test('a percentile is never below the exact one and at most 0.8 % above it', () => {
  const latencies = fc.array(fc.integer({ min: 0, max: 500_000_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(latencies, fc.constantFrom(0.5, 0.9, 0.99, 1), (ticks, fraction) => {
      const histogram = new Histogram();
      for (const tick of ticks) histogram.record(tick / 10_000);
      const sorted = [...ticks].sort((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(fraction * ticks.length)) - 1]!;
      const got = Math.round(histogram.percentile(fraction) * 10_000);
      assert.ok(got >= exact && got <= exact * 1.008, `exact ${exact}, got ${got}`);
    }),
  );
});

test('an empty histogram reads 0, and a reset one is empty', () => {
  const histogram = new Histogram();
  assert.equal(histogram.percentile(0.99), 0);
  histogram.record(12);
  histogram.reset();
  assert.deepEqual(histogram.summary(), { count: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 });
});

test('the maximum and the mean are exact, and the highest percentile is the maximum', () => {
  const histogram = new Histogram();
  for (const latency of [1, 2, 1234.5678]) histogram.record(latency);
  const summary = histogram.summary();
  assert.equal(summary.maxMs, 1234.5678);
  assert.equal(summary.p999Ms, 1234.5678);
  assert.equal(summary.meanMs, 412.5226);
  assert.equal(summary.count, 3);
});

test('latencies outside the range count at its ends', () => {
  const histogram = new Histogram();
  histogram.record(-1);
  histogram.record(1e9);
  assert.equal(histogram.percentile(0.5), 0);
  assert.equal(histogram.percentile(1), (2 ** 30 - 1) / 10_000);
});
