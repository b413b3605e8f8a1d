import { inHashOrder } from './hash-order.js';
import { javaHostText } from './host-text.js';
import { type Endpoint, isSameMember, type Member, printMember, type ServerId } from './member.js';
import { type Groups, HierarchicalQuorums, MajorityQuorums, type QuorumVerifier } from './quorum-verifier.js';

/** The zxid of the reconfiguration that created a configuration. It is 0 for a configuration from zoo.cfg. */
type Version = number;

/**
 * The servers of the ensemble and their quorums. An instance never changes: a reconfiguration creates another instance.
 */
export class EnsembleConfig {
  /** All servers, in ascending order of their ids. */
  readonly members: ReadonlyMap<ServerId, Member>;
  /** The groups and weights for quorums. Null if a quorum is a majority of the voters. */
  readonly groups: Groups | null;
  readonly version: Version;
  readonly verifier: QuorumVerifier;
  /**
   * The text that servers exchange and that clients read in /zookeeper/config, byte for byte as ZooKeeper prints it. It
   * has the lines `server.N=`, then `group.N=`, `weight.N=`, and `version=` in hexadecimal without a line end.
   */
  readonly text: string;

  /**
   * The caller must ensure, as `readConfigEntries` does, that all members have different ids. If there are groups, each
   * voter must have exactly one group and one weight.
   */
  constructor(members: Iterable<Member>, groups: Groups | null = null, version: Version = 0) {
    const ascending = [...members].sort((one, other) => one.id - other.id);
    this.members = new Map(ascending.map((member) => [member.id, member]));
    this.groups = groups;
    this.version = version;
    const voters = ascending.filter(({ role }) => role === 'participant').map(({ id }) => id);
    this.verifier = groups === null ? new MajorityQuorums(voters) : new HierarchicalQuorums(voters, groups);
    this.text = printConfig(this);
  }

  /** Ids of the voting servers in ascending order. */
  get voters(): ReadonlySet<ServerId> {
    return this.verifier.voters;
  }

  /** The servers that do not vote. */
  get observers(): Member[] {
    return [...this.members.values()].filter(({ role }) => role === 'observer');
  }

  /**
   * Whether two configurations count as equal. They must have the same kind of quorum, and either the same version or
   * the same members, groups and weights (4.8.6).
   */
  equals(other: EnsembleConfig): boolean {
    if ((this.groups === null) !== (other.groups === null)) return false;
    if (this.version === other.version) return true;
    if (this.members.size !== other.members.size) return false;
    for (const [id, member] of this.members) {
      const counterpart = other.members.get(id);
      if (counterpart === undefined || !isSameMember(member, counterpart)) return false;
    }
    return this.groups === null || other.groups === null || isSameGrouping(this.groups, other.groups);
  }

  /**
   * Returns a copy in which this server has a client address that comes only from zoo.cfg. The server listens on that
   * address, but the configuration text omits it.
   */
  withStaticClientAddress(id: ServerId, { host, port }: Endpoint): EnsembleConfig {
    const clientAddress = { host: javaHostText(host), port };
    const members = [...this.members.values()].map((member) =>
      member.id === id ? { ...member, clientAddress, isClientAddressFromStatic: true } : member,
    );
    return new EnsembleConfig(members, this.groups, this.version);
  }
}

function isSameGrouping(one: Groups, other: Groups): boolean {
  return isSameMap(one.groupOf, other.groupOf) && isSameMap(one.weights, other.weights);
}

function isSameMap(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

function printConfig({ members, groups, version }: EnsembleConfig): string {
  const servers = inHashOrder(members.keys()).map((id) => `server.${id}=${printMember(members.get(id)!)}`);
  const grouping = groups === null ? [] : printGroups(groups);
  return [...servers, ...grouping, `version=${version.toString(16)}`].join('\n');
}

function printGroups({ groupOf, weights }: Groups): string[] {
  const idsOf = new Map<number, number[]>();
  for (const id of inHashOrder(ascending(groupOf.keys()))) {
    const group = groupOf.get(id)!;
    idsOf.set(group, [...(idsOf.get(group) ?? []), id]);
  }
  return [
    ...inHashOrder(idsOf.keys()).map((group) => `group.${group}=${idsOf.get(group)!.join(':')}`),
    ...inHashOrder(ascending(weights.keys())).map((id) => `weight.${id}=${weights.get(id)}`),
  ];
}

function ascending(ids: Iterable<number>): number[] {
  return [...ids].sort((one, other) => one - other);
}
