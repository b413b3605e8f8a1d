import { type History, seenOf } from '../history/history.js';
import type { Random } from '../random.js';
import { now } from '../time.js';
import type { Keys } from './keys.js';
import type { Party } from './party.js';

const batchMax = 8;
/** The client uses new nodes after this number of batches. */
const batchesPerKey = 40;

/** Sends many requests at once, for nodes that no other client writes. The server must carry them out in order. */
export class PipelineWork {
  #written = 0;
  #batches = 0;
  #keys: readonly string[] = [];
  readonly #made = new Set<string>();

  constructor(
    private readonly party: Party,
    private readonly history: History,
    private readonly keys: Keys,
    private readonly random: Random,
  ) {}

  async once(): Promise<void> {
    if (this.#batches++ % batchesPerKey === 0) this.#changeKeys();
    for (const key of this.#keys) await this.#createOnce(key);
    const requests = Array.from({ length: this.random.between(2, batchMax) }, () => {
      const key = this.random.pick(this.#keys);
      return this.random.chance(60) ? this.#set(key) : this.#read(key);
    });
    await Promise.all(requests);
  }

  #changeKeys(): void {
    this.keys.retire(this.#keys, now());
    this.#keys = [1, 2].map((index) => `/chaos/private/${this.party.name}-${this.#batches}-${index}`);
  }

  async #createOnce(key: string): Promise<void> {
    if (this.#made.has(key)) return;
    const value = this.#value();
    const { outcome } = await this.history.record({ ...this.party.who, key, kind: 'create', value }, async () => ({
      ...seenOf((await this.party.zk.create(key, value)).stat),
      value,
    }));
    // `refused` means that the node exists: an earlier attempt succeeded, but its reply was lost
    if (outcome === 'ok' || outcome === 'refused') this.#made.add(key);
  }

  #value(): string {
    return `${this.party.name}:${++this.#written}`;
  }

  #set(key: string) {
    const value = this.#value();
    return this.history.record({ ...this.party.who, key, kind: 'set', value }, async () => ({
      ...seenOf(await this.party.zk.set(key, value)),
      value,
    }));
  }

  #read(key: string) {
    return this.history.record({ ...this.party.who, key, kind: 'read' }, async () => {
      const { data, stat } = await this.party.zk.get(key);
      return seenOf(stat, data);
    });
  }
}
