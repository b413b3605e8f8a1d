const keysAtATime = 4;

/**
 * The nodes that clients write to. There are a few at a time, so that clients conflict. They change every few seconds,
 * so that the history of each stays short enough for the search.
 */
export class Keys {
  /** The nodes of the current period. */
  current: readonly string[] = [];
  readonly #retired: { readonly keys: readonly string[]; readonly sinceMs: number }[] = [];
  #generation = 0;

  constructor() {
    this.rotate(0);
  }

  rotate(nowMs: number): void {
    this.retire(this.current, nowMs);
    const generation = ++this.#generation;
    this.current = Array.from({ length: keysAtATime }, (_, index) => `/chaos/registers/${generation}-${index + 1}`);
  }

  /** No client uses these any more. */
  retire(keys: readonly string[], nowMs: number): void {
    this.#retired.push({ keys, sinceMs: nowMs });
  }

  /** The keys that were retired before this time, each of them once. */
  takeRetired(beforeMs: number): string[] {
    const taken: string[] = [];
    while (this.#retired[0] !== undefined && this.#retired[0].sinceMs < beforeMs) {
      taken.push(...this.#retired.shift()!.keys);
    }
    return taken;
  }
}
