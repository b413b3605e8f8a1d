import { javaDouble } from './java-text.js';

/** Called with each line of `mntr`: the key without `zk_`, and the value as text. */
export type MetricSink = (key: string, value: string) => void;

/** A number that grows until it is reset. Recording is one addition. */
export class Counter {
  value = 0;

  constructor(readonly name: string) {}

  add(amount: number): void {
    this.value += amount;
  }

  reset(): void {
    this.value = 0;
  }

  report(sink: MetricSink): void {
    sink(this.name, String(this.value));
  }
}

/** Average, minimum, maximum, count and sum of whole numbers. Recording allocates nothing. */
export class Summary {
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

  /** 0 while nothing has been recorded, as in Apache. */
  get min(): number {
    return this.count === 0 ? 0 : this.#min;
  }

  get max(): number {
    return this.count === 0 ? 0 : this.#max;
  }

  /** Rounded half up to 4 decimals. */
  get average(): number {
    return this.count === 0 ? 0 : Number((this.sum / this.count).toFixed(4));
  }

  reset(): void {
    this.count = 0;
    this.sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }

  report(sink: MetricSink): void {
    const { name } = this;
    sink(`avg_${name}`, javaDouble(this.average));
    sink(`min_${name}`, String(this.min));
    sink(`max_${name}`, String(this.max));
    sink(`cnt_${name}`, String(this.count));
    sink(`sum_${name}`, String(this.sum));
  }
}

const RESERVOIR_SIZE = 4096;
const percentiles = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

/**
 * A summary that also keeps a uniform sample of at most 4096 values for percentiles. The sample is made at the first
 * value, so that the many summaries of an ensemble cost a standalone server nothing.
 */
export class PercentileSummary extends Summary {
  #sample: Float64Array | undefined;
  /** State of a linear congruential generator: good enough to pick samples, and no port is needed. */
  #random = 1;

  override add(value: number): void {
    super.add(value);
    this.#sample ??= new Float64Array(RESERVOIR_SIZE);
    if (this.count <= RESERVOIR_SIZE) {
      this.#sample[this.count - 1] = value;
      return;
    }
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    const slot = Math.floor((this.#random / 0x1_0000_0000) * this.count);
    if (slot < RESERVOIR_SIZE) this.#sample[slot] = value;
  }

  /** The value below which this share (0 to 1) of the sample lies, between neighbours in proportion. */
  percentile(share: number, sorted: Float64Array = this.#sortedSample()): number {
    if (sorted.length === 0) return 0;
    const position = share * (sorted.length + 1);
    const index = Math.floor(position);
    if (index < 1) return sorted[0];
    if (index >= sorted.length) return sorted[sorted.length - 1];
    const lower = sorted[index - 1];
    return lower + (position - index) * (sorted[index] - lower);
  }

  #sortedSample(): Float64Array {
    return this.#sample?.slice(0, Math.min(this.count, RESERVOIR_SIZE)).sort() ?? new Float64Array();
  }

  override report(sink: MetricSink): void {
    super.report(sink);
    const sorted = this.#sortedSample();
    for (const [label, share] of percentiles) {
      sink(`${label}_${this.name}`, String(Math.round(this.percentile(share, sorted))));
    }
  }
}

/** Metrics of one kind by key (a namespace, a server); the key stands before the name. */
export class MetricSet<Metric extends Counter | Summary> {
  readonly #members = new Map<string, Metric>();

  constructor(
    readonly name: string,
    private readonly make: (name: string) => Metric,
  ) {}

  get size(): number {
    return this.#members.size;
  }

  has(key: string): boolean {
    return this.#members.has(key);
  }

  /** The metric of a key, made at its first use. */
  member(key: string): Metric {
    let member = this.#members.get(key);
    if (member === undefined) {
      member = this.make(`${key}_${this.name}`);
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

  report(sink: MetricSink): void {
    for (const member of this.#members.values()) member.report(sink);
  }
}
