import type { ACL, Id } from '@nodekeeper/protocol';
import { addressBytes } from '../ports/ip-address.js';
import { type Network, networkHas, parseNetwork } from './ip-network.js';
import type { AuthProvider } from './providers.js';

/**
 * A long ACL in a form that is fast to check: ids are indexed by scheme, and networks are already parsed. A check costs
 * one look-up for each id of the client, and a few comparisons for each network.
 */
export class ParsedAcl {
  #anyone = 0;
  /** Granted permissions by scheme and id, for schemes whose ids are compared for equality. */
  readonly #equal = new Map<string, Map<string, number>>();
  readonly #networks: { readonly network: Network; readonly perms: number }[] = [];

  constructor(acl: readonly ACL[], providers: ReadonlyMap<string, AuthProvider>) {
    for (const { perms, id: named } of acl) {
      const scheme = named.scheme ?? '';
      const id = named.id ?? '';
      if (scheme === 'world' && id === 'anyone') this.#anyone |= perms;
      else if (providers.get(scheme)?.comparison === 'equality') this.#addEqual(scheme, id, perms);
      else if (providers.get(scheme)?.comparison === 'network') this.#addNetwork(id, perms);
    }
  }

  #addEqual(scheme: string, id: string, perms: number): void {
    let ids = this.#equal.get(scheme);
    if (ids === undefined) this.#equal.set(scheme, (ids = new Map()));
    ids.set(id, (ids.get(id) ?? 0) | perms);
  }

  #addNetwork(id: string, perms: number): void {
    const network = parseNetwork(id);
    if (network !== undefined) this.#networks.push({ network, perms });
  }

  allows(wanted: number, ids: readonly Id[]): boolean {
    if ((this.#anyone & wanted) !== 0) return true;
    return ids.some(({ scheme, id }) => {
      if (((this.#equal.get(scheme ?? '')?.get(id ?? '') ?? 0) & wanted) !== 0) return true;
      return scheme === 'ip' && this.#networksAllow(wanted, addressBytes(id ?? ''));
    });
  }

  #networksAllow(wanted: number, address: readonly number[] | undefined): boolean {
    if (address === undefined) return false;
    return this.#networks.some(({ network, perms }) => (perms & wanted) !== 0 && networkHas(network, address));
  }
}
