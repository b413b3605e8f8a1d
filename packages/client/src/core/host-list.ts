import { addressText, type Random, type ServerAddress } from './ports.js';

/**
 * Chooses the server to try next (spec 7.1.3): the list is shuffled once and then repeated. After `update`,
 * clients move to the new list so that each server gets its share (7.1.5; ZOOKEEPER-1355).
 */
export class HostList {
  #servers: ServerAddress[];
  #next = 0;
  #rebalance: Rebalance | undefined;
  readonly #random: Random;

  constructor(servers: readonly ServerAddress[], random: Random, shuffle: boolean) {
    this.#random = random;
    this.#servers = shuffle ? this.#shuffled(servers) : [...servers];
  }

  get size(): number {
    return this.#servers.length;
  }

  get servers(): readonly ServerAddress[] {
    return this.#servers;
  }

  next(): ServerAddress {
    const chosen = this.#rebalance?.next();
    if (chosen !== undefined) return chosen;
    this.#rebalance = undefined;
    const server = this.#servers[this.#next];
    if (server === undefined) throw new Error('there is no server to connect to');
    this.#next = (this.#next + 1) % this.#servers.length;
    return server;
  }

  /** The connection to `server` works. The next attempt will start with the server after it. */
  connected(server: ServerAddress): void {
    this.#rebalance = undefined;
    const at = indexOf(this.#servers, server);
    if (at >= 0) this.#next = (at + 1) % this.#servers.length;
  }

  /**
   * Replaces the list. Returns true if the client should leave `current`, its server now: the new list lacks it, or it
   * has more than its share of clients. The random draw is the one of the Java client, so that mixed fleets of clients
   * balance.
   */
  update(servers: readonly ServerAddress[], current: ServerAddress | undefined): boolean {
    const old = this.#servers;
    const kept = servers.filter((server) => indexOf(old, server) >= 0);
    const added = servers.filter((server) => indexOf(old, server) < 0);
    const stays = current !== undefined && indexOf(servers, current) >= 0;
    this.#servers = this.#shuffled(servers);
    this.#next = 0;
    this.#rebalance = undefined;
    const share = shareOfAdded(old.length, kept.length, added.length, stays);
    if (share === undefined || (stays && this.#random() > share.move)) {
      if (current !== undefined) this.connected(current);
      return false;
    }
    this.#rebalance = new Rebalance(this.#shuffled(kept), this.#shuffled(added), share.ofAdded, this.#random);
    return true;
  }

  #shuffled(servers: readonly ServerAddress[]): ServerAddress[] {
    const list = [...servers];
    for (let index = list.length - 1; index > 0; index--) {
      const other = Math.floor(this.#random() * (index + 1));
      [list[index], list[other]] = [list[other]!, list[index]!];
    }
    return list;
  }
}

/**
 * The probability that a client moves, and that it then takes one of the added servers. Undefined: the client stays.
 * `before`: servers in the old list. `kept`, `added`: servers of the new list that were and were not in it.
 */
function shareOfAdded(
  before: number,
  kept: number,
  added: number,
  stays: boolean,
): { move: number; ofAdded: number } | undefined {
  const after = kept + added;
  if (after > before) return { move: stays ? 1 - before / after : 1, ofAdded: 1 };
  if (stays) return undefined;
  const ofKept = before === kept ? 1 : (kept * (before - after)) / (after * (before - kept));
  return { move: 1, ofAdded: 1 - ofKept };
}

/** Draws from the added and the kept servers until all of them have been tried once. */
class Rebalance {
  constructor(
    private readonly kept: ServerAddress[],
    private readonly added: ServerAddress[],
    private readonly ofAdded: number,
    private readonly random: Random,
  ) {}

  next(): ServerAddress | undefined {
    const [wanted, other] = this.random() < this.ofAdded ? [this.added, this.kept] : [this.kept, this.added];
    return wanted.pop() ?? other.pop();
  }
}

function indexOf(servers: readonly ServerAddress[], server: ServerAddress): number {
  const text = addressText(server);
  return servers.findIndex((candidate) => addressText(candidate) === text);
}
