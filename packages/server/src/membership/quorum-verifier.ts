import type { ServerId } from './member.js';

/** Decides which sets of servers are a quorum. Any two quorums share a voting server. */
export interface Quorums {
  /** The servers that vote. */
  readonly voters: ReadonlySet<ServerId>;
  /** Whether these servers contain a quorum. Non-voting servers are not counted. */
  containsQuorum(acks: ReadonlySet<ServerId>): boolean;
}

/** The quorums of one configuration: enough servers to elect a leader or to commit. */
export interface QuorumVerifier extends Quorums {
  /** The voting weight of a server. A server with weight 0 is never elected. */
  weight(id: ServerId): number;
}

/** More than half of the voters. */
export class MajorityQuorums implements QuorumVerifier {
  readonly voters: ReadonlySet<ServerId>;

  constructor(voters: Iterable<ServerId>) {
    this.voters = new Set(voters);
  }

  /** 1 for every server. */
  weight(): number {
    return 1;
  }

  containsQuorum(acks: ReadonlySet<ServerId>): boolean {
    let count = 0;
    for (const id of acks) if (this.voters.has(id)) count++;
    return count * 2 > this.voters.size;
  }
}

/** The group and the weight of each server. */
export interface Groups {
  /** Server id to group id. */
  readonly groupOf: ReadonlyMap<ServerId, number>;
  /** Every voter has one; 0 or more. */
  readonly weights: ReadonlyMap<ServerId, number>;
}

/**
 * A quorum needs more than half of the weight in each of more than half of the groups. Groups without weight do not
 * count. ZooKeeper allows a non-voting server in a group if it has a weight. Its weight raises the group's total, but
 * its acknowledgement does not count.
 */
export class HierarchicalQuorums implements QuorumVerifier {
  readonly voters: ReadonlySet<ServerId>;
  readonly #groups: Groups;
  /** Total weight of each group that has any. */
  readonly #totals: ReadonlyMap<number, number>;

  constructor(voters: Iterable<ServerId>, groups: Groups) {
    this.voters = new Set(voters);
    this.#groups = groups;
    this.#totals = groupWeights(groups);
  }

  /** 0 for a server that is not in the configuration. */
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
 * A quorum of each of two configurations. During a reconfiguration neither may decide without the other: a quorum of
 * the old one and a quorum of the new one need not share a server.
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

/** The total weight of each group, without the groups that have none. */
export function groupWeights({ groupOf, weights }: Groups): Map<number, number> {
  const totals = new Map<number, number>();
  for (const [id, group] of groupOf) totals.set(group, (totals.get(group) ?? 0) + (weights.get(id) ?? 0));
  for (const [group, weight] of totals) if (weight === 0) totals.delete(group);
  return totals;
}
