import type { NodeData } from '@nodekeeper/client';
import type { ConfigKey } from './config-keys.js';

/** The outcome of reading the node of a key: undefined for a missing node. */
export type KeyReading = { readonly node: NodeData | undefined } | { readonly error: unknown };

/** The difference between two snapshots. */
interface SnapshotChange {
  /** The names of the keys with another value. */
  readonly changed: readonly string[];
  /** The keys that became invalid, or are invalid in a new way. */
  readonly invalid: readonly { readonly key: ConfigKey; readonly version: number; readonly error: unknown }[];
}

/** The zxid that stands for a missing node. */
const missing = 0;

/** The state of a key in the snapshot. */
interface KeyState {
  value: unknown;
  /** The zxid of the change that wrote the value. */
  zxid: number;
  /** The zxid of the newest data that was reported as invalid. */
  reportedZxid: number;
}

/**
 * The values of all keys. It applies readings that were made at one moment, so it never has a part of a change: if a
 * transaction made one key invalid, the snapshot keeps the old values of all keys of this transaction.
 */
export class ConfigSnapshot {
  readonly #keys: ReadonlyMap<string, ConfigKey>;
  readonly #states = new Map<string, KeyState>();
  #isFirst = true;
  /** The values by name. A change makes a new object. */
  values: Readonly<Record<string, unknown>> = {};

  constructor(keys: ReadonlyMap<string, ConfigKey>) {
    this.#keys = keys;
    for (const [name, { defaultValue }] of keys) {
      this.#states.set(name, { value: defaultValue, zxid: missing, reportedZxid: -1 });
    }
    this.#publish();
  }

  /** @param readings of all keys, made at the same moment */
  apply(readings: ReadonlyMap<string, KeyReading>): SnapshotChange {
    const valid = new Map<string, { value: unknown; zxid: number }>();
    const invalid: { key: ConfigKey; version: number; error: unknown; zxid: number }[] = [];
    for (const [name, key] of this.#keys) {
      const reading = readings.get(name)!;
      if ('error' in reading) {
        invalid.push({ key, version: -1, error: reading.error, zxid: -1 });
      } else if (reading.node === undefined) {
        valid.set(name, { value: key.defaultValue, zxid: missing });
      } else {
        const { data, stat } = reading.node;
        const zxid = stat.mzxid;
        // a value that is in the snapshot is not decoded again
        if (this.#states.get(name)!.zxid === zxid) continue;
        try {
          valid.set(name, { value: key.decode(data, stat.version), zxid });
        } catch (error) {
          invalid.push({ key, version: stat.version, error, zxid });
        }
      }
    }
    const changed = this.#accept(valid, new Set(invalid.map(({ zxid }) => zxid)));
    return { changed, invalid: invalid.filter(({ key, zxid }) => this.#isNews(key.name, zxid)) };
  }

  /** Returns the names of the changed keys. Keeps the old values of keys that a refused transaction wrote. */
  #accept(valid: ReadonlyMap<string, { value: unknown; zxid: number }>, refused: ReadonlySet<number>): string[] {
    const changed: string[] = [];
    for (const [name, { value, zxid }] of valid) {
      const state = this.#states.get(name)!;
      // at the start there are no old values, so each key counts for itself
      if (state.zxid === zxid || (!this.#isFirst && refused.has(zxid))) continue;
      state.value = value;
      state.zxid = zxid;
      changed.push(name);
    }
    this.#isFirst = false;
    if (changed.length > 0) this.#publish();
    return changed;
  }

  #isNews(name: string, zxid: number): boolean {
    const state = this.#states.get(name)!;
    const isNews = state.reportedZxid !== zxid || zxid === -1;
    state.reportedZxid = zxid;
    return isNews;
  }

  #publish(): void {
    const values = [...this.#states].map(([name, { value }]) => [name, value] as const);
    this.values = Object.freeze(Object.fromEntries(values));
  }
}
