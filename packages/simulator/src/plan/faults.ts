import { pick } from '@nodekeeper/server/testing';
import type { Ensemble } from '../ensemble.js';
import { type Moment, moments, synchronisation } from '../servers/moments.js';
import type { Server } from '../servers/server.js';
import { abandonSynchronisation } from './abandoned-synchronisation.js';
import { leaveHole } from './hole-in-the-logs.js';
import { leaveLonelyProposal } from './lonely-proposal.js';
import { loseSnapshots } from './lost-snapshots.js';
import { programFaultTable } from './program-faults.js';

/**
 * The server that a fault hits, selected by its role when the fault happens. `self` is the server at which the awaited
 * event happened.
 */
type Target = 'leader' | 'follower' | 'any' | 'self';

export interface Fault {
  /** The number of the fault. `--drop` names a fault by `f` and this number. */
  readonly id: number;
  readonly kind: FaultKind;
  readonly target: Target;
  /**
   * The time of the fault. If there is a `moment`, the fault waits for the `nth` occurrence of the moment after this
   * time.
   */
  readonly ms: number;
  readonly moment: Moment | undefined;
  readonly nth: number;
  readonly durationMs: number;
  /** A random number in [0, 1), from which the kind of fault derives its other choices. */
  readonly draw: number;
}

export interface FaultRow {
  readonly weight: number;
  readonly longestMs: number;
  readonly happen: (ensemble: Ensemble, server: Server, fault: Fault) => void;
}

const others = (ensemble: Ensemble, server: Server) => ensemble.servers.filter((each) => each !== server);
const chosen = <T>(items: readonly T[], draw: number): T => items[Math.floor(draw * items.length)]!;

/** Crashes the server after this many more disk operations. */
function crashAtStep(server: Server, steps: number): void {
  server.disk.crashAtStep = server.disk.steps + steps;
}

/** Raises the server's acceptedEpoch, as if it had accepted epochs of candidates that no quorum ever followed. */
function promiseLater({ disk }: Server, epochs: number): void {
  const path = '/data/version-2/acceptedEpoch';
  if (disk.exists(path)) disk.place(path, Buffer.from(String(Number(disk.contentOf(path).toString()) + epochs)));
}

