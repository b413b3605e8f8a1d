import { type CounterSample, type Labels, noLabels, type Quantile, type Sample, type SummarySample } from './sample.js';

/** The operations that all kinds of metrics have in common. Each kind records values in its own way. */
interface Metric {
  readonly name: string;
  samples(): Iterable<Sample>;
  reset(): void;
}

/** A number that grows until it is reset. Recording a value is a single addition. */
export class Counter implements Metric {
  value = 0;

  constructor(readonly name: string) {}

  add(amount: number): void {
    this.value += amount;
  }

  reset(): void {
    this.value = 0;
  }

  samples(labels: Labels = noLabels): readonly CounterSample[] {
    return [{ name: this.name, kind: 'counter', labels, value: this.value }];
  }
}

/**
 * A metric that computes average, minimum, maximum, count and sum of whole numbers. Recording a value allocates
 * nothing.
 */
export class Summary implements Metric {
  count = 0;
  sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(readonly name: string) {}

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** The smallest recorded value; 0 if there is none, as in ZooKeeper. */
  get min(): number {
    return this.count === 0 ? 0 : this.#min;
  }

  get max(): number {
    return this.count === 0 ? 0 : this.#max;
  }

  /** The average of the recorded values, rounded half up to 4 decimals. */
  get average(): number {
    return this.count === 0 ? 0 : Number((this.sum / this.count).toFixed(4));
  }

  reset(): void {
    this.count = 0;
    this.sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }

  samples(labels: Labels = noLabels): readonly SummarySample[] {
    const { name, count, sum, min, max, average } = this;
    return [{ name, kind: 'summary', labels, value: { count, sum, min, max, average, quantiles: this.quantiles() } }];
  }

  protected quantiles(): readonly Quantile[] {
    return [];
  }
}

const reservoirSize = 4096;
/**
 * The quantiles that summaries report, from 0 to 1. ZooKeeper reports 0.9 only in its Prometheus provider, and the
 * others also in `mntr`.
 */
const quantileShares = [0.5, 0.9, 0.95, 0.99, 0.999] as const;

/**
 * A summary that also keeps a uniform sample of at most 4096 values, to compute percentiles. The sample is allocated
 * when the first value is recorded. A standalone server therefore spends no memory on the samples of summaries that
 * only an ensemble records.
 */
export class PercentileSummary extends Summary {
  #sample: Float64Array | undefined;
  /**
   * The state of a linear congruential generator. Its numbers are random enough to pick samples, so the class needs no
   * injected source of random numbers.
   */
  #random = 1;

  override add(value: number): void {
    super.add(value);
    this.#sample ??= new Float64Array(reservoirSize);
    if (this.count <= reservoirSize) {
      this.#sample[this.count - 1] = value;
      return;
    }
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    const slot = Math.floor((this.#random / 0x1_0000_0000) * this.count);
    if (slot < reservoirSize) this.#sample[slot] = value;
  }

  /**
   * Returns the value below which this share (0 to 1) of the sample lies, with linear interpolation between sampled
   * values.
   */
  percentile(share: number, sorted: Float64Array = this.#sortedSample()): number {
    const position = share * (sorted.length + 1);
    const index = Math.floor(position);
    const upper = sorted[index] ?? sorted.at(-1) ?? 0;
    const lower = sorted[index - 1] ?? upper;
    return lower + (position - index) * (upper - lower);
  }

  #sortedSample(): Float64Array {
    return this.#sample?.slice(0, Math.min(this.count, reservoirSize)).sort() ?? new Float64Array();
  }

  protected override quantiles(): readonly Quantile[] {
    const sorted = this.#sortedSample();
    return quantileShares.map((share) => ({ share, value: this.percentile(share, sorted) }));
  }
}

/** Metrics that share a name and differ in a key, such as a namespace or a server id. */
export class MetricSet<Member extends Counter | Summary> implements Metric {
  readonly #members = new Map<string, Member>();

  constructor(
    readonly name: string,
    private readonly make: (name: string) => Member,
  ) {}

  get size(): number {
    return this.#members.size;
  }

  has(key: string): boolean {
    return this.#members.has(key);
  }

  /** Returns the metric of a key. The first call with a key creates the metric. */
  member(key: string): Member {
    let member = this.#members.get(key);
    if (member === undefined) {
      member = this.make(this.name);
      this.#members.set(key, member);
    }
    return member;
  }

  add(key: string, value: number): void {
    this.member(key).add(value);
  }

  reset(): void {
    for (const member of this.#members.values()) member.reset();
  }

  *samples(): Iterable<Sample> {
    for (const [key, member] of this.#members) yield* member.samples({ key });
  }
}
