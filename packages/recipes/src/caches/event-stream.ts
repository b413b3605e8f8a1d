import type { CacheEvent } from './cache-events.js';

type Result<Value> = IteratorResult<CacheEvent<Value>, undefined>;
type Waiter<Value> = { resolve: (result: Result<Value>) => void; reject: (error: unknown) => void };

/**
 * The events of a cache as an async iterator. For a slow consumer it keeps one event for each changed node, with the
 * newest value. So it never needs more memory than the cache itself.
 */
export class CacheEventStream<Value> implements AsyncIterableIterator<CacheEvent<Value>>, AsyncDisposable {
  /** The events to come, by path. An invalid node has a key of its own, because it does not replace a change. */
  readonly #events = new Map<string, CacheEvent<Value>>();
  readonly #onEnd: (stream: CacheEventStream<Value>) => void;
  #waiters: Waiter<Value>[] = [];
  #isOver = false;
  #error: unknown;

  /** @internal */
  constructor(onEnd: (stream: CacheEventStream<Value>) => void) {
    this.#onEnd = onEnd;
  }

  /** @internal */
  push(event: CacheEvent<Value>): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resolve({ value: event, done: false });
    else if (event.type === 'invalid') this.#events.set(invalidKey(event.path), event);
    else this.#merge(event);
  }

  /** Replaces the waiting event of the same node, so that the consumer sees one change with the newest value. */
  #merge(event: CacheEvent<Value> & { type: 'added' | 'changed' | 'removed' }): void {
    const { path } = event;
    const earlier = this.#events.get(path)?.type;
    this.#events.delete(invalidKey(path));
    this.#events.delete(path);
    if (earlier === 'added' && event.type === 'removed') return;
    if (earlier === 'added') this.#events.set(path, { ...event, type: 'added' });
    else if (earlier === 'removed' && event.type === 'added') this.#events.set(path, { ...event, type: 'changed' });
    else this.#events.set(path, event);
  }

  /** Ends the iterator. If there is an error, one call of `next` rejects with it after the events that wait. */
  end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#onEnd(this);
    for (const waiter of this.#waiters.splice(0)) this.#finish(waiter);
  }

  #finish({ resolve, reject }: Waiter<Value>): void {
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) resolve({ value: undefined, done: true });
    else reject(error);
  }

  /** Resolves with the next event as soon as there is one. */
  next(): Promise<Result<Value>> {
    return new Promise((resolve, reject) => {
      const first = this.#events.entries().next();
      if (!first.done) {
        const [key, event] = first.value;
        this.#events.delete(key);
        resolve({ value: event, done: false });
      } else if (this.#isOver) {
        this.#finish({ resolve, reject });
      } else {
        this.#waiters.push({ resolve, reject });
      }
    });
  }

  async return(): Promise<Result<Value>> {
    this.#events.clear();
    this.end();
    this.#error = undefined;
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** No path contains a null character. */
function invalidKey(path: string): string {
  return `${path}\0`;
}