/** Every kind of fault: how often the kind is drawn, its maximum duration, and its effect. */
const faultTable = {
  powerFailure: {
    weight: 10,
    longestMs: 3000,
    happen: (ensemble, server, { durationMs }) => {
      ensemble.returnsAfter(server, durationMs);
      server.powerFails();
    },
  },
  crashAtDiskStep: {
    weight: 14,
    longestMs: 3000,
    happen: (ensemble, server, { durationMs, draw }) => {
      ensemble.returnsAfter(server, durationMs);
      crashAtStep(server, 1 + Math.floor(draw * draw * 40));
    },
  },
  kill: {
    weight: 8,
    longestMs: 2000,
    happen: (ensemble, server, { durationMs }) => {
      ensemble.returnsAfter(server, durationMs);
      server.kill();
    },
  },
  stop: {
    weight: 6,
    longestMs: 3000,
    happen: (ensemble, server, { durationMs }) => {
      ensemble.returnsAfter(server, durationMs);
      server.stop();
    },
  },
  doubleRestart: {
    weight: 6,
    longestMs: 400,
    happen: (ensemble, server, { durationMs, draw }) => {
      ensemble.returnsAfter(server, durationMs, () => {
        ensemble.returnsAfter(server, durationMs * 3);
        crashAtStep(server, 1 + Math.floor(draw * 30));
      });
      server.powerFails();
    },
  },
  powerFailureOfAll: {
    weight: 4,
    longestMs: 2000,
    happen: (ensemble, _server, { durationMs, draw }) => {
      for (const [index, server] of ensemble.servers.entries()) {
        // each server has a different delay, so one server may start much later, or before all others
        ensemble.returnsAfter(server, durationMs * ((draw * (index + 3)) % 1));
        server.powerFails();
      }
    },
  },
  powerFailureOfMost: {
    weight: 5,
    longestMs: 3000,
    happen: (ensemble, server, { durationMs, draw }) => {
      for (const [index, each] of others(ensemble, server).entries()) {
        ensemble.returnsAfter(each, durationMs * ((draw * (index + 2)) % 1));
        each.powerFails();
      }
    },
  },
  longAbsence: {
    weight: 6,
    longestMs: 10_000,
    happen: (ensemble, server, fault) => {
      if (fault.draw > 0.7) return loseSnapshots(ensemble, server, fault);
      ensemble.returnsAfter(server, fault.durationMs);
      if (fault.draw < 0.5) server.powerFails();
      else server.stop();
    },
  },
  pause: {
    weight: 8,
    longestMs: 4000,
    happen: (_ensemble, server, { durationMs }) => server.process.pause(durationMs),
  },
  pauseOfLeader: {
    weight: 8,
    longestMs: 2500,
    // the pause is long enough for the other servers to elect another leader before this leader resumes
    happen: (ensemble, server, { durationMs }) => {
      const leader = ensemble.servers.find((each) => each.isLeading) ?? server;
      leader.process.pause(1200 + durationMs);
    },
  },
  isolate: {
    weight: 10,
    longestMs: 4000,
    happen: (ensemble, server, { durationMs, draw }) => {
      // in most cases, clients can still reach the server
      const names = others(ensemble, server).map(({ name }) => name);
      if (draw < 0.4) names.push(...ensemble.clients.map(({ name }) => name));
      for (const name of names) {
        ensemble.network.cut(server.name, name, durationMs);
        ensemble.network.cut(name, server.name, durationMs);
      }
    },
  },
  lonelyLeader: {
    weight: 12,
    longestMs: 4000,
    // Clients still reach the leader, so it logs proposals that no other server has. If it must truncate them later,
    // its disk may fail.
    happen: (ensemble, server, { durationMs, draw }) => {
      const leader = ensemble.servers.find((each) => each.isLeading) ?? server;
      for (const { name } of others(ensemble, leader)) {
        ensemble.network.cut(leader.name, name, 1200 + durationMs);
        ensemble.network.cut(name, leader.name, 1200 + durationMs);
      }
      if (draw < 0.3) leader.disk.trouble.failsToCut = 1;
    },
  },
  deadLeader: {
    weight: 12,
    longestMs: 600,
    // Only the leader's disk has its last proposal. The leader may start again before the next leader has proposed
    // anything.
    happen: (ensemble, server, { durationMs, draw }) => {
      const leader = ensemble.servers.find((each) => each.isLeading) ?? server;
      const rest = others(ensemble, leader);
      const awaitsNext = draw < 0.6;
      leaveLonelyProposal(ensemble, leader, rest, () => {
        ensemble.returnsAfter(leader, awaitsNext ? 3000 : durationMs);
        leader.kill();
        if (awaitsNext) for (const each of rest) ensemble.whenNext(each, 'leading', () => leader.start());
        if (draw < 0.3) leader.disk.trouble.failsToCut = 1;
      });
    },
  },
  laterPromise: {
    weight: 4,
    longestMs: 1500,
    happen: (ensemble, server, { durationMs, draw }) => {
      ensemble.returnsAfter(server, durationMs, () => promiseLater(server, 1 + Math.floor(draw * 4)));
      server.powerFails();
    },
  },
  abandonedSynchronisation: { weight: 3, longestMs: 1500, happen: abandonSynchronisation },
  holeInTheLogs: { weight: 2, longestMs: 1500, happen: leaveHole },
  oneWayCut: {
    weight: 6,
    longestMs: 4000,
    happen: (ensemble, server, { durationMs, draw }) => {
      for (const [index, { name }] of others(ensemble, server).entries()) {
        if ((draw * (index + 2)) % 1 < 0.3) continue;
        if (draw < 0.5) ensemble.network.cut(server.name, name, durationMs);
        else ensemble.network.cut(name, server.name, durationMs);
      }
    },
  },
  partition: {
    weight: 6,
    longestMs: 5000,
    happen: (ensemble, _server, { durationMs, draw }) => {
      const side = (index: number) => (draw * (index + 2) * 7) % 1 < 0.5;
      for (const [i, one] of ensemble.servers.entries()) {
        for (const [j, other] of ensemble.servers.entries()) {
          if (i !== j && side(i) !== side(j)) ensemble.network.cut(one.name, other.name, durationMs);
        }
      }
    },
  },
  cutOfOneLink: {
    weight: 5,
    longestMs: 5000,
    happen: (ensemble, server, { durationMs, draw }) => {
      const other = chosen(others(ensemble, server), draw);
      if (other === undefined) return;
      ensemble.network.cut(server.name, other.name, durationMs);
      ensemble.network.cut(other.name, server.name, durationMs);
    },
  },
  reset: {
    weight: 8,
    longestMs: 0,
    happen: (ensemble, server, { draw }) => {
      for (const [index, { name }] of others(ensemble, server).entries()) {
        if ((draw * (index + 3)) % 1 < 0.6) ensemble.network.reset(server.name, name, draw < 0.7 ? 'both' : 'first');
      }
    },
  },
  resetOfClients: {
    weight: 5,
    longestMs: 0,
    happen: (ensemble, server, { draw }) => {
      for (const { name } of ensemble.clients) ensemble.network.reset(server.name, name, draw < 0.5 ? 'both' : 'first');
    },
  },
  cutOfClient: {
    weight: 8,
    longestMs: 10_000,
    // cuts the client off from all servers or some of them, in one direction or in both
    happen: ({ network, clients, servers }, _server, { durationMs, draw }) => {
      const client = chosen(clients, (draw * 1009) % 1);
      if (client === undefined) return;
      for (const [index, { name }] of servers.entries()) {
        if ((draw * (index + 2)) % 1 < 0.2) continue;
        if (draw < 0.7) network.cut(name, client.name, durationMs);
        if (draw > 0.3) network.cut(client.name, name, durationMs);
      }
    },
  },
  pauseOfClient: {
    weight: 4,
    longestMs: 5000,
    happen: ({ clients }, _server, { durationMs, draw }) => chosen(clients, draw)?.process.pause(durationMs),
  },
  lag: {
    weight: 9,
    longestMs: 8000,
    happen: (ensemble, server, { durationMs, draw }) => {
      for (const { name } of others(ensemble, server)) {
        if (draw < 0.7) ensemble.network.lag(name, server.name, 20 + draw * 500, durationMs);
        if (draw > 0.3) ensemble.network.lag(server.name, name, 20 + draw * 500, durationMs);
      }
    },
  },
  slowDisk: {
    weight: 5,
    longestMs: 6000,
    happen: (ensemble, { disk }, { durationMs, draw }) => {
      disk.trouble.slowUntilMs = ensemble.world.nowMs + durationMs;
      disk.trouble.slowFactor = 5 + draw * 200;
    },
  },
  hungDisk: {
    weight: 8,
    longestMs: 6000,
    // the disk hangs for longer than a leader waits for a follower
    happen: (_ensemble, { disk }, { durationMs }) => disk.hang(3500 + durationMs),
  },
  fullDisk: {
    weight: 4,
    longestMs: 3000,
    happen: (ensemble, { disk }, { durationMs }) => {
      disk.trouble.fullUntilMs = ensemble.world.nowMs + durationMs;
    },
  },
  diskError: {
    weight: 4,
    longestMs: 0,
    happen: (_ensemble, { disk }, { draw }) => {
      disk.trouble.errorsLeft = 1 + Math.floor(draw * 2);
    },
  },
  stranger: {
    weight: 6,
    longestMs: 0,
    happen: (ensemble, server, { draw }) => {
      // the stranger prefers the id of a server that is down, because that server cannot object
      const { servers } = ensemble;
      const hearer = server.state === 'up' ? server : (servers.find(({ state }) => state === 'up') ?? server);
      const members = others(ensemble, hearer);
      const absent = members.filter(({ state }) => state === 'down');
      const posed = chosen(absent.length > 0 ? absent : members, (draw * 1009) % 1);
      if (posed !== undefined) ensemble.stranger.attack(hearer, posed.setting.id, draw);
    },
  },
  nonsenseProposal: {
    weight: 3,
    longestMs: 0,
    happen: (ensemble, server, { draw }) => {
      const learner = chosen(others(ensemble, server), draw);
      if (learner !== undefined) ensemble.nonsense.dueFor(learner.name);
    },
  },
  wallClockJump: {
    weight: 2,
    longestMs: 0,
    happen: (_ensemble, { process }, { draw }) => {
      process.wallOffsetMs += Math.floor((draw - 0.5) * 7_200_000);
    },
  },
} as const satisfies Record<string, FaultRow>;

