import type { ZooKeeper } from '@nodekeeper/client';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { type Checks, isInteger, isPath } from '../foundation/checks.js';
import { type ClientsPathOptions, clientsPathChecks, clientsPathOf } from '../foundation/clients-path.js';
import { callerOf } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { type Content, VersionedNode } from '../foundation/versioned-node.js';
import { Lock } from '../locks/lock.js';
import { decodeNumber, encodeNumber, type NumberFormat } from './number-format.js';

/** Options of the atomic numbers. */
export interface AtomicOptions extends ClientsPathOptions {
  /** After this number of attempts that other clients have disturbed, a call waits for the lock. Default 5. */
  readonly optimisticAttempts?: number;
  /** The path of that lock: a `Lock` with Curator's names. Default: the same as `clientsPath`. */
  readonly lockPath?: string;
}

/** The result of a change. */
export interface Change<Value> {
  /** The value before the change. */
  readonly preValue: Value;
  /** The value after the change. */
  readonly postValue: Value;
}

/** The result of `compareAndSet`. */
export interface ConditionalChange<Value> extends Change<Value> {
  /** False if the value was not the expected one. It was not changed then, and both values are the present one. */
  readonly succeeded: boolean;
}

export const atomicChecks: Checks = { ...clientsPathChecks, optimisticAttempts: isInteger(0), lockPath: isPath };

const backoffMaxMs = 20;

/** A number in a node, which any client changes in one step. A node that does not exist or is empty counts as 0. */
export class AtomicNumber<Value extends number | bigint> {
  readonly #caller: Caller;
  readonly #node: VersionedNode;
  readonly #lock: Lock;
  readonly #optimisticAttempts: number;
  readonly #format: NumberFormat<Value>;
  readonly #zero: Value;

  /** @internal */
  constructor(
    zk: ZooKeeper,
    recipe: string,
    path: string,
    options: AtomicOptions,
    checks: Checks,
    format: NumberFormat<Value>,
  ) {
    this.#caller = callerOf(zk, recipe, path, options, checks);
    const { acl, retry, optimisticAttempts = 5 } = options;
    const clientsPath = clientsPathOf(this.#caller, options);
    this.#node = new VersionedNode(this.#caller, clientsPath);
    this.#lock = new Lock(zk, options.lockPath ?? clientsPath, { ...(acl && { acl }), ...(retry && { retry }) });
    this.#optimisticAttempts = optimisticAttempts;
    this.#format = format;
    this.#zero = decodeNumber(format, Buffer.alloc(0), this.#caller);
  }

  /** Returns the value. It may be older than the last change of another client: call `sync` of the client before. */
  get(options: WaitOptions = {}): Promise<Value> {
    return runRenewing(this.#caller, options, async (call) => (await this.#read(call)).value);
  }

  /**
   * Adds `delta`. The change is made exactly once, also if replies are lost.
   *
   * @throws `BADARGUMENTS` if the format cannot hold the sum; `BAD_NODE` if the data of the node is not a number;
   * `IN_DOUBT` if the session ended, or the caller stopped waiting, before the client knew if the change was made
   */
  async add(delta: Value, options: WaitOptions = {}): Promise<Change<Value>> {
    encodeNumber(this.#format, delta, this.#caller);
    return this.#change(options, (value) => ((value as number) + (delta as number)) as Value);
  }

  /** Replaces the value, whatever it is. Throws as `add` does. */
  async set(value: Value, options: WaitOptions = {}): Promise<Change<Value>> {
    encodeNumber(this.#format, value, this.#caller);
    return this.#change(options, () => value);
  }

  /** Replaces the value if it is `expected`. Throws as `add` does. */
  async compareAndSet(expected: Value, value: Value, options: WaitOptions = {}): Promise<ConditionalChange<Value>> {
    const data = encodeNumber(this.#format, value, this.#caller);
    return runRenewing(this.#caller, options, async (call) => {
      for (;;) {
        const { content, value: preValue } = await this.#read(call);
        if (preValue !== expected) return { succeeded: false, preValue, postValue: preValue };
        if (await this.#node.replace(call, content, data)) return { succeeded: true, preValue, postValue: value };
      }
    });
  }

  async #read(call: Call): Promise<{ content: Content | undefined; value: Value }> {
    const content = await this.#node.read(call);
    const value = content === undefined ? this.#zero : decodeNumber(this.#format, content.data, this.#caller);
    return { content, value };
  }

  #change(options: WaitOptions, next: (value: Value) => Value): Promise<Change<Value>> {
    return runRenewing(this.#caller, options, async (call) => {
      for (let attempt = 0; attempt < this.#optimisticAttempts; attempt++) {
        const change = await this.#tryOnce(call, next);
        if (change !== undefined) return change;
        await call.sleep(this.#caller.zk.ports.random() * backoffMaxMs);
      }
      return this.#changeLocked(call, next);
    });
  }

  /** Changes the value while other clients that were disturbed wait. New calls may still disturb a few attempts. */
  async #changeLocked(call: Call, next: (value: Value) => Value): Promise<Change<Value>> {
    const held = await this.#lock.acquire({ signal: call.signal });
    try {
      for (;;) {
        const change = await this.#tryOnce(call, next);
        if (change !== undefined) return change;
      }
    } finally {
      void held.release().catch(() => {});
    }
  }

  /** Returns undefined if another client has changed the value at the same time. */
  async #tryOnce(call: Call, next: (value: Value) => Value): Promise<Change<Value> | undefined> {
    const { content, value: preValue } = await this.#read(call);
    const postValue = next(preValue);
    const data = encodeNumber(this.#format, postValue, this.#caller);
    return (await this.#node.replace(call, content, data)) ? { preValue, postValue } : undefined;
  }
}
