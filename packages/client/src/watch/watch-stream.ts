import type { ZooKeeperError } from '../errors.js';
import type { WatchEvent } from './watch-event.js';

/** Options of `watch`. */
export interface WatchStreamOptions {
  /** If true, the iterator also gets the events of all descendants, but no `NodeChildrenChanged`. */
  readonly recursive?: boolean;
  /**
   * Makes the watch one-shot, so that the iterator ends after one event. `get`, `exists` or `children` sets the watch.
   */
  readonly once?: 'data' | 'exists' | 'children';
  /** When this signal is aborted, the iterator throws `ABORTED` and the watch is removed. */
  readonly signal?: AbortSignal;
  /**
   * The number of events that the iterator keeps for a slow consumer. If there are more, a single `PossiblyMissed`
   * replaces all of them. Default 10,000.
   */
  readonly bufferMax?: number;
}

/** The functions with which a stream sets and removes its watch. */
export interface WatchSource {
  /** Sets the watch. Aborting `signal` cancels the request that sets the watch, unless it was already sent. */
  register(listener: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
  unregister(listener: (event: WatchEvent) => void): Promise<void>;
}

type Waiter = { resolve: (result: IteratorResult<WatchEvent, undefined>) => void; reject: (error: unknown) => void };

/**
 * A watch as an async iterator. From its creation on, the iterator keeps the events in the order in which the server
 * sent them. Leaving a `for await` loop, `return()` and `await using` remove the watch.
 */
export class WatchStream implements AsyncIterableIterator<WatchEvent>, AsyncDisposable {
  /**
   * Resolves when the server has registered the watch. From then on, the watch sees all changes. Rejects if the
   * iterator ends before the watch is registered.
   */
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
    // `next` reports this error, so a caller that ignores `ready` must not get an unhandled rejection too
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
   * Ends the iterator: new events are ignored, but `next` still returns the events that are kept. After these events,
   * `next` rejects with `error`, or reports the end if `error` is undefined.
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

  /**
   * Resolves with the next event as soon as there is one. If an error has ended the iterator, one call rejects with
   * that error, and later calls report the end.
   */
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

  /** Calls `return`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
