import { type Stat, type Transaction, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import { insist } from '../foundation/insist.js';
import { childOf, ensureNode } from '../foundation/parents.js';
import { writeOnce } from '../foundation/write-once.js';
import type { ConfigKey } from './config-keys.js';

/** The node of a key and the names of its earlier values, as they were at one moment. */
export interface StoredKey {
  readonly key: ConfigKey;
  /** The data and the Stat of the node; undefined if it does not exist. */
  readonly node: { readonly data: Buffer | null; readonly stat: Stat } | undefined;
  /** The names in the history of the key; undefined if it has no history. */
  readonly history: readonly string[] | undefined;
}

/** The values to write, as JSON. */
export type NewTexts = ReadonlyMap<ConfigKey, string>;

const conflicts = ['BADVERSION', 'NODEEXISTS', 'NONODE'];

/** Writes keys, and the history of each, in one transaction. */
export class ConfigWriter {
  readonly #caller: Caller;
  readonly #clientsPath: string;
  readonly #historyMax: number;

  constructor(caller: Caller, clientsPath: string, historyMax: number) {
    this.#caller = caller;
    this.#clientsPath = clientsPath;
    this.#historyMax = historyMax;
  }

  get #zk(): ZooKeeper {
    return this.#caller.zk;
  }

  /**
   * Writes keys if no other client writes them in the meantime. Otherwise reads them again and calls `compute` again.
   *
   * @param compute returns the new values for what is stored
   */
  async write(
    call: Call,
    keys: readonly ConfigKey[],
    compute: (stored: readonly StoredKey[]) => NewTexts | Promise<NewTexts>,
  ): Promise<void> {
    for (;;) {
      const stored = await Promise.all(keys.map((key) => this.stored(call, key)));
      const texts = await compute(stored);
      for (const { key, history } of stored) {
        if (history === undefined) await ensureNode(call, key.historyPath, 'PERSISTENT');
      }
      try {
        return await writeOnce(call, this.#clientsPath, {
          doubt: 'the configuration may have been changed',
          steps: (transaction) =>
            stored.reduce((all, each) => this.#steps(all, each, texts.get(each.key)!), transaction),
        });
      } catch (error) {
        if (!ZooKeeperError.is(error) || !conflicts.includes(error.code)) throw error;
      }
    }
  }

  async stored(call: Call, key: ConfigKey): Promise<StoredKey> {
    const read = () => this.#zk.multiRead().get(key.path).children(key.historyPath).run(call.limits);
    const [node, history] = await insist(call, read);
    return { key, node: existing(node), history: existing(history) };
  }

  #steps<Results extends readonly unknown[]>(
    transaction: Transaction<Results>,
    { key, node, history = [] }: StoredKey,
    text: string,
  ): Transaction<readonly unknown[]> {
    const acl = this.#caller.acl && { acl: this.#caller.acl };
    const version = node === undefined ? 0 : node.stat.version + 1;
    let all: Transaction<readonly unknown[]> =
      node === undefined
        ? transaction.create(key.path, text, acl)
        : transaction.set(key.path, text, { version: node.stat.version });
    for (const name of this.#surplus(history, version)) all = all.delete(childOf(key.historyPath, name));
    return all.create(childOf(key.historyPath, nameOf(version)), text, acl);
  }

  /**
   * Returns the names of the entries that must go: the oldest, and those of an earlier node of the key, which has been
   * deleted. Other names are ignored.
   */
  #surplus(history: readonly string[], version: number): string[] {
    const versions = versionsIn(history).filter((each) => each < version);
    const kept = versions.slice(0, this.#historyMax - 1);
    return versionsIn(history)
      .filter((each) => !kept.includes(each))
      .map(nameOf);
  }

  // ---- history

  /** Returns the data that a key had with this version. @throws `NONODE` if it is not in the history */
  async earlier(call: Call, key: ConfigKey, version: number): Promise<Buffer | null> {
    const { zk } = this.#caller;
    try {
      return (await insist(call, () => zk.get(childOf(key.historyPath, nameOf(version)), call.limits))).data;
    } catch (error) {
      if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      throw new RecipeError('NONODE', this.#caller, `${key.name} has no version ${version} in its history`, error);
    }
  }

  /** Returns the versions of a key, the newest first. The current version is included, whichever client has written it. */
  async versions(call: Call, key: ConfigKey): Promise<{ version: number; data: Buffer | null; stat: Stat }[]> {
    const { node, history = [] } = await this.stored(call, key);
    const current = node === undefined ? [] : [{ version: node.stat.version, ...node }];
    const older = versionsIn(history).filter((version) => version !== node?.stat.version);
    const read = (version: number) => this.#zk.get(childOf(key.historyPath, nameOf(version)), call.limits);
    const found = await Promise.all(
      older.map(async (version) => {
        const entry = await insist(call, () => read(version)).catch(ignoreMissing);
        return entry === undefined ? [] : [{ version, ...entry }];
      }),
    );
    return [...current, ...found.flat()].sort((one, other) => other.version - one.version);
  }
}

/** Returns the value of a read; undefined if the node does not exist. */
function existing<Value>(outcome: PromiseSettledResult<Value>): Value | undefined {
  return outcome.status === 'fulfilled' ? outcome.value : ignoreMissing(outcome.reason);
}

function ignoreMissing(error: unknown): undefined {
  if (!ZooKeeperError.is(error, 'NONODE')) throw error;
}

function nameOf(version: number): string {
  return String(version).padStart(10, '0');
}

/** Returns the versions in a list of names, the newest first. */
function versionsIn(names: readonly string[]): number[] {
  return names
    .filter((name) => /^\d{10}$/.test(name))
    .map(Number)
    .sort((one, other) => other - one);
}
