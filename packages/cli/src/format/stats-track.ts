/** What a limit or usage node of a quota says; -1 is no limit, in Java's class of that name. */
export class StatsTrack {
  readonly #values: Map<string, bigint>;

  constructor(text = '') {
    this.#values = new Map(
      text
        .split(/[,;]+/)
        .filter((pair) => pair !== '')
        .map((pair) => {
          const [key = '', value] = pair.split('=');
          return [key, BigInt(value || -1)];
        }),
    );
  }

  get(key: StatsKey): bigint {
    return this.#values.get(key) ?? -1n;
  }

  set(key: StatsKey, value: bigint): void {
    this.#values.set(key, value);
  }

  /** Count and bytes first, for readers older than the hard limits. */
  toString(): string {
    const others = [...this.#values.keys()].filter((key) => key !== 'count' && key !== 'bytes').toSorted();
    const tail = others.map((key) => `;${key}=${this.#values.get(key)}`).join('');
    return `count=${this.get('count')},bytes=${this.get('bytes')}${tail === '' ? '' : `=${tail}`}`;
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(
      ['count', 'bytes', ...this.#values.keys()].map((key) => [key, Number(this.get(key as StatsKey))]),
    );
  }
}

export type StatsKey = 'count' | 'bytes' | 'countHardLimit' | 'byteHardLimit';
