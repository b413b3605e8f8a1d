import { EventEmitter } from 'node:events';
import { type MultiRead, type NodeData, type WatchEvent, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { isInteger } from '../foundation/checks.js';
import { clientsPathChecks, clientsPathOf } from '../foundation/clients-path.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError, recipeError } from '../foundation/errors.js';
import { insist } from '../foundation/insist.js';
import { callerOf } from '../foundation/recipe-options.js';
import { retry } from '../foundation/retry.js';
import { whenSessionEnds } from '../foundation/session-end.js';
import type { ConfigCenterOptions, ConfigEvents, ConfigVersion } from './config-events.js';
import {
  type ConfigInputs,
  type ConfigKey,
  type ConfigSchemas,
  type ConfigValues,
  configKeysOf,
  historyPathOf,
} from './config-keys.js';
import { ConfigSnapshot, type KeyReading } from './config-snapshot.js';
import { ConfigWriter, type NewTexts, type StoredKey } from './config-writer.js';

const delayOf = retry.forever();

/**
 * A configuration that many processes share. Each key is a node with a JSON value, which a schema validates. A reader
 * sees a change of several keys as a whole or not at all. The servers must be ZooKeeper 3.6 or newer, or nodekeeper.
 */
export class ConfigCenter<Schemas extends ConfigSchemas>
  extends EventEmitter<ConfigEvents<Schemas>>
  implements AsyncDisposable
{
  readonly #caller: Caller;
  readonly #keys: ReadonlyMap<string, ConfigKey>;
  readonly #snapshot: ConfigSnapshot;
  readonly #writer: ConfigWriter;
  readonly #historyPath: string;
  #state: 'new' | 'starting' | 'started' = 'new';
  #overError: RecipeError | undefined;
  #forgetSession = () => {};
  /** The read that is under way, or the last one. */
  #reading: Promise<void> = Promise.resolve();
  /** The read that starts after it. */
  #nextReading: Promise<void> | undefined;

  /** @param path the directory of the keys; the first write creates it */
  constructor(zk: ZooKeeper, path: string, options: ConfigCenterOptions<Schemas>) {
    super();
    const checks = { ...clientsPathChecks, keys: () => undefined, historyMax: isInteger(1) };
    this.#caller = callerOf(zk, 'ConfigCenter', path, options, checks);
    this.#keys = configKeysOf(this.#caller, options.keys);
    this.#snapshot = new ConfigSnapshot(this.#keys);
    this.#writer = new ConfigWriter(this.#caller, clientsPathOf(this.#caller, options), options.historyMax ?? 20);
    this.#historyPath = historyPathOf(path);
  }

  // ---- reading

  /**
   * Reads all keys, and follows their changes from then on. Resolves when the values include every change that the
   * ensemble committed before the call. If the call rejects, `start` may be called again.
   */
  async start(options: WaitOptions = {}): Promise<void> {
    this.#checkOpen();
    if (this.#state !== 'new') throw new RecipeError('BADARGUMENTS', this.#caller, 'it is started already');
    this.#state = 'starting';
    const { zk, path } = this.#caller;
    try {
      await runCall(this.#caller, options, async (call) => {
        await insist(call, () => zk.sync(path, call.limits));
        await insist(call, () => call.finish(this.#watch()));
        await call.finish(this.#readAgain());
      });
      this.#checkOpen();
      this.#state = 'started';
    } catch (error) {
      this.#state = 'new';
      await this.#removeWatch();
      throw error;
    }
    this.#forgetSession = whenSessionEnds(this.#caller, (error) => {
      this.#overError ??= error;
      // a program that closes its client knows that the configuration is not followed any more
      if (error.code !== 'CLOSED') emitSafely<ConfigEvents<Schemas>, 'error'>(this, 'error', error);
    });
  }

  /** The value of each key. The object never changes: after a change there is a new one. */
  get current(): ConfigValues<Schemas> {
    this.#checkOpen();
    if (this.#state !== 'started') throw new RecipeError('CLOSED', this.#caller, 'it is not started');
    return this.#snapshot.values as ConfigValues<Schemas>;
  }

  get<Key extends keyof Schemas & string>(key: Key): ConfigValues<Schemas>[Key] {
    this.#keyOf(key);
    return this.current[key];
  }

  /** Stops to follow the configuration. The nodes stay. */
  async close(): Promise<void> {
    this.#overError ??= new RecipeError('CLOSED', this.#caller, 'it is closed');
    this.#forgetSession();
    if (this.#state !== 'new') await this.#removeWatch();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #watch(): Promise<void> {
    const { zk, path } = this.#caller;
    await zk.addWatch(path, this.#onEvent);
    if (this.#state === 'new' || this.#overError !== undefined) await this.#removeWatch();
  }

  async #removeWatch(): Promise<void> {
    const { zk, path } = this.#caller;
    // ignores errors: the watch may not exist, and without a session there is no watch
    await zk.removeWatches(path, { callback: this.#onEvent, local: true }).catch(() => {});
  }

  readonly #onEvent = ({ type, path }: WatchEvent): void => {
    if (this.#state === 'new' || this.#overError !== undefined || path.startsWith(`${this.#historyPath}/`)) return;
    // if another part of the program removes the watch, it is set again
    const ready = type === 'PersistentWatchRemoved' ? this.#watch() : Promise.resolve();
    // the end of the session is reported elsewhere
    ready.then(() => this.#readAgain()).catch(() => {});
  };

  /** Reads all keys after the read that is under way. Resolves when the values include every earlier change. */
  #readAgain(): Promise<void> {
    this.#nextReading ??= this.#reading
      .catch(() => {})
      .then(() => {
        this.#nextReading = undefined;
        return this.#read();
      });
    this.#reading = this.#nextReading;
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { zk } = this.#caller;
    for (let attempt = 1; ; attempt++) {
      try {
        return this.#apply(await this.#readAll());
      } catch (error) {
        const isOver = this.#overError !== undefined || zk.state === 'CLOSED' || zk.state === 'AUTH_FAILED';
        if (isOver) throw recipeError(error, this.#caller);
      }
      const { scheduler, random } = zk.ports;
      await new Promise<void>((resolve) => scheduler.after(delayOf(attempt, 0, random)!, resolve));
    }
  }

  /** Reads all keys at one moment. */
  async #readAll(): Promise<Map<string, KeyReading>> {
    const keys = [...this.#keys.values()];
    const reads = keys.reduce<MultiRead<readonly PromiseSettledResult<NodeData>[]>>(
      (all, { path }) => all.get(path),
      this.#caller.zk.multiRead(),
    );
    const outcomes = await reads.run();
    return new Map(keys.map(({ name }, index) => [name, readingOf(outcomes[index]!)]));
  }

  #apply(readings: ReadonlyMap<string, KeyReading>): void {
    if (this.#overError !== undefined) return;
    const previous = this.#snapshot.values as ConfigValues<Schemas>;
    const { changed: keys, invalid } = this.#snapshot.apply(readings);
    for (const { key, version, error } of invalid) {
      const problem = recipeError(error, this.#caller) as RecipeError;
      const node = { key: key.name, path: key.path, version, error: problem };
      emitSafely<ConfigEvents<Schemas>, 'invalid'>(this, 'invalid', node);
    }
    // the first values are no change
    if (keys.length === 0 || this.#state !== 'started') return;
    const current = this.#snapshot.values as ConfigValues<Schemas>;
    emitSafely<ConfigEvents<Schemas>, 'change'>(this, 'change', { keys, current, previous });
  }

  // ---- writing

  /**
   * Changes keys, all of them or none. Other keys stay. If this object is started, its values include the change when
   * the call resolves.
   *
   * @throws `INVALID_DATA` if a schema refuses a value, `IN_DOUBT` if the outcome is unknown
   */
  async set(values: Partial<ConfigInputs<Schemas>>, options: WaitOptions = {}): Promise<void> {
    const texts = new Map<ConfigKey, string>();
    for (const [name, value] of Object.entries(values)) {
      const key = this.#keyOf(name);
      texts.set(key, key.encode(value));
    }
    await this.#write([...texts.keys()], options, () => texts);
  }

  /**
   * Changes a key depending on its value. If another client changes it at the same time, the function is called again
   * with the new value.
   *
   * @param change gets the value on the servers: the last good one if that is invalid, or the default
   */
  async update<Key extends keyof Schemas & string>(
    key: Key,
    change: (value: ConfigValues<Schemas>[Key]) => ConfigInputs<Schemas>[Key] | Promise<ConfigInputs<Schemas>[Key]>,
    options: WaitOptions = {},
  ): Promise<void> {
    const its = this.#keyOf(key);
    await this.#write([its], options, async ([stored]) => {
      const value = await change(this.#valueOf(stored!) as ConfigValues<Schemas>[Key]);
      return new Map([[its, its.encode(value)]]);
    });
  }

  /** Returns the versions of a key that are in its history, the newest first. */
  history<Key extends keyof Schemas & string>(
    key: Key,
    options: WaitOptions = {},
  ): Promise<ConfigVersion<ConfigValues<Schemas>[Key]>[]> {
    const its = this.#keyOf(key);
    return runCall(this.#caller, options, async (call) => {
      const versions = await this.#writer.versions(call, its);
      return versions.map(({ version, data, stat: { mzxid: zxid, mtime: timeMs } }) => {
        const value = this.#decoded(its, data, version) as ConfigValues<Schemas>[Key] | undefined;
        return { version, value, zxid, timeMs };
      });
    });
  }

  /**
   * Writes an earlier value of a key again, as a new version.
   *
   * @throws `NONODE` if the version is not in the history, `INVALID_DATA` if the schema refuses the earlier value
   */
  async rollback<Key extends keyof Schemas & string>(
    key: Key,
    version: number,
    options: WaitOptions = {},
  ): Promise<void> {
    const its = this.#keyOf(key);
    await this.#write([its], options, async (_stored, call) => {
      const data = await this.#writer.earlier(call, its, version);
      its.decode(data, version);
      return new Map([[its, String(data)]]);
    });
  }

  async #write(
    keys: readonly ConfigKey[],
    options: WaitOptions,
    compute: (stored: readonly StoredKey[], call: Call) => NewTexts | Promise<NewTexts>,
  ): Promise<void> {
    this.#checkOpen();
    if (keys.length === 0) return;
    await runCall(this.#caller, options, async (call) => {
      await this.#writer.write(call, keys, (stored) => compute(stored, call));
      if (this.#state === 'started') await call.finish(this.#readAgain());
    });
  }

  #valueOf({ key, node }: StoredKey): unknown {
    if (node === undefined) return key.defaultValue;
    return this.#decoded(key, node.data, node.stat.version) ?? this.#snapshot.values[key.name];
  }

  /** Returns undefined if the schema refuses the data. */
  #decoded(key: ConfigKey, data: Buffer | null, version: number): unknown {
    try {
      return key.decode(data, version);
    } catch {
      return undefined;
    }
  }

  #keyOf(name: string): ConfigKey {
    this.#checkOpen();
    const key = this.#keys.get(name);
    if (key !== undefined) return key;
    const known = [...this.#keys.keys()].join(', ');
    throw new RecipeError('BADARGUMENTS', this.#caller, `there is no key ${name}; the keys are ${known}`);
  }

  #checkOpen(): void {
    if (this.#overError !== undefined) throw this.#overError;
  }
}

function readingOf(outcome: PromiseSettledResult<NodeData>): KeyReading {
  if (outcome.status === 'fulfilled') return { node: outcome.value };
  return ZooKeeperError.is(outcome.reason, 'NONODE') ? { node: undefined } : { error: outcome.reason };
}
