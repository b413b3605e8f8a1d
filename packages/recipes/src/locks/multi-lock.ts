import { onAbort, type ZooKeeper } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import { retry } from '../foundation/retry.js';
import type { Held } from './hold.js';

/** Something exclusive, such as a `Lock`, one side of a `ReadWriteLock`, or a `Semaphore`. */
export interface Acquirable {
  readonly path: string;
  acquire(options?: WaitOptions): Promise<Held>;
  tryAcquire(options?: WaitOptions): Promise<Held | undefined>;
}

/** The hold of a `MultiLock`. Its token is the largest token of its holds, and its path is that of the first hold. */
export interface MultiHeld extends Held {
  /** The hold of each lock, in the order of the locks. Send each system the token of the lock that protects it. */
  readonly holds: readonly Held[];
}

/**
 * Several locks as one: all of them are held, or none. They are acquired in the given order and released in the reverse
 * order. Clients that use the same locks must give them in the same order, or they may wait for each other without end.
 */
export class MultiLock implements Acquirable {
  readonly path: string;
  readonly #caller: Caller;
  readonly #locks: readonly Acquirable[];

  /** @param locks at least one, none of them twice */
  constructor(zk: ZooKeeper, locks: readonly Acquirable[]) {
    const paths = Array.isArray(locks) ? locks.map((lock: Acquirable) => lock?.path) : [];
    this.path = paths.join(', ');
    this.#caller = { zk, recipe: 'MultiLock', path: this.path, acl: undefined, retry: retry.forever() };
    if (paths.length === 0 || new Set(locks).size < paths.length) {
      throw new RecipeError('BADARGUMENTS', this.#caller, 'locks must be an array of different locks');
    }
    this.#locks = [...locks];
  }

  /** Waits for all locks. If one of them cannot be acquired, releases the others and rejects with its error. */
  async acquire(options: WaitOptions = {}): Promise<MultiHeld> {
    return (await this.#acquire(options, (lock, limits) => lock.acquire(limits)))!;
  }

  /** Acquires all locks at once. If one of them is held, resolves with undefined, and holds none. */
  tryAcquire(options: WaitOptions = {}): Promise<MultiHeld | undefined> {
    return this.#acquire(options, (lock, limits) => lock.tryAcquire(limits));
  }

  #acquire(
    options: WaitOptions,
    acquire: (lock: Acquirable, limits: WaitOptions) => Promise<Held | undefined>,
  ): Promise<MultiHeld | undefined> {
    return runCall(this.#caller, options, async (call) => {
      const holds: Held[] = [];
      try {
        for (const lock of this.#locks) {
          const held = await acquire(lock, { signal: call.signal });
          if (held === undefined) return await this.#giveUp(call, holds);
          holds.push(held);
        }
        for (const { signal } of holds) signal.throwIfAborted();
        return new HoldOfAll(this.#caller, holds);
      } catch (error) {
        releaseAll(holds).catch(() => {});
        throw error;
      }
    });
  }

  #giveUp(call: Call, holds: Held[]): Promise<undefined> {
    return call.finish(releaseAll(holds.splice(0)));
  }
}

class HoldOfAll implements MultiHeld {
  readonly holds: readonly Held[];
  readonly token: number;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly #caller: Caller;
  readonly #forget: (() => void)[];
  #isReleased = false;

  constructor(caller: Caller, holds: readonly Held[]) {
    const controller = new AbortController();
    this.#caller = caller;
    this.holds = holds;
    this.token = Math.max(...holds.map(({ token }) => token));
    this.path = holds[0]!.path;
    this.signal = controller.signal;
    this.#forget = holds.map(({ signal }) => onAbort(signal, () => controller.abort(signal.reason)));
  }

  async release(): Promise<void> {
    if (this.#isReleased) throw new RecipeError('NOT_HELD', this.#caller);
    this.#isReleased = true;
    for (const forget of this.#forget) forget();
    await releaseAll(this.holds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isReleased) await this.release();
  }
}

/** Releases holds in the reverse order, all of them also if one fails. Rejects with the first error. */
async function releaseAll(holds: readonly Held[]): Promise<void> {
  const errors: unknown[] = [];
  for (const held of holds.toReversed()) await held.release().catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}
