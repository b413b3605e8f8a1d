interface ConnectionLimitOptions {
  /** Maximum number of connections from one client address; 0 for no limit. */
  readonly maxClientCnxns: number;
  /** Maximum number of connections in total; 0 for no limit. */
  readonly maxCnxns: number;
}

/** Counts the connections, in total and from each address, and decides whether one more is allowed. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitOptions;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
  }

  /** Counts a new connection. If the connection must be refused, returns the reason and does not count it. */
  admit(address: string): string | undefined {
    const { maxClientCnxns, maxCnxns } = this.#options;
    const fromAddress = this.#byAddress.get(address) ?? 0;
    if (maxClientCnxns > 0 && fromAddress >= maxClientCnxns) {
      return `too many connections from ${address} - max is ${maxClientCnxns} (maxClientCnxns)`;
    }
    if (maxCnxns > 0 && this.#count >= maxCnxns) return `too many connections in total - max is ${maxCnxns} (maxCnxns)`;
    this.#byAddress.set(address, fromAddress + 1);
    this.#count++;
    return undefined;
  }

  closed(address: string): void {
    this.#count--;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}
