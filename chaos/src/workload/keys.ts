const keysAtATime = 4;

/**
 * The nodes that the clients write to. There are only a few at a time, so that clients conflict. Every few seconds new
 * nodes replace them, so that each node's history stays short enough for the linearizability search.
 */
export class Keys {
  /** The nodes that clients use until the next rotation. */
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

  /** Records that no client will send a request for these nodes any more. */
  retire(keys: readonly string[], nowMs: number): void {
    this.#retired.push({ keys, sinceMs: nowMs });
  }

  /** The nodes that were retired before `beforeMs`. Each node is returned by one call only. */
  takeRetired(beforeMs: number): string[] {
    const taken: string[] = [];
    while (this.#retired[0] !== undefined && this.#retired[0].sinceMs < beforeMs) {
      taken.push(...this.#retired.shift()!.keys);
    }
    return taken;
  }
}
