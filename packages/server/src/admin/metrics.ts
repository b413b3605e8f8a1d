import { Counter, MetricSet, PercentileSummary, Summary } from './metric-kinds.js';
import {
  counterNames,
  counterSetNames,
  percentileSummaryNames,
  percentileSummarySetNames,
  summaryNames,
  summarySetNames,
} from './metric-names.js';
import type { Sample } from './sample.js';

type CamelCase<Name extends string> = Name extends `${infer Word}_${infer Rest}`
  ? `${Word}${Capitalize<CamelCase<Rest>>}`
  : Name;
type Fields<Names extends readonly string[], Kind> = { readonly [Name in Names[number] as CamelCase<Name>]: Kind };

/**
 * One field for each metric: the field of `connection_request_count` is `connectionRequestCount`. V8 stores an object
 * with this many fields as a hash table, which is slow to access. Code on the hot path therefore looks up each of its
 * metrics once, and keeps them in its own fields.
 */
export type Metrics = Fields<typeof counterNames, Counter> &
  Fields<typeof counterSetNames, MetricSet<Counter>> &
  Fields<typeof summaryNames, Summary> &
  Fields<typeof percentileSummaryNames, PercentileSummary> &
  Fields<typeof summarySetNames, MetricSet<Summary>> &
  Fields<typeof percentileSummarySetNames, MetricSet<PercentileSummary>>;

/** Creates the metrics of one server, all at zero. */
export function createMetrics(): Metrics {
  const metrics: Record<string, unknown> = {};
  const declare = (names: readonly string[], make: (name: string) => unknown) => {
    for (const name of names) metrics[camelCase(name)] = make(name);
  };
  const counter = (name: string) => new Counter(name);
  const summary = (name: string) => new Summary(name);
  const percentileSummary = (name: string) => new PercentileSummary(name);
  // `readMetrics` returns the metrics in the order of these calls, which is the order of `mntr`
  declare(counterNames, counter);
  declare(counterSetNames, (name) => new MetricSet(name, counter));
  declare(summaryNames, summary);
  declare(percentileSummaryNames, percentileSummary);
  declare(summarySetNames, (name) => new MetricSet(name, summary));
  declare(percentileSummarySetNames, (name) => new MetricSet(name, percentileSummary));
  return metrics as Metrics;
}

/** Reads all metrics, in the order of `mntr`. */
export function* readMetrics(metrics: Metrics): Iterable<Sample> {
  for (const metric of Object.values(metrics)) yield* metric.samples();
}

/** Resets every metric to zero, as `srst` does. */
export function resetMetrics(metrics: Metrics): void {
  for (const metric of Object.values(metrics)) metric.reset();
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
