import type { Call, Caller } from '../foundation/call.js';
import type { Check } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import type { Held, LineHold } from './hold.js';

/** Identifies the part of a program that acquires a lock. Objects and symbols are compared by identity. */
export type Owner = object | symbol | string;

export const isOwner: Check = (value) =>
  value !== null && ['object', 'function', 'symbol', 'string'].includes(typeof value)
    ? undefined
    : 'an object, a symbol or text';

/** The holds of a lock that have an owner. All holds of an owner share one node, which goes with the last of them. */
export class Owners {
  /** A promise, which never rejects, while the owner waits for the lock. */
  readonly #holds = new Map<Owner, SharedNode | Promise<void>>();

  /** True if the owner holds the lock or waits for it. */
  has(owner: Owner): boolean {
    return this.#holds.has(owner);
  }

  /** True if the owner holds the lock. */
  holds(owner: Owner): boolean {
    return this.#holds.get(owner) instanceof SharedNode;
  }

  /** Waits while the owner waits for the lock. Returns the hold that it then has. */
  async holdOf(call: Call, owner: Owner): Promise<LineHold | undefined> {
    for (;;) {
      const found = this.#holds.get(owner);
      if (found === undefined || found instanceof SharedNode) return found?.hold;
      await call.finish(found);
    }
  }

  /**
   * Returns a further hold if the owner holds the lock, and otherwise its first one.
   *
   * @param acquire acquires the lock; resolves with undefined if it is held by others
   * @throws the reason of the loss if the owner has lost its hold
   */
  async enter(
    call: Call,
    owner: Owner,
    waits: boolean,
    acquire: () => Promise<LineHold | undefined>,
  ): Promise<OwnedHold | undefined> {
    for (;;) {
      const found = this.#holds.get(owner);
      // no `await` between the look and the new promise, so that two calls of an owner never both acquire
      if (found === undefined) return (await this.#acquire(owner, acquire))?.share();
      if (found instanceof SharedNode) {
        found.hold.signal.throwIfAborted();
        return found.share();
      }
      if (!waits) return undefined;
      await call.finish(found);
    }
  }

  async #acquire(owner: Owner, acquire: () => Promise<LineHold | undefined>): Promise<SharedNode | undefined> {
    const acquiring = acquire();
    const settled = acquiring.then(
      () => {},
      () => {},
    );
    this.#holds.set(owner, settled);
    try {
      const hold = await acquiring;
      if (hold === undefined) return undefined;
      const node = new SharedNode(hold, () => this.#holds.delete(owner));
      this.#holds.set(owner, node);
      return node;
    } finally {
      if (this.#holds.get(owner) === settled) this.#holds.delete(owner);
    }
  }
}

/** A node that all holds of one owner share. */
class SharedNode {
  #shares = 0;

  constructor(
    readonly hold: LineHold,
    readonly ended: () => void,
  ) {}

  share(): OwnedHold {
    this.#shares++;
    return new OwnedHold(this.hold, () => this.#leave());
  }

  async #leave(): Promise<void> {
    if (--this.#shares > 0) return;
    this.ended();
    await this.hold.release();
  }
}

/** One of several holds of an owner. */
export class OwnedHold implements Held {
  readonly token: number;
  readonly path: string;
  readonly signal: AbortSignal;
  isReleased = false;
  readonly #caller: Caller;
  readonly #leave: () => Promise<void>;

  constructor({ token, path, signal, caller }: LineHold, leave: () => Promise<void>) {
    this.token = token;
    this.path = path;
    this.signal = signal;
    this.#caller = caller;
    this.#leave = leave;
  }

  async release(): Promise<void> {
    if (this.isReleased) throw new RecipeError('NOT_HELD', this.#caller);
    this.isReleased = true;
    await this.#leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isReleased) await this.release();
  }
}
