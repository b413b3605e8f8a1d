const nothing = () => {};

/** Who listens to a signal. With a listener of its own for each, adding one would take longer the more there are. */
const waiting = new WeakMap<AbortSignal, Listeners>();

/** Calls `listener` once the signal is aborted; gives what undoes that. One signal may be for any number of requests. */
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
    // a signal that is listened to may be kept by the process
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
