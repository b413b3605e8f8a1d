import { addressText, type Random, type ServerAddress } from './ports.js';

/**
 * Chooses the server to try next. The list is shuffled once, and its servers are then tried in that order, round after
 * round (spec 7.1.3). When clients get a new list, each of them decides at random whether to move. The probabilities
 * give each server an equal share of the clients (spec 7.1.5; ZOOKEEPER-1355).
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

  /**
   * Records that the client is connected to `server`. The next attempt will start with the server that follows it in
   * the list.
   */
  connected(server: ServerAddress): void {
    this.#rebalance = undefined;
    const at = indexOf(this.#servers, server);
    if (at >= 0) this.#next = (at + 1) % this.#servers.length;
  }

  /**
   * Replaces the list of servers. `current` is the server to which the client is connected. Returns true if the client
   * should leave `current`: the new list lacks it, or the random draw decides that this client moves. The probabilities
   * are those of the Java client, so that Java clients and nodekeeper clients together spread evenly.
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
 * Returns `move`, the probability that a client leaves its server, and `ofAdded`, the probability that it then chooses
 * an added server. Returns undefined if the client always keeps its server.
 *
 * `before` is the number of servers in the old list. `kept` is the number of servers in both lists, and `added` the
 * number of servers only in the new list. `stays` is true if the new list contains the server of the client.
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

/**
 * Returns each server of the new list once, in random order. `ofAdded` is the probability that the next server is an
 * added one.
 */
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
