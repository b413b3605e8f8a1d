import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

/**
 * The addresses of names. An attempt to connect ends at the first address that accepts, and what accepts may be of no
 * use: it closes at once, or never answers. So the next attempt begins with the addresses that have not had their turn.
 */
export class AddressRounds {
  /** By name: the addresses that have had it in this round. */
  readonly #tried = new Map<string, Set<string>>();

  /** As `dns.lookup`, with those first that are to be tried first. */
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
