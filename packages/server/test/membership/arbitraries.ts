import fc from 'fast-check';
import { EnsembleConfig } from '../../src/membership/ensemble-config.js';
import { createMember, type Member, type Role } from '../../src/membership/member.js';
import {
  type Groups,
  HierarchicalQuorums,
  MajorityQuorums,
  type QuorumVerifier,
} from '../../src/membership/quorum-verifier.js';

const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.constantFrom('localhost', 'ZK-1', 'zk_2'));
const port = fc.integer({ min: 1, max: 65_535 });
const address = fc.record({ host, quorumPort: port, electionPort: port });
const addresses = fc.uniqueArray(address, {
  minLength: 1,
  maxLength: 3,
  selector: (one) => createMember(0, [one]).addresses[0]!.host.toLowerCase(),
});

/** Generates a member. The quorum port and the election port of each address differ. */
export function arbitraryMember(id: number, role: fc.Arbitrary<Role>): fc.Arbitrary<Member> {
  return fc
    .record({ role, addresses, clientAddress: fc.option(fc.record({ host, port })) })
    .filter(({ addresses: all }) => all.every(({ quorumPort, electionPort }) => quorumPort !== electionPort))
    .map(({ addresses: all, ...more }) => createMember(id, all, more));
}

const ids = fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.maxSafeNat()), { minLength: 1, maxLength: 9 });
const version = fc.oneof(fc.constant(0), fc.maxSafeNat());

/** Generates a configuration with majorities or with groups. The first server is a voter. */
export const arbitraryConfig: fc.Arbitrary<EnsembleConfig> = ids.chain((all) =>
  fc
    .record({ members: arbitraryMembers(all), grouped: fc.boolean(), version })
    .chain(({ members, grouped, version: number }) =>
      (grouped ? arbitraryGroups(votersOf(members)) : fc.constant(null)).map(
        (groups) => new EnsembleConfig(members, groups, number),
      ),
    ),
);

function arbitraryMembers(all: readonly number[]): fc.Arbitrary<Member[]> {
  const role = (index: number) =>
    index === 0 ? fc.constant<Role>('participant') : fc.constantFrom<Role>('participant', 'observer');
  return fc.tuple(...all.map((id, index) => arbitraryMember(id, role(index))));
}

function votersOf(members: readonly Member[]): number[] {
  return members.filter(({ role }) => role === 'participant').map(({ id }) => id);
}

/** Generates a group and a weight for each voter. The weight of the first voter is above 0. */
export function arbitraryGroups(voters: readonly number[]): fc.Arbitrary<Groups> {
  const place = fc.record({ group: fc.integer({ min: 1, max: 4 }), weight: fc.integer({ min: 0, max: 5 }) });
  return fc.tuple(...voters.map(() => place)).map((places) => ({
    groupOf: new Map(voters.map((id, index) => [id, places[index]!.group])),
    weights: new Map(voters.map((id, index) => [id, index === 0 ? places[index]!.weight + 1 : places[index]!.weight])),
  }));
}

/** Generates a quorum rule for these voters: a majority, or groups and weights. */
export function arbitraryQuorums(voters: readonly number[]): fc.Arbitrary<QuorumVerifier> {
  return fc.oneof(
    fc.constant(new MajorityQuorums(voters)),
    arbitraryGroups(voters).map((groups) => new HierarchicalQuorums(voters, groups)),
  );
}
