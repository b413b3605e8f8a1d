import { onAbort } from '@nodekeeper/client';
import { type Place, RecipeError } from '../foundation/errors.js';
import type { Held } from '../locks/hold.js';

/** The items that a client may work on. No other client has one of them until `release`, as long as the session lives. */
export interface Assignment extends AsyncDisposable {
  readonly items: readonly string[];
  /** The fencing token of each item: a zxid, larger for each later client that gets the item. */
  readonly tokens: ReadonlyMap<string, number>;
  /** Aborted when the items must be given back, or may be lost. The reason is a `RecipeError`. */
  readonly signal: AbortSignal;
  /**
   * Gives the items back, after the work on them has ended. Resolves when other clients can get them.
   *
   * @throws `NOT_HELD` if it was released already
   */
  release(): Promise<void>;
}

/** An assignment that stands on a lock for each item. */
export class LockedAssignment implements Assignment {
  readonly items: readonly string[];
  readonly tokens: ReadonlyMap<string, number>;
  readonly signal: AbortSignal;
  /** Resolves when all locks are released, and rejects if the server refuses that. */
  readonly freed: Promise<void>;
  /** True if the program has got the assignment, so that it must release it. */
  isTaken = false;
  readonly #place: Place;
  readonly #holds: readonly Held[];
  readonly #controller = new AbortController();
  #settle: (freeing: Promise<void>) => void = () => {};
  /** True if the program has released the items. */
  #isReleased = false;
  /** True if the locks are released, or are being released. */
  #isFree = false;

  /** @param holds the lock of each item, in the order of the items */
  constructor(place: Place, items: readonly string[], holds: readonly Held[]) {
    this.items = items;
    this.tokens = new Map(items.map((item, index) => [item, holds[index]!.token]));
    this.signal = this.#controller.signal;
    this.#place = place;
    this.#holds = holds;
    this.freed = new Promise<void>((resolve) => {
      this.#settle = resolve;
    });
    for (const { signal } of holds) onAbort(signal, () => this.end(signal.reason));
  }

  /** Asks the program to give the items back. */
  end(reason: RecipeError): void {
    this.#controller.abort(reason);
  }

  async release(): Promise<void> {
    if (this.#isReleased) throw new RecipeError('NOT_HELD', this.#place, 'the items were released already');
    this.#isReleased = true;
    await this.free();
  }

  /** Releases the locks, unless they were released already. */
  free(): Promise<void> {
    if (!this.#isFree) {
      this.#isFree = true;
      this.end(new RecipeError('NOT_HELD', this.#place, 'the items were released'));
      this.#settle(releaseAll(this.#holds));
    }
    return this.freed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isReleased) await this.release();
  }
}

export async function releaseAll(holds: readonly Held[]): Promise<void> {
  await Promise.all(holds.map((hold) => hold[Symbol.asyncDispose]()));
}
