/**
 * The content of a quota's limit node or usage node. The class has the name of ZooKeeper's Java class. A limit of -1
 * means no limit.
 */
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

  /**
   * Writes `count` and `bytes` before the hard limits, so that servers and tools without support for hard limits can
   * read the text.
   */
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
