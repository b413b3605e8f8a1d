import type { Stat } from '@nodekeeper/client';
import { type History, seenOf } from '../history/history.js';
import type { Seen } from '../history/operations.js';
import type { Random } from '../random.js';
import type { Keys } from './keys.js';
import type { Party } from './party.js';

/** Sends one operation at a time, each for one of the nodes that all clients share. */
export class RegisterWork {
  #written = 0;
  /** For each node, the version that this client saw last. Conditional writes expect it. */
  readonly #versions = new Map<string, number>();

  constructor(
    private readonly party: Party,
    private readonly history: History,
    private readonly keys: Keys,
    private readonly random: Random,
  ) {}

  async once(): Promise<void> {
    const key = this.random.pick(this.keys.current);
    const { seen } = await this.random.weighted(choices).run(this, key);
    if (seen != null) this.#versions.set(key, seen.version);
  }

  #value(): string {
    return `${this.party.name}:${++this.#written}`;
  }

  create(key: string) {
    const value = this.#value();
    return this.history.record({ ...this.party.who, key, kind: 'create', value }, async () => {
      const { stat } = await this.party.zk.create(key, value);
      return written(stat, value);
    });
  }

  set(key: string, ifVersion?: number) {
    const value = this.#value();
    const invocation = { ...this.party.who, key, kind: 'set', value, ...condition(ifVersion) } as const;
    return this.history.record(invocation, async () =>
      written(await this.party.zk.set(key, value, versionOption(ifVersion)), value),
    );
  }

  delete(key: string, ifVersion?: number) {
    const invocation = { ...this.party.who, key, kind: 'delete', ...condition(ifVersion) } as const;
    return this.history.record(invocation, async () => {
      await this.party.zk.delete(key, versionOption(ifVersion));
      return undefined;
    });
  }

  read(key: string) {
    return this.history.record({ ...this.party.who, key, kind: 'read' }, async () => {
      const { data, stat } = await this.party.zk.get(key);
      return seenOf(stat, data);
    });
  }

  syncAndRead(key: string) {
    const { zk } = this.party;
    return this.history.record({ ...this.party.who, key, kind: 'sync+read' }, async () => {
      // get is sent without waiting for the reply to sync, because the server carries out both in this order
      const synced = zk.sync(key);
      const read = zk.get(key);
      read.catch(() => {});
      await synced;
      const { data, stat } = await read;
      return seenOf(stat, data);
    });
  }

  version(key: string): number {
    return this.#versions.get(key) ?? 0;
  }
}

const readsAtOnce = 250;

/**
 * Sends sync and get again and again, with many requests in flight. While a leader is paused, such requests collect in
 * its sockets, and a new leader may commit writes. When the old leader resumes, it finds requests that clients sent
 * after these writes, and must not answer them from its old tree.
 */
export class ReadWork {
  readonly #registers: RegisterWork;
  readonly #pending = new Set<Promise<unknown>>();

  constructor(
    party: Party,
    history: History,
    private readonly keys: Keys,
    private readonly random: Random,
  ) {
    this.#registers = new RegisterWork(party, history, keys, random);
  }

  async once(): Promise<void> {
    const read = this.#registers.syncAndRead(this.random.pick(this.keys.current));
    this.#pending.add(read);
    read.then(() => this.#pending.delete(read));
    if (this.#pending.size >= readsAtOnce) await Promise.race(this.#pending);
  }

  async end(): Promise<void> {
    await Promise.all(this.#pending);
  }
}

const choices = [
  { weight: 20, run: (work: RegisterWork, key: string) => work.set(key) },
  { weight: 15, run: (work: RegisterWork, key: string) => work.set(key, work.version(key)) },
  { weight: 12, run: (work: RegisterWork, key: string) => work.create(key) },
  { weight: 4, run: (work: RegisterWork, key: string) => work.delete(key) },
  { weight: 4, run: (work: RegisterWork, key: string) => work.delete(key, work.version(key)) },
  { weight: 20, run: (work: RegisterWork, key: string) => work.read(key) },
  { weight: 25, run: (work: RegisterWork, key: string) => work.syncAndRead(key) },
];

function condition(ifVersion: number | undefined) {
  return ifVersion === undefined ? {} : { ifVersion };
}

function versionOption(version: number | undefined) {
  return version === undefined ? {} : { version };
}

function written(stat: Stat, value: string): Seen {
  return { ...seenOf(stat), value };
}
