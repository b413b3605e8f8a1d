import { PathTrie } from '../watch/path-trie.js';

/** The paths of quota nodes, and the text in limit nodes and usage nodes (spec 8.30-8.38). */
export const quotaRoot = '/zookeeper/quota';
export const limitNodeName = 'zookeeper_limits';
export const statNodeName = 'zookeeper_stats';

export function limitPath(path: string): string {
  return `${quotaRoot}${path}/${limitNodeName}`;
}

export function usagePath(path: string): string {
  return `${quotaRoot}${path}/${statNodeName}`;
}

/** The longest text of a quota. A longer text is ignored. */
const textLengthMax = 4096;

/**
 * The text of a quota node, for example `count=4,bytes=5=;byteHardLimit=10;countHardLimit=10`. Count and bytes come
 * first. The extra `=` after them lets the parser of ZooKeeper 3.4 accept the newer keys. Missing and unreadable
 * numbers count as -1, which means no limit.
 */
export class QuotaText {
  readonly #values = new Map<string, number>();

  constructor(text: string) {
    if (text.length > textLengthMax) return;
    for (const pair of text.split(/[,;]+/)) {
      const [key = '', value] = pair.split('=');
      if (key === '') continue;
      const number = value === undefined || value === '' ? -1 : Number(value);
      this.#values.set(key, Number.isSafeInteger(number) ? number : -1);
    }
  }

  get count(): number {
    return this.#values.get('count') ?? -1;
  }
  get bytes(): number {
    return this.#values.get('bytes') ?? -1;
  }
  get countHardLimit(): number {
    return this.#values.get('countHardLimit') ?? -1;
  }
  get byteHardLimit(): number {
    return this.#values.get('byteHardLimit') ?? -1;
  }

  with(count: number, bytes: number): QuotaText {
    const changed = new QuotaText('');
    for (const [key, value] of this.#values) changed.#values.set(key, value);
    changed.#values.set('count', count);
    changed.#values.set('bytes', bytes);
    return changed;
  }

  toString(): string {
    const others = [...this.#values.keys()].filter((key) => key !== 'count' && key !== 'bytes').sort();
    const head = `count=${this.count},bytes=${this.bytes}`;
    return others.length === 0 ? head : `${head}=${others.map((key) => `;${key}=${this.#values.get(key)}`).join('')}`;
  }
}

/** The paths that have a quota. Finds the quota that applies to a given path. */
export class QuotaPaths {
  readonly #paths = new Set<string>();
  readonly #byPath = new PathTrie<string>();

  get size(): number {
    return this.#paths.size;
  }

  add(path: string): void {
    this.#paths.add(path);
    if (path.length > 1) this.#byPath.set(path, path);
  }

  delete(path: string): void {
    this.#paths.delete(path);
    if (path.length > 1) this.#byPath.delete(path);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#paths[Symbol.iterator]();
  }

  /**
   * Returns the path whose quota applies to `path`: the longest path with a quota that is `path` or an ancestor of
   * `path`. As in ZooKeeper, a quota on the root has no effect.
   */
  governing(path: string): string | undefined {
    if (this.#paths.size === 0) return undefined;
    let governing: string | undefined;
    this.#byPath.visit(path, (quota) => {
      governing = quota;
    });
    return governing;
  }
}
