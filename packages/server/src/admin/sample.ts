/** Distinguishes metrics with one name, such as `{ key: 'app' }` for a namespace. Empty if there is only one. */
export type Labels = Readonly<Record<string, string>>;

export const noLabels: Labels = {};

interface SampleOf<Kind extends string, Value> {
  /** ZooKeeper's name, without `zk_`. */
  readonly name: string;
  readonly kind: Kind;
  readonly labels: Labels;
  readonly value: Value;
}

/** A number that grows until it is reset. */
export type CounterSample = SampleOf<'counter', number>;

/** A number that goes up and down. */
export interface GaugeSample extends SampleOf<'gauge', number> {
  /** ZooKeeper stores it as a double and prints it with a decimal point. */
  readonly isDouble: boolean;
}

/** Statistics of all recorded values. */
export type SummarySample = SampleOf<'summary', SummaryValue>;

export interface SummaryValue {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Rounded half up to 4 decimals. */
  readonly average: number;
  /** Empty for a summary that keeps no values. */
  readonly quantiles: readonly Quantile[];
}

export interface Quantile {
  /** 0 to 1. */
  readonly share: number;
  /** This share of the values is at most `value`. */
  readonly value: number;
}

/** The state of a metric at one time, independent of the output format. */
export type Sample = CounterSample | GaugeSample | SummarySample;
