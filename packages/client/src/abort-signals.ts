const nothing = () => {};

/**
 * The callbacks that wait for each signal. They share one event listener of the signal, because adding event listeners
 * becomes slow when a signal has many.
 */
const waiting = new WeakMap<AbortSignal, Listeners>();

/**
 * Calls `listener` once when the signal is aborted. Returns a function that removes the listener. Many requests may
 * share a signal.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return nothing;
  const listeners = waiting.get(signal) ?? new Listeners(signal);
  listeners.add(listener);
  return () => listeners.delete(listener);
}

class Listeners {
  readonly #signal: AbortSignal;
  readonly #all = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    waiting.set(signal, this);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  add(listener: () => void): void {
    this.#all.add(listener);
  }

  delete(listener: () => void): void {
    this.#all.delete(listener);
    // Node may keep a signal alive as long as the signal has an event listener
    if (this.#all.size === 0) this.#forget();
  }

  #forget(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (waiting.get(this.#signal) === this) waiting.delete(this.#signal);
  }

  readonly #onAbort = (): void => {
    for (const listener of this.#all) listener();
    this.#all.clear();
    this.#forget();
  };
}
