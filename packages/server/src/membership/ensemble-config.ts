import { inHashOrder } from './hash-order.js';
import { javaHostText } from './host-text.js';
import { type Endpoint, isSameMember, type Member, printMember, type ServerId } from './member.js';
import { type Groups, HierarchicalQuorums, MajorityQuorums, type QuorumVerifier } from './quorum-verifier.js';

/** The zxid of the reconfiguration that created a configuration; 0 for one from zoo.cfg. */
type Version = number;

/** The servers of the ensemble and their quorums. Immutable; a reconfiguration creates another one. */
export class EnsembleConfig {
  /** In ascending order of id. */
  readonly members: ReadonlyMap<ServerId, Member>;
  /** Null means that majorities decide. */
  readonly groups: Groups | null;
  readonly version: Version;
  readonly verifier: QuorumVerifier;
  /**
   * The configuration as servers exchange it and clients read it in /zookeeper/config, byte for byte as ZooKeeper
   * prints it: `server.N=` lines, then `group.N=`, `weight.N=`, and `version=` in hexadecimal without a line end.
   */
  readonly text: string;

  /**
   * Members must have different ids. With groups, each voter needs one group and one weight. `readConfigEntries` checks
   * that.
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
   * Whether two configurations count as equal: the same kind of quorum, and either the same version or the same
   * members, groups and weights (4.8.6).
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

  /** Adds a client address that only zoo.cfg names. The server uses it itself but omits it from the text. */
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
