import { readGauges } from './gauges.js';
import { readMetrics } from './metrics.js';
import type { Sample, SummaryValue } from './sample.js';
import type { ServerView } from './server-view.js';

/** Reads all gauges and metrics of a server, in the order of `mntr`. */
export function* readSamples(view: ServerView): Iterable<Sample> {
  yield* readGauges(view);
  yield* readMetrics(view.metrics);
}

/** One line of `mntr`: a number, and its name without the prefix `zk_`. */
interface MonitorEntry {
  readonly key: string;
  readonly value: number;
  /** True if the value is printed in the format in which Java prints a double. */
  readonly isDouble: boolean;
}

/**
 * Splits a sample into lines of `mntr`. A summary gives one line for each of its values. In the key
 * `max_app_read_per_namespace`, `max` names the value, `app` is a label, and the rest is the name of the metric.
 */
export function* monitorEntries(sample: Sample): Iterable<MonitorEntry> {
  const key = [...Object.values(sample.labels), sample.name].join('_');
  switch (sample.kind) {
    case 'counter':
      yield { key, value: sample.value, isDouble: false };
      break;
    case 'gauge':
      yield { key, value: sample.value, isDouble: sample.isDouble };
      break;
    case 'summary':
      yield* summaryEntries(key, sample.value);
  }
}

/**
 * Maps each quantile that `mntr` reports to the prefix of its key. A summary also has the quantile 0.9, which `mntr`
 * omits.
 */
const percentiles: ReadonlyMap<number, string> = new Map([
  [0.5, 'p50'],
  [0.95, 'p95'],
  [0.99, 'p99'],
  [0.999, 'p999'],
]);

function* summaryEntries(key: string, { average, min, max, count, sum, quantiles }: SummaryValue) {
  yield { key: `avg_${key}`, value: average, isDouble: true };
  for (const [part, value] of Object.entries({ min, max, cnt: count, sum })) {
    yield { key: `${part}_${key}`, value, isDouble: false };
  }
  for (const { share, value } of quantiles) {
    const part = percentiles.get(share);
    if (part !== undefined) yield { key: `${part}_${key}`, value: Math.round(value), isDouble: false };
  }
}
