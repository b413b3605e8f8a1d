import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

/**
 * Orders the addresses of host names. Node connects to the first address that accepts. That server may be useless: it
 * closes the connection, or never answers. So the next attempt begins with the addresses that were not tried yet.
 */
export class AddressRounds {
  /** By host name: the addresses that were tried in this round. */
  readonly #tried = new Map<string, Set<string>>();

  /** Works like `dns.lookup`, and puts the untried addresses first. */
  readonly lookup: LookupFunction = (name, options, found) => {
    dns.lookup(name, { ...(options as LookupOptions), all: true }, (error, addresses) => {
      if (error !== null) return found(error, []);
      const inTurn = this.#inTurn(name, addresses);
      const [first] = inTurn;
      if (options.all || first === undefined) found(null, inTurn);
      else found(null, first.address, first.family);
    });
  };

  tries(name: string, address: string): void {
    const tried = this.#tried.get(name);
    if (tried === undefined) this.#tried.set(name, new Set([address]));
    else tried.add(address);
  }

  #inTurn(name: string, addresses: readonly LookupAddress[]): LookupAddress[] {
    const tried = this.#tried.get(name);
    const fresh = addresses.filter(({ address }) => !tried?.has(address));
    if (fresh.length === 0) tried?.clear();
    return [...fresh, ...addresses.filter((each) => !fresh.includes(each))];
  }
}
