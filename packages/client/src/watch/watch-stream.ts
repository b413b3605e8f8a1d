import type { ZooKeeperError } from '../errors.js';
import type { WatchEvent } from './watch-event.js';

/** Options of `watch`. */
export interface WatchStreamOptions {
  /** Also get the events of all descendants, but not those of lists of children. */
  readonly recursive?: boolean;
  /** Use a one-shot watch, set by a read of this kind. The iterator gives one event and ends. */
  readonly once?: 'data' | 'exists' | 'children';
  /** Ends the iterator with `ABORTED` and removes the watch. */
  readonly signal?: AbortSignal;
  /** The number of events that are kept for a slow consumer. More become one `PossiblyMissed`. Default 10,000. */
  readonly bufferMax?: number;
}

/** The functions by which a stream sets and removes its watch. */
export interface WatchSource {
  /** The signal cancels the registration as long as it has not been sent. */
  register(listener: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
  unregister(listener: (event: WatchEvent) => void): Promise<void>;
}

type Waiter = { resolve: (result: IteratorResult<WatchEvent, undefined>) => void; reject: (error: unknown) => void };

/**
 * A watch as an async iterator. It keeps events from the moment it is created, in the order in which the server sent
 * them. Leaving a `for await` loop, `return()` and `await using` remove the watch.
 */
export class WatchStream implements AsyncIterableIterator<WatchEvent>, AsyncDisposable {
  /** Resolves when the server has the watch: it sees all later changes. Rejects if the iterator ends before. */
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
    // `next` reports the same error, so an unused `ready` must not become an unhandled rejection
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
   * Accepts no more events. After the kept events, `next` rejects with the error, or reports the end.
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

  /** Returns the next event, and waits for it if necessary. Rejects once with the error that ended the iterator. */
  next(): Promise<IteratorResult<WatchEvent, undefined>> {
    return new Promise((resolve, reject) => {
      const event = this.#events.shift();
      if (event !== undefined) resolve({ value: event, done: false });
      else if (this.#isOver) this.#finish({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
    });
  }

  /** Removes the watch and ends the iterator. */
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

  /** Does the same as `return`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
