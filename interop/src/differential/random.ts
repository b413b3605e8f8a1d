/** A small random number generator with a seed (mulberry32). The same seed gives the same run on every machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A random integer with 0 <= result < limit. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** Picks an item at random. A row is [weight, item]. */
  weighted<Item>(rows: readonly (readonly [number, Item])[]): Item {
    let ticket = this.below(rows.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, item] of rows) {
      if (ticket < weight) return item;
      ticket -= weight;
    }
    throw new Error('weights must be positive');
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
