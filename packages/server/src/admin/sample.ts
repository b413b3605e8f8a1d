/**
 * Labels distinguish metrics that share a name: `{ key: 'app' }` stands for the namespace `app`. A metric that shares
 * its name with no other metric has no labels.
 */
export type Labels = Readonly<Record<string, string>>;

export const noLabels: Labels = {};

interface SampleOf<Kind extends string, Value> {
  /** ZooKeeper's name of the metric, without `zk_`. */
  readonly name: string;
  readonly kind: Kind;
  readonly labels: Labels;
  readonly value: Value;
}

/** A number that grows until it is reset. */
export type CounterSample = SampleOf<'counter', number>;

/** A number that can increase and decrease. */
export interface GaugeSample extends SampleOf<'gauge', number> {
  /** True if ZooKeeper stores the value as a double and prints it with a decimal point. */
  readonly isDouble: boolean;
}

/** The statistics of all values that a summary has recorded. */
export type SummarySample = SampleOf<'summary', SummaryValue>;

export interface SummaryValue {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** The average, rounded half up to 4 decimals. */
  readonly average: number;
  /** Empty for a summary that does not compute percentiles. */
  readonly quantiles: readonly Quantile[];
}

export interface Quantile {
  /** A fraction of the recorded values, from 0 to 1. */
  readonly share: number;
  /** The fraction `share` of the recorded values is less than or equal to this value. */
  readonly value: number;
}

/** The value of a metric at one point in time, independent of the output format. */
export type Sample = CounterSample | GaugeSample | SummarySample;
