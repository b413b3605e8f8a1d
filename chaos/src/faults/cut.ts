import type { Member } from '../ensemble/member.js';
import { clients, type Network, type Party } from '../ensemble/network.js';
import type { Random } from '../random.js';
import { type Fault, type FaultKind, freeLeader, named, type Scene } from './fault.js';

const group = 'cut';

interface Direction {
  readonly from: Party;
  readonly to: Party;
}

export const cutFaults: readonly FaultKind[] = [
  { group, weight: 5, lastsMs: [1_500, 8_000], make: (scene) => ofOne(scene, freeLeader(scene), stalled) },
  { group, weight: 2, lastsMs: [300, 9_000], make: (scene) => ofOne(scene, scene.random.pick(scene.free), stalled) },
  { group, weight: 3, lastsMs: [1_500, 8_000], make: (scene) => ofOne(scene, freeLeader(scene), speechless) },
  { group, weight: 3, lastsMs: [1_500, 8_000], make: (scene) => ofOne(scene, freeLeader(scene), deaf) },
  { group, weight: 3, lastsMs: [300, 9_000], make: oneLink },
  { group, weight: 2, lastsMs: [300, 6_000], make: refusedLink },
  { group, weight: 2, lastsMs: [0, 500], make: brokenConnections },
  { group, weight: 2, lastsMs: [500, 6_000], make: halves },
  { group, weight: 2, lastsMs: [500, 7_000], make: clientsUnheard },
  { group, weight: 2, lastsMs: [500, 7_000], make: clientsUnanswered },
  { group, weight: 2, lastsMs: [0, 500], make: clientsReset },
];

// ---- cuts between servers

type OneServersCut = (id: Party, others: readonly Party[]) => { readonly how: string; readonly held: Direction[] };

const stalled: OneServersCut = (id, others) => ({
  how: 'no bytes pass to or from',
  held: others.flatMap((other) => both(id, other)),
});
const speechless: OneServersCut = (id, others) => ({
  how: 'the other servers do not hear',
  held: others.map((other) => ({ from: id, to: other })),
});
const deaf: OneServersCut = (id, others) => ({
  how: 'no bytes of the other servers reach',
  held: others.map((other) => ({ from: other, to: id })),
});

function ofOne({ ensemble, leader, random }: Scene, member: Member | undefined, cut: OneServersCut): Fault | undefined {
  if (member === undefined) return undefined;
  const others = ensemble.ids.filter((id) => id !== member.id);
  const { how, held } = cut(member.id, others);
  const what = `${how} ${named([member])}${member === leader ? ', the leader' : ''}`;
  return hold(ensemble.network, what, held, [member], random);
}

function oneLink({ ensemble, random }: Scene): Fault {
  const [one, other] = random.sample(ensemble.ids, 2) as [Party, Party];
  const isOneWay = random.chance(60);
  const held = isOneWay ? [{ from: one, to: other }] : both(one, other);
  const what = `no bytes pass from ${one} to ${other}${isOneWay ? '' : ' and back'}`;
  return hold(ensemble.network, what, held, [], random);
}

/**
 * Splits the servers into two groups that cannot reach each other. In half of the cases, one server is in neither group
 * and reaches both.
 */
function halves({ ensemble, random }: Scene): Fault {
  const ids = random.sample(ensemble.ids, ensemble.ids.length);
  const middle = Math.floor(ids.length / 2);
  const bridge = random.chance(50) ? ids[middle]! : undefined;
  const left = ids.slice(0, middle);
  const right = ids.slice(middle).filter((id) => id !== bridge);
  const held = left.flatMap((one) => right.flatMap((other) => both(one, other)));
  const what = `${left.join(', ')} | ${right.join(', ')}${bridge === undefined ? '' : `, both reach ${bridge}`}`;
  return hold(ensemble.network, what, held, [], random);
}

/**
 * Holds back the bytes in the directions `held`. When the fault ends, the bytes arrive late, or are lost because their
 * connections are reset.
 */
function hold(
  network: Network,
  what: string,
  held: readonly Direction[],
  members: readonly Member[],
  random: Random,
): Fault {
  const isLost = random.chance(50);
  return {
    what: `${what}; then ${isLost ? 'reset' : 'delivered late'}`,
    members,
    begin() {
      for (const { from, to } of held) network.stall(from, to);
    },
    end() {
      if (isLost) for (const { from, to } of held) network.reset(from, to);
      for (const { from, to } of held) network.flow(from, to);
      return undefined;
    },
  };
}

function refusedLink({ ensemble, random }: Scene): Fault {
  const { network } = ensemble;
  const [one, other] = random.sample(ensemble.ids, 2) as [Party, Party];
  return {
    what: `connections between ${one} and ${other} are broken and refused`,
    members: [],
    begin: () => network.refuse(one, other),
    end() {
      network.accept(one, other);
      return undefined;
    },
  };
}

function brokenConnections({ ensemble }: Scene): Fault {
  const { network, ids } = ensemble;
  return {
    what: 'all connections between servers are reset',
    members: [],
    begin() {
      for (const one of ids) for (const other of ids) if (one < other) network.reset(one, other);
    },
    end: () => undefined,
  };
}

// ---- cuts between clients and servers

function clientsUnheard({ ensemble, random }: Scene): Fault {
  const ids = random.sample(ensemble.ids, random.between(1, ensemble.majority));
  const held = ids.map((id) => ({ from: clients, to: id }));
  return hold(ensemble.network, `requests to ${ids.join(', ')} are held back`, held, [], random);
}

/** The servers carry out requests, but the clients do not receive the replies. */
function clientsUnanswered({ ensemble, random }: Scene): Fault {
  const ids = random.sample(ensemble.ids, random.between(1, ensemble.majority));
  const held = ids.map((id) => ({ from: id, to: clients }));
  return hold(ensemble.network, `replies of ${ids.join(', ')} are held back`, held, [], random);
}

function clientsReset({ ensemble, random }: Scene): Fault {
  const ids = random.sample(ensemble.ids, random.between(1, ensemble.ids.length));
  return {
    what: `connections of clients with ${ids.join(', ')} are reset`,
    members: [],
    begin() {
      for (const id of ids) ensemble.network.reset(clients, id);
    },
    end: () => undefined,
  };
}

function both(one: Party, other: Party): Direction[] {
  return [
    { from: one, to: other },
    { from: other, to: one },
  ];
}
