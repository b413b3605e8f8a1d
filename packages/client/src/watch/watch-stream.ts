import type { ZooKeeperError } from '../errors.js';
import type { WatchEvent } from './watch-event.js';

/** What is watched, and for how long. */
export interface WatchStreamOptions {
  /** Also events of all descendants, and not of lists of children. */
  readonly recursive?: boolean;
  /** A one-shot watch, left by a read of this kind: the iterator gives one event and ends. */
  readonly once?: 'data' | 'exists' | 'children';
  /** Ends the iterator with `ABORTED` and takes the watch off. */
  readonly signal?: AbortSignal;
  /** Events kept for a consumer that is slow; beyond that they become one `PossiblyMissed`. Default 10,000. */
  readonly bufferMax?: number;
}

/** How a stream gets at its watch. */
export interface WatchSource {
  /** The signal takes it back, as long as it has not left. */
  register(listener: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
  unregister(listener: (event: WatchEvent) => void): Promise<void>;
}

type Waiter = { resolve: (result: IteratorResult<WatchEvent, undefined>) => void; reject: (error: unknown) => void };

/**
 * A watch as an async iterator. Events are kept from the moment it is made, in the order in which the server sent
 * them. Leaving a `for await` loop, `return()` or `await using` take the watch off again.
 */
export class WatchStream implements AsyncIterableIterator<WatchEvent>, AsyncDisposable {
  /** Resolves when the server has the watch: changes made after that are seen. Rejects if it is left before. */
  readonly ready: Promise<void>;
  readonly #source: WatchSource;
  readonly #path: string;
  readonly #once: boolean;
  readonly #bufferMax: number;
  readonly #onEnd: (stream: WatchStream) => void;
  readonly #leaving = new AbortController();
  #events: WatchEvent[] = [];
  #waiters: Waiter[] = [];
  #isOver = false;
  #error: unknown;

  /** @internal */
  constructor(
    path: string,
    source: WatchSource,
    { once, bufferMax = 10_000 }: WatchStreamOptions,
    onEnd: (stream: WatchStream) => void,
  ) {
    this.#path = path;
    this.#source = source;
    this.#once = once !== undefined;
    this.#bufferMax = bufferMax;
    this.#onEnd = onEnd;
    this.ready = source.register(this.#listen, this.#leaving.signal);
    // whoever iterates gets the error from `next`, so nobody has to look at `ready`
    this.ready.catch((error: unknown) => this.end(error));
  }

  readonly #listen = (event: WatchEvent): void => {
    if (this.#isOver) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ value: event, done: false });
    } else if (this.#events.length < this.#bufferMax) {
      this.#events.push(event);
    } else {
      this.#events = [{ type: 'PossiblyMissed', path: this.#path, zxid: event.zxid }];
    }
    if (this.#once || event.type === 'PersistentWatchRemoved') this.end(undefined);
  };

  /**
   * Nothing comes any more but what was kept; then `next` rejects with the error, or says that it is done.
   * @internal
   */
  end(error: ZooKeeperError | unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#onEnd(this);
    for (const waiter of this.#waiters.splice(0)) this.#finish(waiter);
  }

  #finish({ resolve, reject }: Waiter): void {
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) resolve({ value: undefined, done: true });
    else reject(error);
  }

  /** The next event, waited for if there is none; rejects once with what ended the iterator. */
  next(): Promise<IteratorResult<WatchEvent, undefined>> {
    return new Promise((resolve, reject) => {
      const event = this.#events.shift();
      if (event !== undefined) resolve({ value: event, done: false });
      else if (this.#isOver) this.#finish({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
    });
  }

  /** Takes the watch off and ends the iterator. */
  async return(): Promise<IteratorResult<WatchEvent, undefined>> {
    this.#events = [];
    this.#error = undefined;
    if (!this.#isOver) {
      this.end(undefined);
      await this.#leave();
    }
    return { value: undefined, done: true };
  }

  /** @internal */
  abort(error: ZooKeeperError): void {
    if (this.#isOver) return;
    this.#events = [];
    this.end(error);
    void this.#leave();
  }

  #leave(): Promise<void> {
    this.#leaving.abort();
    return this.#source.unregister(this.#listen);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** As `return`: for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
