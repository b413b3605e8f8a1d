import { type OwnerOptions, ownerKind } from './ephemeral-owner.js';

/**
 * The paths of all znodes with an owner: the ephemerals of each session, the containers, and the nodes with a TTL.
 * These sets make a walk through the tree unnecessary when a session closes or empty containers are removed.
 */
export class OwnedNodes {
  readonly containers = new Set<string>();
  readonly ttls = new Set<string>();
  readonly #ephemerals = new Map<bigint, Set<string>>();
  readonly #options: OwnerOptions;

  constructor(options: OwnerOptions) {
    this.#options = options;
  }

  /** The paths of ephemerals, by session id. A session without ephemerals has no entry. */
  get ephemerals(): ReadonlyMap<bigint, ReadonlySet<string>> {
    return this.#ephemerals;
  }

  /** Records a new node of the tree. `owner` is its `ephemeralOwner`. */
  add(path: string, owner: bigint): void {
    const kind = ownerKind(owner, this.#options);
    if (kind === 'container') this.containers.add(path);
    else if (kind === 'ttl') this.ttls.add(path);
    else if (kind === 'ephemeral') {
      const owned = this.#ephemerals.get(owner);
      if (owned === undefined) this.#ephemerals.set(owner, new Set([path]));
      else owned.add(path);
    }
  }

  /** Forgets a node that is removed from the tree. */
  delete(path: string, owner: bigint): void {
    const kind = ownerKind(owner, this.#options);
    if (kind === 'container') this.containers.delete(path);
    else if (kind === 'ttl') this.ttls.delete(path);
    else if (kind === 'ephemeral') {
      const owned = this.#ephemerals.get(owner);
      if (owned?.delete(path) && owned.size === 0) this.#ephemerals.delete(owner);
    }
  }
}
