import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

/**
 * Orders the addresses to which a host name resolves. Node connects to the first address that accepts the connection.
 * The server at that address may be useless: it closes the connection, or never answers. So the next attempt begins
 * with the addresses that the client has not tried yet.
 */
export class AddressRounds {
  /**
   * The addresses that were tried in the current round, by host name. A round is over when all addresses of the name
   * have been tried.
   */
  readonly #tried = new Map<string, Set<string>>();

  /** Resolves a name as `dns.lookup` does. The addresses that were not tried in the current round come first. */
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
