import type { ServerId } from './member.js';

/** Decides whether a set of servers contains a quorum. Any two quorums share a voting server. */
export interface Quorums {
  /** The ids of the servers that vote. */
  readonly voters: ReadonlySet<ServerId>;
  /** Whether this set of servers contains a quorum. Servers of the set that do not vote are ignored. */
  containsQuorum(acks: ReadonlySet<ServerId>): boolean;
}

/**
 * The quorums of one configuration. A quorum is a set of servers that suffices to elect a leader or to commit a
 * proposal.
 */
export interface QuorumVerifier extends Quorums {
  /** The voting weight of a server. A server with weight 0 is never elected. */
  weight(id: ServerId): number;
}

/** Quorums without groups: more than half of the voters. */
export class MajorityQuorums implements QuorumVerifier {
  readonly voters: ReadonlySet<ServerId>;

  constructor(voters: Iterable<ServerId>) {
    this.voters = new Set(voters);
  }

  /** Returns 1 for every server, because every vote counts the same. */
  weight(): number {
    return 1;
  }

  containsQuorum(acks: ReadonlySet<ServerId>): boolean {
    let count = 0;
    for (const id of acks) if (this.voters.has(id)) count++;
    return count * 2 > this.voters.size;
  }
}

/** The groups of a configuration and the weights of its servers. */
export interface Groups {
  /** The group id of each server, by server id. */
  readonly groupOf: ReadonlyMap<ServerId, number>;
  /** The weight of each server, by server id: 0 or more. Every voter has a weight. */
  readonly weights: ReadonlyMap<ServerId, number>;
}

/**
 * Quorums with groups. A quorum needs more than half of the groups, and in each of them more than half of the group's
 * weight. Groups whose total weight is 0 do not count. ZooKeeper allows a non-voting server in a group if the server
 * has a weight. That weight raises the total of the group, but an acknowledgement of the server does not count.
 */
export class HierarchicalQuorums implements QuorumVerifier {
  readonly voters: ReadonlySet<ServerId>;
  readonly #groups: Groups;
  /** The total weight of each group, without groups whose total is 0. */
  readonly #totals: ReadonlyMap<number, number>;

  constructor(voters: Iterable<ServerId>, groups: Groups) {
    this.voters = new Set(voters);
    this.#groups = groups;
    this.#totals = groupWeights(groups);
  }

  /** The weight of a server; 0 for a server that is not in the configuration. */
  weight(id: ServerId): number {
    return this.#groups.weights.get(id) ?? 0;
  }

  containsQuorum(acks: ReadonlySet<ServerId>): boolean {
    const acked = new Map<number, number>();
    for (const id of acks) {
      const group = this.voters.has(id) ? this.#groups.groupOf.get(id) : undefined;
      if (group !== undefined) acked.set(group, (acked.get(group) ?? 0) + this.weight(id));
    }
    let agreeing = 0;
    for (const [group, weight] of acked)
      if (weight * 2 > (this.#totals.get(group) ?? Number.POSITIVE_INFINITY)) agreeing++;
    return agreeing * 2 > this.#totals.size;
  }
}

/**
 * Requires a quorum of each of two configurations. A quorum of the old configuration and a quorum of the new one need
 * not share a server. Therefore neither configuration may decide alone during a reconfiguration.
 */
export class JointQuorums implements Quorums {
  readonly voters: ReadonlySet<ServerId>;
  readonly #one: Quorums;
  readonly #other: Quorums;

  constructor(one: Quorums, other: Quorums) {
    this.voters = new Set([...one.voters, ...other.voters]);
    this.#one = one;
    this.#other = other;
  }

  containsQuorum(acks: ReadonlySet<ServerId>): boolean {
    return this.#one.containsQuorum(acks) && this.#other.containsQuorum(acks);
  }
}

/** The total weight of each group, by group id. Groups whose total is 0 are left out. */
export function groupWeights({ groupOf, weights }: Groups): Map<number, number> {
  const totals = new Map<number, number>();
  for (const [id, group] of groupOf) totals.set(group, (totals.get(group) ?? 0) + (weights.get(id) ?? 0));
  for (const [group, weight] of totals) if (weight === 0) totals.delete(group);
  return totals;
}