export type FaultKind = keyof typeof faultTable | keyof typeof programFaultTable;

const rows: Readonly<Record<FaultKind, FaultRow>> = { ...faultTable, ...programFaultTable };
/** The faults of every run. */
export const commonKinds = Object.keys(faultTable) as FaultKind[];
/** The faults of the programs that use a recipe. */
export const programKinds = Object.keys(programFaultTable) as FaultKind[];

export function faultRow(kind: FaultKind): FaultRow {
  return rows[kind];
}

/**
 * The events that faults wait for. Events of synchronisation are listed three times, because faults most often have an
 * effect during a synchronisation.
 */
const favourites: readonly Moment[] = [...moments, ...synchronisation, ...synchronisation];
/**
 * The roles of the servers that faults hit. The leader is listed twice, because faults of a leader have the most
 * effect.
 */
const targets: readonly Target[] = ['leader', 'leader', 'follower', 'any'];

/** Draws the faults of a run. Their numbers start with `firstId`. */
export function drawFaults(
  random: () => number,
  count: number,
  untilMs: number,
  kinds = commonKinds,
  firstId = 0,
): Fault[] {
  // the weights are random for each run, so that some runs repeat one kind of fault often
  const favour = new Map(kinds.map((kind) => [kind, faultRow(kind).weight * (random() < 0.4 ? random() : 2)]));
  return Array.from({ length: count }, (_, index) => {
    const kind = weighted(random, favour);
    const moment = random() < 0.6 ? pick(random, favourites) : undefined;
    return {
      id: firstId + index,
      kind,
      moment,
      target: moment !== undefined && random() < 0.6 ? 'self' : pick(random, targets),
      // a fault that waits for an event begins to wait early on average, to leave time for the event
      ms: random() * untilMs * (moment === undefined ? 1 : random()),
      nth: 1 + Math.floor(random() * random() * 6),
      durationMs: Math.round(random() * random() * faultRow(kind).longestMs),
      draw: random(),
    };
  });
}

function weighted(random: () => number, weights: ReadonlyMap<FaultKind, number>): FaultKind {
  let left = random() * [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return pick(random, [...weights.keys()]);
}

export function describeFault({ id, kind, target, ms, moment, nth, durationMs }: Fault): string {
  const when = moment === undefined ? '' : `, at the ${nth}. "${moment}" after that`;
  return `f${id} ${kind} of ${target} at ${ms.toFixed(0)} ms${when}, for ${durationMs} ms`;
}
